"""Prometheus metrics of the catalogue and the release in use."""

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
from index.health.embedding import EmbeddingState
from index.health.run_state import running_embedding

# Names of metrics with the fields of `EmbeddingState`.
_EMBEDDING = (
    ("papers", "papers", "Papers of the catalogue"),
    ("embedded_papers", "embedded", "Papers that have a vector"),
    ("papers_per_second", "rate", "Papers embedded a second"),
    ("left_seconds", "seconds_left", "Time until all papers are embedded"),
)


class Holdings(Collector):
    """Collects metrics from the catalogue on each scrape.

    `seealso_ready` is 0 if there is no catalogue or no release.
    """

    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterable[Metric]:
        """Yield each metric; some have no value."""
        try:
            with self._service.open_session() as session:
                metrics = [*_freshness(session), *_counts(session)]
        except SeeAlsoError:
            metrics = []
        metrics_of_run = _embedding(running_embedding(self._service.settings.data))
        ready = "Whether there are a catalogue and a release to serve"
        is_ready = GaugeMetricFamily("seealso_ready", ready, value=float(bool(metrics)))
        return [is_ready, *metrics, *metrics_of_run]


def _freshness(session: ReadSession) -> Iterator[Metric]:
    meta = session.meta
    manifest = session.release.manifest
    info = InfoMetricFamily("seealso_index_release", "The release in use")
    info.add_metric([], {"release": meta.release, "model": meta.model, "search": manifest.kind})
    yield info
    yield _gauge("seealso_index_vectors", "Papers that lists can contain", meta.papers)
    yield _gauge(
        "seealso_last_successful_harvest_timestamp_seconds",
        "When papers were last stored by a run without an error",
        _moment(datetime.fromisoformat(meta.harvested_at)) if meta.harvested_at else None,
    )
    newest = meta.newest_announcement
    yield _gauge(
        "seealso_newest_announcement_timestamp_seconds",
        "The newest date of any paper in the catalogue, at midnight UTC",
        _moment(_midnight(newest)) if newest else None,
    )
    yield _gauge(
        "seealso_next_announcement_timestamp_seconds",
        "When the first announcement that is not in the catalogue is or was due",
        _moment(meta.next_announcement) if meta.next_announcement else None,
    )
    yield _gauge(
        "seealso_stale", "Whether an announcement was due and has not been harvested", meta.stale
    )
    yield _gauge("seealso_gaps", "Days and ranges of identifiers known to be missing", meta.gaps)


def _counts(session: ReadSession) -> Iterator[Metric]:
    records = CounterMetricFamily(
        "seealso_harvest_records", "Records read by all runs", labels=["kind"]
    )
    for kind, count in session.catalogue.runs.ingest_totals().items():
        records.add_metric([kind], count)
    judged = CounterMetricFamily(
        "seealso_tag_judgements",
        "Papers that the tagger has judged in all recorded runs",
        labels=["taxonomy"],
    )
    abstained = CounterMetricFamily(
        "seealso_tag_abstentions", "Judged papers that got no tag", labels=["taxonomy"]
    )
    for taxonomy, (papers, without) in session.catalogue.taggings.totals().items():
        judged.add_metric([taxonomy], papers)
        abstained.add_metric([taxonomy], without)
    yield from (records, judged, abstained)


def _embedding(state: EmbeddingState | None) -> Iterator[Metric]:
    """Yield the progress of the run that embeds papers; without one the metrics have no value."""
    for name, field, description in _EMBEDDING:
        value = getattr(state, field) if state else None
        yield _gauge(f"seealso_embedding_{name}", description, value)


def _gauge(name: str, description: str, value: float | None) -> Metric:
    family = GaugeMetricFamily(name, description)
    if value is not None:
        family.add_metric([], float(value))
    return family


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _moment(at: datetime) -> float:
    return at.timestamp()
