"""Papers in any number, put together from the halves of real ones: what fills a large catalogue."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from index.arxiv.paper import Paper, Version
from ingest.snapshot.records import read_snapshot

_A_MONTH = 99_999  # identifiers that arXiv's scheme has room for
_FIRST_YEAR, _YEARS = 15, 85
MAX_PAPERS = _A_MONTH * 12 * _YEARS


def real_papers(snapshots: Iterable[Path]) -> list[Paper]:
    """The papers of snapshots whose abstract can be halved."""
    records = (line.record for path in snapshots for line in read_snapshot(path))
    return [one for one in records if isinstance(one, Paper) and " " in one.abstract]


def made_id(place: int) -> str:
    """The identifier of the made paper at a place, counted from 0; it rises with the place."""
    month, within = divmod(place, _A_MONTH)
    year, month = divmod(month, 12)
    return f"{_FIRST_YEAR + year}{month + 1:02}.{within + 1:05}"


def made_papers(real: Sequence[Paper], start: int, stop: int) -> Iterator[Paper]:
    """The papers at places from `start` up to `stop`; what stands at a place is always the same.

    Each has the first half of one real paper's title and abstract and the second of another's, so
    that lengths are real and texts differ; the rest is the first one's.
    """
    for place in range(start, stop):
        one, other = np.random.default_rng(place).integers(0, len(real), 2).tolist()
        paper, added = real[one], real[other]
        submitted = paper.submitted or date(2020, 1, 1)
        yield replace(
            paper,
            id=made_id(place),
            title=_halves(paper.title, added.title),
            abstract=_halves(paper.abstract, added.abstract),
            submitted=submitted,
            version=1,
            versions=(Version(1, submitted),),
        )


def revised(paper: Paper, place: int) -> Paper:
    """The next version of a paper, with a text that it never had."""
    version = (paper.version or 0) + 1
    created = paper.updated or date(2020, 1, 1)
    return replace(
        paper,
        title=f"{paper.title} {place}",
        version=version,
        versions=(*paper.versions, Version(version, created)),
    )


def _halves(one: str, other: str) -> str:
    return f"{one[: _middle(one)]} {other[_middle(other) :].lstrip()}".strip()


def _middle(text: str) -> int:
    """Where the first word ends that reaches a text's middle; its end where there is none."""
    blank = text.find(" ", len(text) // 2)
    return len(text) if blank < 0 else blank
