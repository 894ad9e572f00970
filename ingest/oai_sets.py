"""OAI sets by category, `group:archive:CATEGORY`: which papers belong to one.

Source: arXiv/oaipmh; the shorter spellings (`cs`, `physics:hep-th`) are still valid there.
"""

from collections.abc import Sequence

_PHYSICS = frozenset(
    "astro-ph cond-mat gr-qc hep-ex hep-lat hep-ph hep-th math-ph nlin nucl-ex nucl-th physics "
    "quant-ph".split()
)


def belongs(categories: Sequence[str], selection: str) -> bool:
    """Whether a paper with these categories is in a set; every paper is in ""."""
    return not selection or any(_in_set(category, selection) for category in categories)


def _in_set(category: str, selection: str) -> bool:
    archive, _, subject = category.partition(".")
    group = "physics" if archive in _PHYSICS else archive
    path = [group, archive, subject] if subject else [group, archive]
    wanted = selection.split(":")
    return path[: len(wanted)] == wanted
