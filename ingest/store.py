"""The first step of every paper's way: normalised papers into the catalogue, with a run record."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field

from index.catalogue import Catalogue
from index.errors import BadInput, SeeAlsoError
from index.paper import Paper
from ingest.snapshot import Rejected


@dataclass(slots=True)
class IngestReport:
    """What one ingestion did; `rejected` lists the records that hold no paper."""

    new: int = 0
    replaced: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: list[Rejected] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.new} new, {self.replaced} replaced, {self.changed} changed, "
            f"{self.unchanged} unchanged, {len(self.rejected)} left out"
        )


def ingest(
    catalogue: Catalogue, source: str, selection: str, records: Iterable[Paper | Rejected]
) -> IngestReport:
    """Store what a source yields; the run's record says how it went.

    Where the source fails half-way, what it gave before is stored, then its error is raised.
    Raises BadInput for a source without a single paper.
    """
    rejected: list[Rejected] = []
    failures: list[SeeAlsoError] = []

    def papers() -> Iterator[Paper]:
        try:
            for record in records:
                if isinstance(record, Rejected):
                    rejected.append(record)
                else:
                    yield record
        except SeeAlsoError as error:
            failures.append(error)

    run = catalogue.runs.start(f"ingest {source}")
    counts = asdict(catalogue.store(papers()))
    if not failures and not sum(counts.values()):
        reason = f"; line {rejected[0].line}: {rejected[0].reason}" if rejected else ""
        failures.append(BadInput(f"{selection} holds no paper{reason}"))
    outcome = str(failures[0]) if failures else "done"
    catalogue.runs.finish(run, outcome, {**counts, "rejected": len(rejected)})
    if failures:
        raise failures[0]
    catalogue.runs.follow(source, selection)
    return IngestReport(**counts, rejected=rejected)
