"""Metrics at /metrics: those that docs/metrics.md lists, correct, and without ids in labels."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from index.releases.folder import current_name
from tests.conftest import SURVEY
from tests.support.client import RELATED, open_client
from tests.support.processes import served

ROOT = Path(__file__).parents[3]
DURATIONS = "seealso_http_request_duration_seconds"


@pytest.fixture
def client(built_data: Path) -> Iterator[TestClient]:
    with open_client(built_data) as client:
        yield client


def families(text: str) -> dict[str, Metric]:
    """Return metric families by the name of their samples."""
    metrics = {}
    for family in text_string_to_metric_families(text):
        ends = {"counter": "_total", "info": "_info"}
        metrics[family.name + ends.get(family.type, "")] = family
    return metrics


def scrape(client: TestClient) -> dict[str, Metric]:
    response = client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=")
    return families(response.text)


def value(metrics: dict[str, Metric], name: str, **labels: str) -> float:
    samples = metrics[name].samples
    (sample_value,) = (one.value for one in samples if one.name == name and one.labels == labels)
    return sample_value


def documented() -> dict[str, tuple[str, set[str]]]:
    """Return kind and labels of each metric in the table of docs/metrics.md."""
    rows = re.findall(
        r"^\| `(seealso_\w+)` \| (\w+) \| (.*?) ?\|", (ROOT / "docs/metrics.md").read_text(), re.M
    )
    return {name: (kind, set(re.findall(r"`(\w+)`", labels))) for name, kind, labels in rows}


def test_the_table_names_every_metric_its_kind_and_its_labels(client: TestClient) -> None:
    client.get(RELATED)
    exposed = {}
    for name, family in scrape(client).items():
        labels = {label for sample in family.samples for label in sample.labels} - {"le"}
        exposed[name] = (family.type, labels)
    assert documented() == exposed


@pytest.mark.process
def test_several_workers_expose_the_same(built_data: Path) -> None:
    with served(built_data, "serve", "--workers", "2") as server:
        server.client.get(RELATED)
        metrics = families(server.client.get("/metrics").text)
    assert documented().keys() == metrics.keys()


def test_the_dashboard_uses_existing_metrics_only(client: TestClient) -> None:
    client.get(RELATED)
    samples = {one.name for family in scrape(client).values() for one in family.samples}
    dashboard = json.loads((ROOT / "scripts/grafana.json").read_text())
    expressions = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    used = {name for text in expressions for name in re.findall(r"seealso_\w+", text)}
    without_a_sample = set(
        documented()
    )  # metrics without a value for a catalogue without a harvest scope
    assert used <= samples | without_a_sample
    assert {name.removesuffix("_bucket").removesuffix("_count") for name in used} == set(
        documented()
    )
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])


def test_requests_are_measured_by_template_and_class(client: TestClient) -> None:
    client.get(RELATED)
    client.get(RELATED, headers={"If-None-Match": client.get(RELATED).headers["etag"]})
    client.get("/v1/papers/2401.99999")
    client.head(f"/v1/papers/{SURVEY}")
    client.get("/nothing/at/all")
    client.request("BREW", "/nothing")
    metrics = scrape(client)

    def count(route: str, method: str, status: str) -> float:
        samples = metrics[DURATIONS].samples
        labels = {"route": route, "method": method, "status": status}
        named = f"{DURATIONS}_count"
        return sum(one.value for one in samples if one.name == named and one.labels == labels)

    assert count("/v1/papers/{paper_id:path}/related", "GET", "2xx") == 2
    assert count("/v1/papers/{paper_id:path}", "GET", "4xx") == 1
    assert count("/v1/papers/{paper_id:path}", "HEAD", "2xx") == 1
    assert count("none", "GET", "3xx") == 1
    assert count("none", "GET", "4xx") == 1
    assert count("none", "other", "4xx") == 1
    labels = {text for one in metrics[DURATIONS].samples for text in one.labels.values()}
    assert not [text for text in labels if SURVEY in text or "2401.99999" in text]


def test_metrics_of_the_catalogue_are_correct(client: TestClient, built_data: Path) -> None:
    metrics = scrape(client)
    status = client.get("/v1/status").json()
    assert value(metrics, "seealso_ready") == 1
    assert value(metrics, "seealso_index_vectors") == status["released"]
    (info,) = metrics["seealso_index_release_info"].samples
    assert info.labels["release"] == current_name(built_data)
    taken = status["last_ingest"]["counts"]
    for kind in ("new", "unchanged", "rejected"):
        assert value(metrics, "seealso_harvest_records_total", kind=kind) == taken[kind]
    last = status["tagging"][0]["last"]
    of = {"taxonomy": last["taxonomy"]}
    assert value(metrics, "seealso_tag_judgements_total", **of) == last["judged"]
    assert value(metrics, "seealso_tag_abstentions_total", **of) == last["abstained"]
    assert value(metrics, "seealso_last_successful_harvest_timestamp_seconds") > 1_700_000_000
    assert value(metrics, "seealso_newest_announcement_timestamp_seconds") % 86_400 == 0
    assert metrics["seealso_stale"].samples == []


def test_metrics_without_data(tmp_path: Path) -> None:
    with open_client(tmp_path) as client:
        metrics = scrape(client)
    assert value(metrics, "seealso_ready") == 0
    assert "seealso_index_vectors" not in metrics
