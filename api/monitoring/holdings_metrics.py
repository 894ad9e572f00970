"""What the catalogue and the release in use say of themselves, in Prometheus' form."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from api.service import ReadSession, Service
from index.errors import SeeAlsoError


class Holdings(Collector):
    """Reads the catalogue whenever it is asked; `seealso_ready` is 0 where it cannot."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterable[Metric]:
        """Every measure, also where nothing is known of it."""
        try:
            with self._service.open_session() as session:
                found = [*_freshness(session), *_counts(session)]
        except SeeAlsoError:
            found = []
        ready = "Whether there is a catalogue and a release to answer from"
        return [GaugeMetricFamily("seealso_ready", ready, value=float(bool(found))), *found]


def _freshness(session: ReadSession) -> Iterator[Metric]:
    meta = session.meta
    manifest = session.release.manifest
    info = InfoMetricFamily("seealso_index_release", "The release in use")
    info.add_metric([], {"release": meta.release, "model": meta.model, "search": manifest.kind})
    yield info
    yield _gauge("seealso_index_vectors", "Papers that lists can name", meta.papers)
    yield _gauge(
        "seealso_last_successful_harvest_timestamp_seconds",
        "When papers last came in without an error",
        _moment(datetime.fromisoformat(meta.harvested_at)) if meta.harvested_at else None,
    )
    newest = meta.newest_announcement
    yield _gauge(
        "seealso_newest_announcement_timestamp_seconds",
        "The newest day of any paper held, at its midnight in UTC",
        _moment(_midnight(newest)) if newest else None,
    )
    yield _gauge(
        "seealso_next_announcement_timestamp_seconds",
        "When the first announcement that is not held is or was due",
        _moment(meta.next_announcement) if meta.next_announcement else None,
    )
    yield _gauge("seealso_stale", "Whether a due announcement was not harvested", meta.stale)
    yield _gauge("seealso_gaps", "Days and stretches that are known to be missing", meta.gaps)


def _counts(session: ReadSession) -> Iterator[Metric]:
    records = CounterMetricFamily(
        "seealso_harvest_records", "Records taken in by all runs", labels=["kind"]
    )
    for kind, count in session.catalogue.runs.ingest_totals().items():
        records.add_metric([kind], count)
    judged = CounterMetricFamily(
        "seealso_tag_judgements", "Papers judged by the tagger in all runs", labels=["taxonomy"]
    )
    abstained = CounterMetricFamily(
        "seealso_tag_abstentions", "Those of them that got no tag", labels=["taxonomy"]
    )
    for taxonomy, (papers, without) in session.catalogue.taggings.totals().items():
        judged.add_metric([taxonomy], papers)
        abstained.add_metric([taxonomy], without)
    yield from (records, judged, abstained)


def _gauge(name: str, told: str, value: float | None) -> Metric:
    family = GaugeMetricFamily(name, told)
    if value is not None:
        family.add_metric([], float(value))
    return family


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _moment(at: datetime) -> float:
    return at.timestamp()
