"""The graph over HTTP: JSON, a harmless SVG picture, and the picture in the page."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations, pairwise
from math import hypot
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient

from api.rendering.graph_labels import short_name, short_title, xml_text
from api.rendering.graph_layout import compute_layout
from api.rendering.graph_picture import (
    PAGE_HEIGHT,
    WIDTH,
    Box,
    DrawnEdge,
    DrawnPaper,
    GraphPicture,
    draw_graph,
)
from api.rendering.prose import to_plain_text
from api.rendering.static_files import STATIC_FILES
from api.rendering.templating import templates
from index.arxiv.withdrawal.decision import Withdrawal
from index.catalogue.catalogue import Catalogue, open_catalogue
from index.health.freshness import Meta
from index.lists.neighbourhood import Edge, Neighbourhood, Node, build_neighbourhood
from index.releases.release import Release
from scripts.cli.main import cli
from tests.conftest import SURVEY
from tests.support.catalogue_files import all_entries
from tests.support.client import assert_problem, get_json, open_client
from tests.support.data_folders import copy_data
from tests.support.snapshots import record, snapshot_of

GRAPH = f"/v1/papers/{SURVEY}/graph"
PAGE = {"accept": "text/html", "user-agent": "Mozilla/5.0"}
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE_ID = "2402.00667"
NEIGHBOUR_ID = "2402.00668"
HOSTILE_TITLE = "</title><script>alert(1)</script> ]]> --> &lt; &#0; \"'> Pruning language models"


@pytest.fixture(scope="module")
def data(built_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built data with a hostile paper and a neighbour of it added."""
    folder = tmp_path_factory.mktemp("hostile")
    own = copy_data(built_data, folder / "data")
    abstract = "Pruning and quantization make large language models small."
    hostile = record(
        HOSTILE_ID,
        title=f"{HOSTILE_TITLE}\x00\x0b\x1b\u202e",
        abstract=abstract,
        authors_parsed=[['Eve"><script>alert(2)</script>', "", ""]],
    )
    neighbour = record(NEIGHBOUR_ID, title="Pruning language models", abstract=abstract)
    snapshot = snapshot_of(folder, hostile, neighbour)
    for arguments in (["ingest", "snapshot", str(snapshot)], ["update"]):
        CliRunner().invoke(cli, ["--data", str(own), *arguments], catch_exceptions=False)
    return own


@pytest.fixture(scope="module")
def client(data: Path) -> Iterator[TestClient]:
    with open_client(data) as client:
        yield client


def drawn(client: TestClient, paper_id: str) -> ET.Element:
    response = client.get(f"/v1/papers/{paper_id}/graph.svg")
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "image/svg+xml"
    return ET.fromstring(response.content)


def links(svg: ET.Element) -> dict[str, str]:
    """Address and title of every link."""
    return {a.attrib["href"]: a.findtext(f"{SVG}title") or "" for a in svg.iter(f"{SVG}a")}


def assert_harmless(svg: ET.Element) -> None:
    parts = {element.tag.removeprefix(SVG) for element in svg.iter()}
    assert parts <= {"svg", "style", "g", "path", "a", "title", "circle", "text", "tspan"}
    for element in svg.iter():
        assert not [name for name in element.attrib if name.startswith("on")]
        assert element.attrib.get("href", "/papers/").startswith("/papers/")


def test_the_graph_is_that_of_the_index(client: TestClient, data: Path) -> None:
    graph = get_json(client, GRAPH)
    assert graph["id"] == SURVEY
    assert [node["step"] for node in graph["nodes"][:9]] == [0, *[1] * 8]
    first = get_json(client, f"/v1/papers/{SURVEY}/related", limit=8)["related"]
    assert [(n["id"], n["score"]) for n in graph["nodes"] if n["step"] == 1] == [
        (paper["id"], paper["score"]) for paper in first
    ]
    assert graph["nodes"][0]["first_author"] == "Mengwei Xu"
    assert graph["nodes"][0]["year"] == 2024
    assert graph["edges"][0] == {
        "source": SURVEY,
        "target": first[0]["id"],
        "score": first[0]["score"],
    }


def test_each_form_of_an_id_is_accepted(client: TestClient, data: Path) -> None:
    with open_catalogue(data) as catalogue:
        old = next(e.paper.id for e in all_entries(catalogue) if "/" in e.paper.id)
    assert get_json(client, f"/v1/papers/arXiv:{SURVEY}v2/graph") == get_json(client, GRAPH)
    for form in (old, old.replace("/", "%2F"), f"https://arxiv.org/abs/{old}v1"):
        assert get_json(client, f"/v1/papers/{form}/graph")["id"] == old
        assert f"/papers/{old}" in links(drawn(client, form))


def test_the_picture_links_each_paper_with_its_title(client: TestClient) -> None:
    graph = get_json(client, GRAPH)
    svg = drawn(client, SURVEY)
    shown = links(svg)
    assert list(shown) == [f"/papers/{node['id']}" for node in graph["nodes"]]
    for node, title in zip(graph["nodes"], shown.values(), strict=True):
        score = f" [{node['score']:.1f}]" if node["step"] else ""
        assert title == to_plain_text(node["title"]) + score
    assert len(list(svg.iter(f"{SVG}path"))) == len(graph["edges"])
    assert svg.attrib["role"] == "group"  # an image would hide its links
    assert graph["nodes"][0]["title"] in svg.attrib["aria-label"]
    assert "Xu 2024" in ["".join(text.itertext()) for text in svg.iter(f"{SVG}text")]
    assert_harmless(svg)


def test_the_same_release_gives_the_same_picture(client: TestClient, data: Path) -> None:
    first = client.get(f"{GRAPH}.svg").content
    with open_client(data) as another:
        assert another.get(f"{GRAPH}.svg").content == first


def test_the_page_leaves_the_picture_to_a_request_of_its_own(client: TestClient) -> None:
    page = client.get(f"/papers/{SURVEY}", headers=PAGE).text
    assert '<h2 id="neighbourhood">Neighbourhood</h2>' in page
    assert f'data-picture="{GRAPH}.svg"' in page
    assert "<svg" not in page
    (image,) = re.findall(r"<noscript>.*?</noscript>", page)
    assert f'<a href="{GRAPH}.svg"><img src="{GRAPH}.svg" alt="Graph of the papers' in image
    assert f'width="{WIDTH}" height="{PAGE_HEIGHT}" loading="lazy"' in image
    assert f"aspect-ratio: {WIDTH} / {PAGE_HEIGHT};" in STATIC_FILES["style.css"].content.decode()


def test_hostile_text_is_harmless_in_a_picture(client: TestClient) -> None:
    seed = get_json(client, f"/v1/papers/{HOSTILE_ID}/graph")["nodes"][0]
    assert seed["title"] == HOSTILE_TITLE
    for paper_id in (HOSTILE_ID, NEIGHBOUR_ID):
        svg = drawn(client, paper_id)
        assert links(svg)[f"/papers/{HOSTILE_ID}"].startswith(HOSTILE_TITLE)
        assert_harmless(svg)
        page = client.get(f"/papers/{paper_id}", headers=PAGE).text
        assert page.count("<script") == page.count('<script src="/static/')
        assert "]]>" not in page


def test_characters_that_xml_forbids_are_replaced() -> None:
    title = "Null\x00 and\x1f escape\x1b, \ufffe \udc80 but Ω and 𝔐"
    svg = ET.fromstring(_rendered(_graph("ab", title=title)))
    assert links(svg)["/papers/a"] == f"{to_plain_text(title)} [50.0]"
    assert to_plain_text(title) == "Null and escape , but Ω and 𝔐"
    assert xml_text(title) == "Null� and� escape�, � � but Ω and 𝔐"


def test_a_paper_without_neighbours_has_a_picture_of_itself(built_data_copy: Path) -> None:
    with open_catalogue(built_data_copy) as catalogue:
        others = [e.paper for e in all_entries(catalogue) if e.paper.id != SURVEY]
        newer = [replace(paper, version=(paper.version or 1) + 1) for paper in others]
        catalogue.store([replace(paper, withdrawal=Withdrawal.FLAG) for paper in newer])
    with open_client(built_data_copy) as client:
        graph = get_json(client, GRAPH)
        assert ([node["id"] for node in graph["nodes"]], graph["edges"]) == ([SURVEY], [])
        assert list(links(drawn(client, SURVEY))) == [f"/papers/{SURVEY}"]
        assert "Neighbourhood" not in client.get(f"/papers/{SURVEY}", headers=PAGE).text


@pytest.mark.parametrize("ending", ["graph", "graph.svg"])
def test_a_graph_that_cannot_be_drawn_is_a_problem(
    client: TestClient, tmp_path: Path, ending: str
) -> None:
    missing = client.get(f"/v1/papers/2401.99999v2/{ending}")
    assert_problem(missing, 404, "arXiv:2401.99999 has not been harvested")
    assert_problem(client.get(f"/v1/papers/nonsense/{ending}"), 400, "Accepted forms")
    with open_client(tmp_path) as empty:
        assert_problem(empty.get(f"/v1/papers/{SURVEY}/{ending}"), 503, "seealso ingest")


def _boxes(paper: DrawnPaper) -> Iterator[Box]:
    """Yield the boxes of a label on a wide and on a narrow screen."""
    left, top, right, bottom = paper.label_box
    yield left, top, right, bottom
    if paper.side != "above":
        width = 13.6 * (len(paper.narrow_name) + 4)
        start = left if paper.side == "right" else right - width
        yield start, paper.label_y - 12, start + width, paper.label_y + 12


def _points(edge: DrawnEdge) -> Iterator[tuple[float, float]]:
    (x1, y1), (x2, y2), (x3, y3) = edge.curve
    for n in range(257):
        t = n / 256
        a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t**2
        yield a * x1 + b * x2 + c * x3, a * y1 + b * y2 + c * y3


def assert_labels_are_free(shown: GraphPicture) -> None:
    """Check that labels are inside the picture, and that nothing crosses them."""
    half_a_line = 2.2  # of the thickest edge
    for paper in shown.papers:
        left, top, right, bottom = paper.label_box
        assert -shown.width / 2 <= left < right <= shown.width / 2
        assert shown.top <= top < bottom <= shown.top + shown.height
    boxes = [box for paper in shown.papers for box in _boxes(paper)]
    for edge in shown.edges:
        for x, y in _points(edge):
            for left, top, right, bottom in boxes:
                beside = x + half_a_line < left or right < x - half_a_line
                assert beside or y + half_a_line < top or bottom < y - half_a_line, edge
    for one, other in combinations(shown.papers, 2):
        (l1, t1, r1, b1), (l2, t2, r2, b2) = one.label_box, other.label_box
        assert min(r1, r2) <= max(l1, l2) or min(b1, b2) <= max(t1, t2), (one, other)
        for label, circle in ((one, other), (other, one)):
            left, top, right, bottom = label.label_box
            x = min(max(circle.x, left), right) - circle.x
            y = min(max(circle.y, top), bottom) - circle.y
            assert hypot(x, y) >= circle.radius, (label, circle)


def test_no_edge_crosses_a_label_in_graphs_of_real_papers(
    catalogue: Catalogue, release: Release
) -> None:
    for entry in all_entries(catalogue)[::10]:
        assert_labels_are_free(draw_graph(build_neighbourhood(catalogue, release, entry.paper.id)))


@pytest.mark.parametrize("seed", range(60))
def test_no_edge_crosses_a_label_in_random_graphs(seed: int) -> None:
    chance = Random(seed)
    first = [f"a{n}" for n in range(chance.randint(1, 8))]
    second = [f"b{n}" for n in range(chance.randint(0, 3 * len(first)))]
    pairs = [(chance.choice(first), name) for name in second]
    everyone = ["seed", *first, *second]
    pairs += [(a, b) for a, b in combinations(everyone, 2) if chance.random() < 0.2]
    graph = _graph(first, pairs, second=second)
    scores = [chance.uniform(0, 100) for _ in graph.edges]
    edges = [replace(edge, score=s) for edge, s in zip(graph.edges, scores, strict=True)]
    titles = ["", "W" * 300, "A title of several words: and more", "深度学习模型压缩与加速"]
    nodes = [
        replace(node, title=chance.choice(titles), first_author_family=chance.choice(titles))
        for node in graph.nodes
    ]
    assert_labels_are_free(draw_graph(replace(graph, nodes=nodes, edges=edges)))


def test_a_crossed_label_would_be_noticed() -> None:
    shown = draw_graph(_graph("abcd"))
    _, _, (x, y) = shown.edges[0].curve
    shown.edges[0] = replace(shown.edges[0], curve=((x, y), (x, y), (1.5 * x, y)))
    with pytest.raises(AssertionError):
        assert_labels_are_free(shown)


def test_the_seed_is_in_the_middle_of_two_columns(catalogue: Catalogue, release: Release) -> None:
    seed, *others = draw_graph(build_neighbourhood(catalogue, release, SURVEY)).papers
    assert (seed.x, seed.y) == (0, 0)
    left, right = ([one for one in others if (one.x < 0) is side] for side in (True, False))
    assert abs(len(left) - len(right)) <= 4
    for column in (left, right):
        rows = sorted(one.y for one in column)
        assert all(b - a >= 30 for a, b in pairwise(rows))
        assert rows[0] == pytest.approx(-rows[-1])


def test_a_paper_two_steps_away_is_next_to_its_nearest(
    catalogue: Catalogue, release: Release
) -> None:
    graph = build_neighbourhood(catalogue, release, SURVEY)
    layout = compute_layout(graph)
    steps = {node.id: node.step for node in graph.nodes}
    pairs = [pair for pair in layout.branches if SURVEY not in pair]
    assert len(pairs) == sum(step == 2 for step in steps.values())
    for one, other in pairs:
        (x1, y1), (x2, y2) = layout.places[one], layout.places[other]
        assert x1 * x2 > 0
        between = [
            name
            for name, (x, y) in layout.places.items()
            if x * x1 > 0 and min(y1, y2) < y < max(y1, y2)
        ]
        assert {steps[name] for name in between} <= {2}


def test_connected_papers_are_adjacent() -> None:
    graph = _graph("axby", [("a", "b"), ("x", "y")])
    right = {paper.node.id for paper in draw_graph(graph).papers if paper.x > 0}
    assert right in ({"a", "b"}, {"x", "y"})


def test_more_similar_papers_have_thicker_lines() -> None:
    graph = _graph("abcd")
    edges = [
        replace(edge, score=score)
        for edge, score in zip(graph.edges, (10, 40, 60, 99), strict=True)
    ]
    strengths = [line.strength for line in draw_graph(replace(graph, edges=edges)).edges]
    assert strengths == sorted(strengths)
    assert (strengths[0], strengths[-1]) == (0, 1)
    assert 0 < strengths[1] < strengths[2] < 1


def _graph(
    near: Sequence[str],
    joined: Sequence[tuple[str, str]] = (),
    title: str = "A title",
    second: Sequence[str] = (),
) -> Neighbourhood:
    """A seed, papers one and two steps away by name, and edges between these."""
    nodes = [
        Node(
            id=name,
            title=title,
            first_author="Ada Lovelace",
            first_author_family="Lovelace",
            year=2024,
            submitted=None,
            submitted_precision=None,
            url="",
            step=step,
            score=50.0,
            tags=[],
        )
        for name, step in [
            ("seed", 0),
            *((name, 1) for name in near),
            *((name, 2) for name in second),
        ]
    ]
    pairs = [*(("seed", letter) for letter in near), *joined]
    meta = Meta("release", 1, 0, "model", datetime.now(UTC).isoformat(), None, None, None, None)
    return Neighbourhood("seed", nodes, [Edge(*pair, 50.0) for pair in pairs], meta)


def _rendered(graph: Neighbourhood) -> str:
    return templates.get_template("graph.html").render(picture=draw_graph(graph))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("van der Maaten", "van der Maaten"),
        ("Papaspiliopoulou", "Papaspiliopou…"),
        ("张伟", "张伟"),
        ("", ""),
        (" \x00", "�"),
    ],
)
def test_a_family_name_is_short(name: str, expected: str) -> None:
    assert short_name(name, 14) == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("LoRA: Low-Rank Adaptation of Large Language Models", "LoRA"),
        ("Attention is all you need", "Attention is all you…"),
        ("A Survey of Newts", "Survey of Newts"),
        ("A Survey on the Nesting of Newts", "Survey on the Nesting…"),
        (
            "An Exploration of the Ponds of Upper Austria",
            "Exploration of the Po…",
        ),
        ("Electroencephalographically tested", "Electroencephalograph…"),
        ("Newts: " + "x" * 50, "Newts"),
        ("深度学习模型压缩与加速方法综述", "深度学习模型压缩与加…"),
        ("Towards", "Towards"),
        ("", ""),
    ],
)
def test_a_title_is_shortened_to_a_few_words(title: str, expected: str) -> None:
    assert short_title(title, 22) == expected
