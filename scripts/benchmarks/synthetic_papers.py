"""Synthetic papers in any number, made from the halves of real ones, to fill a large catalogue."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from index.arxiv.paper import Paper, Version
from ingest.snapshot.records import snapshot_papers

_IDS_PER_MONTH = 99_999  # the maximum of arXiv's five-digit numbering
_FIRST_YEAR, _YEARS = 15, 75  # the numbers 91 to 99 are of the years before 2000
MAX_PAPERS = _IDS_PER_MONTH * 12 * _YEARS


def real_papers(snapshots: Iterable[Path]) -> list[Paper]:
    """Return the papers of the snapshots whose abstract has at least two words."""
    return [paper for paper in snapshot_papers(snapshots) if " " in paper.abstract]


def synthetic_id(place: int) -> str:
    """Return the identifier of the synthetic paper at a place (from 0). It rises with the place."""
    month, within = divmod(place, _IDS_PER_MONTH)
    year, month = divmod(month, 12)
    return f"{_FIRST_YEAR + year}{month + 1:02}.{within + 1:05}"


def synthetic_papers(real: Sequence[Paper], start: int, stop: int) -> Iterator[Paper]:
    """Yield the papers at the places from `start` up to `stop`, without `stop`.

    Title and abstract consist of the first half of one real paper's and the second half of
    another's. Lengths are therefore realistic, and texts differ. Everything else comes from the
    first paper. The paper at a place is the same in every run.
    """
    for place in range(start, stop):
        first, second = np.random.default_rng(place).integers(0, len(real), 2).tolist()
        paper, other = real[first], real[second]
        submitted = paper.submitted or date(2020, 1, 1)
        yield replace(
            paper,
            id=synthetic_id(place),
            title=_join_halves(paper.title, other.title),
            abstract=_join_halves(paper.abstract, other.abstract),
            submitted=submitted,
            version=1,
            versions=(Version(1, submitted),),
        )


def revised(paper: Paper, mark: int) -> Paper:
    """Return the next version of a paper. `mark` is added to the title to make the text new."""
    version = (paper.version or 0) + 1
    created = paper.updated or date(2020, 1, 1)
    return replace(
        paper,
        title=f"{paper.title} {mark}",
        version=version,
        versions=(*paper.versions, Version(version, created)),
    )


def _join_halves(first: str, second: str) -> str:
    return f"{first[: _middle(first)]} {second[_middle(second) :].lstrip()}".strip()


def _middle(text: str) -> int:
    """Return the position of the first space in the second half, or the length if it has none."""
    blank = text.find(" ", len(text) // 2)
    return len(text) if blank < 0 else blank
