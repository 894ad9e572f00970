"""How fresh what is held here is: said with every list."""

from dataclasses import dataclass
from datetime import date

from index.catalogue import Catalogue
from index.release import Release


@dataclass(frozen=True, slots=True)
class Meta:
    """What an answer rests on.

    `harvested_at` is when papers last came in, `newest_announcement` the latest day of any paper
    held. `stale` is None while no source is followed night by night: nothing can be late then.
    """

    release: str
    papers: int
    model: str
    harvested_at: str | None
    newest_announcement: date | None
    stale: bool | None


def meta_of(catalogue: Catalogue, release: Release) -> Meta:
    """The meta of an answer from this release."""
    last = catalogue.runs.last("ingest", outcome="done")
    return Meta(
        release=release.manifest.name,
        papers=release.manifest.papers,
        model=str(release.manifest.identity),
        harvested_at=last.finished if last else None,
        newest_announcement=catalogue.newest_day(),
        stale=None,
    )
