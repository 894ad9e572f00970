"""Intake: the first step for every paper. Stores normalised papers in the catalogue, in batches."""

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

Record = Paper | RejectedRecord
_T = TypeVar("_T")


class Intake:
    """Stores the records of one source and counts the changes that they made.

    `source` names the reader that parses rejected records again later. `changes` counts papers by
    kind of change, `rejected` lists the records that could not be parsed. `skipped` counts the
    papers outside the harvest scope, which its user did not store.

        intake = Intake(catalogue, "snapshot")
        intake.store([paper, another_paper])
        print(intake)  # 2 new
    """

    def __init__(self, catalogue: Catalogue, source: str) -> None:
        self._catalogue = catalogue
        self._source = source
        self.changes: Counter[Change] = Counter()
        self.rejected: list[RejectedRecord] = []
        self.skipped = 0

    def store(self, records: Iterable[Record], *notes: Callable[[], object]) -> None:
        """Store records and call `notes` in one transaction; count the records after the commit.

        A note writes what must not be stored without the records, such as a checkpoint.
        """
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
        """The counts for the record of a run."""
        counts: dict[str, int] = {kind: self.changes[kind] for kind in Change}
        counts["rejected"] = len(self.rejected)
        if self.skipped:
            counts["skipped"] = self.skipped
        return counts

    def __str__(self) -> str:
        return format_counts(self.counts)


def format_counts(counts: Mapping[str, int]) -> str:
    """Return the counts that are not zero as text: "20 new, 1 rejected"."""
    named = [f"{count} {name.replace('_', '-')}" for name, count in counts.items() if count]
    return ", ".join(named) or "no record"


@contextmanager
def recorded_intake(catalogue: Catalogue, source: str, kind: str) -> Iterator[Intake]:
    """Yield an intake; record its counts and outcome, also a failure, as a run of this kind."""
    run = catalogue.runs.start(kind)
    intake = Intake(catalogue, source)
    try:
        yield intake
    except SeeAlsoError as error:
        catalogue.runs.finish(run, str(error), intake.counts)
        raise
    catalogue.runs.finish(run, "done", intake.counts)


def ingest_papers(
    catalogue: Catalogue, source: str, selection: str, papers: Iterable[Record]
) -> Intake:
    """Store the papers that a source yields; if the source fails, those before are stored.

    Raises the source's error, and BadInput if the source yields no paper.
    """
    with recorded_intake(catalogue, source, f"ingest {source}") as intake:
        for batch in batches(papers):
            intake.store(batch)
        if not intake.changes and not intake.rejected:
            raise BadInput(f"{selection} contains no paper")
        catalogue.runs.add_scope(source, selection)
    return intake


def batches(records: Iterable[_T], size: int = _BATCH) -> Iterator[list[_T]]:
    """Yield records in lists; if the source fails, yield the last list first, then raise."""
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


_PARSING_CODE = (
    _INGEST / "snapshot" / "records.py",
    _INGEST / "oai" / "records.py",
    _INGEST / "arxiv" / "query_api.py",
    _INGEST / "author_names.py",
    _INGEST / "bounds.py",
    _INGEST / "dates.py",
    _INGEST / "reading.py",
    _INDEX / "arxiv" / "date_precision.py",
    _INDEX / "arxiv" / "identifier.py",
    _INDEX / "arxiv" / "name_parts.py",
    _INDEX / "arxiv" / "paper.py",
    _INDEX / "arxiv" / "withdrawal" / "cleaning.py",
    _INDEX / "arxiv" / "withdrawal" / "decision.py",
    _INDEX / "arxiv" / "withdrawal" / "words.py",
    _INDEX / "arxiv" / "tex" / "tables.py",
    _INDEX / "arxiv" / "tex" / "text.py",
    _INDEX / "arxiv" / "tex" / "tokens.py",
)


READER = hashlib.sha256(b"".join(file.read_bytes() for file in _PARSING_CODE)).hexdigest()[:12]
"""Version of the code that parses records; a change of it makes rejected records parsed again."""
