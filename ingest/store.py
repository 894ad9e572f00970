"""The first step of every paper's way: normalised papers into the catalogue, with a run record."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field

from index.catalogue import Catalogue
from index.errors import SeeAlsoError
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
    """Store what a source yields; the run's record says how it went, whatever happens."""
    report = IngestReport()

    def papers() -> Iterator[Paper]:
        for record in records:
            if isinstance(record, Rejected):
                report.rejected.append(record)
            else:
                yield record

    run = catalogue.runs.start(f"ingest {source}")
    try:
        counts = catalogue.store(papers())
    except SeeAlsoError as error:
        catalogue.runs.finish(run, str(error), {"rejected": len(report.rejected)})
        raise
    catalogue.runs.follow(source, selection)
    catalogue.runs.finish(run, "done", {**asdict(counts), "rejected": len(report.rejected)})
    return IngestReport(**asdict(counts), rejected=report.rejected)
