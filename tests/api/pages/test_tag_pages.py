"""Tag pages: trees with counts, and labels with their newest papers and papers per month."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient

from api.rendering.bar_chart import monthly_chart
from classifier.taxonomies.taxonomy import load_taxonomy
from scripts.cli.main import cli
from tests.api.pages.test_pages import BROWSER, Page, assert_harmless, page
from tests.support.client import get_json, open_client
from tests.support.data_folders import copy_data
from tests.support.snapshots import record, snapshot_of

SURVEY = load_taxonomy()
LABEL_PAGE = f"/tags/{SURVEY.name}/model-compression"
HOSTILE = record(
    "2701.00666",
    title='<script>alert("x")</script> Quantization and pruning of large language models',
    abstract=(
        "We quantize and prune the weights of large language models </p><img src=x onerror=a()> so "
        "that the compressed language model needs four bits for a weight and runs on a phone."
    ),
)


@pytest.fixture(scope="module")
def client(built_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("tag-pages")
    own = copy_data(built_data, folder / "data")
    for arguments in (["ingest", "snapshot", str(snapshot_of(folder, HOSTILE))], ["update"]):
        CliRunner().invoke(cli, ["--data", str(own), *arguments], catch_exceptions=False)
    with open_client(own) as client:
        client.headers.update(BROWSER)
        yield client


def test_the_tree_shows_every_label_with_its_papers(client: TestClient) -> None:
    shown = page(client, "/tags")
    for label in SURVEY.labels:
        address = f"/tags/{SURVEY.name}/{label.id}"
        assert address in shown.links
        papers = get_json(client, f"/v1/tags/{label.id}/papers?limit=500")["papers"]
        assert shown.shows(f"{label.title} {len(papers)}")


def test_a_label_shows_its_definition_and_its_newest_papers(client: TestClient) -> None:
    shown = page(client, LABEL_PAGE)
    label = SURVEY.label("model-compression")
    assert shown.shows(label.definition)
    assert shown.shows(SURVEY.label(label.parent or "").title)
    assert all(shown.shows(subject) for subject in label.includes)
    papers = get_json(client, f"/v1{'/tags/model-compression/papers?limit=30'}")["papers"]
    for paper in papers:
        assert f"/papers/{paper['id']}" in shown.links
    links = [link for link in shown.links if link.startswith("/papers/")]
    assert links == [f"/papers/{paper['id']}" for paper in papers]
    bars = [about for tag, about in shown.elements if tag == "rect"]
    assert len(bars) == 36


def test_a_section_links_to_its_leaves_and_a_tag_to_its_label(client: TestClient) -> None:
    section = SURVEY.label("model-compression").parent
    shown = page(client, f"/tags/{SURVEY.name}/{section}")
    assert LABEL_PAGE in shown.links
    paper_id = get_json(client, "/v1/tags/model-compression/papers")["papers"][0]["id"]
    assert LABEL_PAGE in page(client, f"/papers/{paper_id}").links


def test_more_papers_of_a_tag_are_loaded_by_a_link(client: TestClient) -> None:
    shown = page(client, f"{LABEL_PAGE}?limit=2")
    assert "?limit=32#more" in shown.links
    every = page(client, f"{LABEL_PAGE}?limit=500")
    assert not [link for link in every.links if link.startswith("?limit=")]


def test_html_in_a_title_is_escaped(client: TestClient) -> None:
    shown: Page = page(client, LABEL_PAGE)
    assert shown.shows(str(HOSTILE["title"]))
    assert_harmless(shown)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        (f"/tags/{SURVEY.name}/model-compresion", "did you mean model-compression"),
        ("/tags/newts/frogs", "No taxonomy 'newts' is in use"),
    ],
)
def test_an_unknown_label_is_a_problem(client: TestClient, address: str, message: str) -> None:
    response = client.get(address)
    assert response.status_code == 404
    assert message in response.text.replace("&#39;", "'")


def test_months_without_papers_have_empty_bars() -> None:
    assert monthly_chart({}) is None
    drawn = monthly_chart({"2025-12": 2, "2026-02": 4, "2001-01": 9})
    assert drawn is not None
    assert [bar.name for bar in drawn.bars][-3:] == ["2025-12", "2026-01", "2026-02"]
    assert drawn.bars[0].name == "2023-03"
    assert [bar.count for bar in drawn.bars][-3:] == [2, 0, 4]
    assert drawn.max_count == 4
    heights = [bar.height for bar in drawn.bars]
    assert heights[-1] == drawn.height
    assert heights[-3] == drawn.height / 2
    assert all(bar.top + bar.height == pytest.approx(drawn.height) for bar in drawn.bars)


def test_home_shows_the_labels_given_in_the_latest_run(client: TestClient) -> None:
    shown = page(client, "/")
    last = get_json(client, "/v1/status")["tagging"][0]["last"]
    assert last["judged"] == 1  # the hostile paper, which came after all others
    assert shown.shows("1 of 1 papers · all tags Model Compression 1")
    assert LABEL_PAGE in shown.links
