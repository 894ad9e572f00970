"""Two papers and the identity of a fictitious model, for tests of storage."""

from dataclasses import replace
from datetime import date

from index.arxiv.paper import Paper, Version
from index.embedding.identity import ModelIdentity

IDENTITY = ModelIdentity("model", "0123", "mean", "recipe", 512, "f32", 4)
PAPER = Paper(
    id="2401.00001",
    title="Pruning Large Networks",
    abstract="One. Two. We propose three. Four improves by 5%.",
    authors=("Ä. Author", 'B. "Bee" Writer'),
    categories=("cs.LG", "cs.CL"),
    version=1,
    versions=(Version(1, date(2024, 1, 1)),),
    submitted=date(2024, 1, 1),
    updated=date(2024, 1, 1),
    license="http://creativecommons.org/licenses/by/4.0/",
    doi="10.1/1",
    journal_ref="J. 1",
    comment="8 pages",
)
OTHER = Paper(id="hep-th/9901001", title="Strings and networks", abstract="A large network.")


def second_version(**changes: object) -> Paper:
    """Return the second version of PAPER, with further changes."""
    later = replace(
        PAPER, version=2, versions=(Version(2, date(2024, 5, 1)),), updated=date(2024, 5, 1)
    )
    return replace(later, **changes)  # type: ignore[arg-type]
