"""The first step of every paper's way: normalised papers into the catalogue, batch by batch."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from index.arxiv.paper import Change, Paper
from index.catalogue.catalogue import Catalogue
from index.catalogue.rejections import RejectedRecord
from index.errors import BadInput, SeeAlsoError

_BATCH = 500

Progress = Callable[[str, int, int], None]
"""Told the name of a step, what is done of it, and its whole."""

Record = Paper | RejectedRecord
_T = TypeVar("_T")


class Intake:
    """Stores what one source gives and counts what became of it.

    `source` names the reader of its records, for those that are kept aside.
    """

    def __init__(self, catalogue: Catalogue, source: str) -> None:
        self._catalogue = catalogue
        self._source = source
        self.changes: Counter[Change] = Counter()
        self.rejected: list[RejectedRecord] = []

    def store(self, records: Iterable[Record], *notes: Callable[[], object]) -> None:
        """Store records and, in the same transaction, make the notes that go with them."""
        given = list(records)
        papers = [record for record in given if isinstance(record, Paper)]
        rejected = [record for record in given if isinstance(record, RejectedRecord)]
        with self._catalogue.atomic():
            changes = self._catalogue.store(papers)
            self._catalogue.rejections.drop(self._source, [paper.id for paper in papers])
            self._catalogue.rejections.keep(self._source, READER, rejected)
            for note in notes:
                note()
        self.changes += changes
        self.rejected += [RejectedRecord(one.key, one.reason, b"") for one in rejected]

    @property
    def counts(self) -> dict[str, int]:
        """The counts for a run's record."""
        return {**{kind: self.changes[kind] for kind in Change}, "rejected": len(self.rejected)}

    def __str__(self) -> str:
        return in_words(self.counts)


def in_words(counts: Mapping[str, int]) -> str:
    """What there was any of, as "20 new, 1 rejected"."""
    named = [f"{count} {name.replace('_', '-')}" for name, count in counts.items() if count]
    return ", ".join(named) or "no record"


@contextmanager
def ingesting(catalogue: Catalogue, source: str, kind: str) -> Iterator[Intake]:
    """An intake whose counts and end, good or bad, go into a run's record."""
    run = catalogue.runs.start(kind)
    intake = Intake(catalogue, source)
    try:
        yield intake
    except SeeAlsoError as error:
        catalogue.runs.finish(run, str(error), intake.counts)
        raise
    catalogue.runs.finish(run, "done", intake.counts)


def ingest_papers(
    catalogue: Catalogue, source: str, selection: str, papers: Iterable[Paper]
) -> Intake:
    """Store what a source yields. Where it fails half-way, what it gave before is stored.

    Raises the source's error, or BadInput for a source without a single paper.
    """
    with ingesting(catalogue, source, f"ingest {source}") as intake:
        for batch in batches(papers):
            intake.store(batch)
        if not intake.changes:
            raise BadInput(f"{selection} holds no paper")
        catalogue.runs.add_scope(source, selection)
    return intake


def batches(records: Iterable[_T], size: int = _BATCH) -> Iterator[list[_T]]:
    """What a source gives, in lists; the last one also where it ends by an error, raised then."""
    batch: list[_T] = []
    try:
        for record in records:
            batch.append(record)
            if len(batch) == size:
                yield batch
                batch = []
    except SeeAlsoError:
        yield batch
        raise
    yield batch


_INGEST, _INDEX = Path(__file__).parent, Path(__file__).parents[1] / "index"


_READING = (
    _INGEST / "snapshot" / "records.py",
    _INGEST / "oai" / "records.py",
    _INGEST / "author_names.py",
    _INGEST / "dates.py",
    _INDEX / "arxiv" / "identifier.py",
    _INDEX / "arxiv" / "paper.py",
    _INDEX / "arxiv" / "tex" / "text.py",
)


READER = hashlib.sha256(b"".join(file.read_bytes() for file in _READING)).hexdigest()[:12]
"""Changes with every change of what reads records, so that nobody has to remember it."""
