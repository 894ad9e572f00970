"""HTML pages: their parts, harmless untrusted text, and plain text for terminals."""

import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient

from api.formats.citations import cited_doi, doi_address, publication_date
from api.formats.plain_text import authors_text, submission_day_text
from api.rendering.prose import to_html, to_plain_text
from api.rendering.templating import templates
from index.arxiv.date_precision import DatePrecision
from index.arxiv.paper import Paper, Version
from index.catalogue.catalogue import Catalogue, read_catalogue
from index.catalogue.rows import Entry
from index.catalogue.tags import Tag, TagStore
from index.health.freshness import Meta, build_meta
from index.lists import finder
from scripts.cli.main import cli
from tests.conftest import SURVEY
from tests.support.client import open_client
from tests.support.data_folders import copy_data
from tests.support.snapshots import record, snapshot_of

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8", "user-agent": "Mozilla/5.0"}
CURL = {"accept": "*/*", "user-agent": "curl/8.5.0"}
PAGE = f"/papers/{SURVEY}"

HOSTILE = record(
    "2402.00666",
    title='<script>alert("title")</script> Pruning large language models {{ 7*7 }}',
    abstract="</p><img src=x onerror=alert(1)> Pruning & quantization make models <b>small</b>.",
    authors_parsed=[["</p><b>Eve</b>", "", ""]],
    license="javascript:alert(1)",
    categories='cs.<i>LG "cs.CL"',
)


class Page(HTMLParser):
    """The text of a page and its elements with their attributes."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self._words: list[str] = []
        self.feed(source)
        self.text = "".join("".join(self._words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self._words.append(data)

    def shows(self, text: str) -> bool:
        """Whether the page contains the text, ignoring whitespace."""
        return "".join(text.split()) in self.text

    @property
    def links(self) -> list[str]:
        return [about.get("href") or "" for tag, about in self.elements if tag == "a"]


@pytest.fixture(scope="module")
def data(built_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built data with one hostile paper added."""
    folder = tmp_path_factory.mktemp("hostile")
    own = copy_data(built_data, folder / "data")
    for arguments in (["ingest", "snapshot", str(snapshot_of(folder, HOSTILE))], ["update"]):
        CliRunner().invoke(cli, ["--data", str(own), *arguments], catch_exceptions=False)
    return own


@pytest.fixture(scope="module")
def client(data: Path) -> Iterator[TestClient]:
    with open_client(data) as client:
        client.headers.update(BROWSER)
        client.follow_redirects = False
        yield client


def page(client: TestClient, address: str) -> Page:
    response = client.get(address)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return Page(response.text)


def test_a_paper_page_has_all_its_parts(client: TestClient, data: Path) -> None:
    shown = page(client, PAGE)
    with read_catalogue(data) as catalogue:
        entry = catalogue.entry(SURVEY)
    listing = client.get(f"/v1{PAGE}/related").json()
    for part in (
        entry.paper.title,
        *entry.paper.authors,
        f"Summary {entry.summary}",
        f"Score {listing['score']:.1f}",
        f"Licence {entry.paper.license or 'unknown'}",
        "Submitted 2024-01-16",
        ", ".join(entry.paper.categories),
        f"Abstract {entry.paper.abstract}",
        "Related papers",
        f"release {listing['meta']['release']}",
    ):
        assert shown.shows(part), part
    assert f"https://arxiv.org/abs/{SURVEY}" in shown.links
    assert len(listing["related"]) == 10
    for listed in listing["related"]:
        assert shown.shows(f"{listed['title']} [{listed['score']:.1f}]")
        assert shown.shows(Page(to_html(listed["summary"])).text)
        assert f"/papers/{listed['id']}" in shown.links
        assert listed["url"] in shown.links


def test_a_paper_page_looks_up_the_paper_its_tags_and_the_meta_once(
    client: TestClient, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with read_catalogue(data) as catalogue:
        number = catalogue.entry(SURVEY).number
    looked_up: list[str] = []
    tags_of = TagStore.of
    entry = Catalogue.entry

    def count_entry(self: Catalogue, paper_id: str) -> Entry:
        looked_up.append(f"entry {paper_id}")
        return entry(self, paper_id)

    def count_tags(self: TagStore, numbers: Iterable[int]) -> dict[int, list[Tag]]:
        if (wanted := list(numbers)) == [number]:
            looked_up.append("tags")
        return tags_of(self, wanted)

    def count_meta(*args: Any) -> Meta:
        looked_up.append("meta")
        return build_meta(*args)

    monkeypatch.setattr(Catalogue, "entry", count_entry)
    monkeypatch.setattr(TagStore, "of", count_tags)
    monkeypatch.setattr(finder, "build_meta", count_meta)
    page(client, PAGE)
    assert sorted(looked_up) == [f"entry {SURVEY}", "meta", "tags"]


def test_the_head_describes_the_paper_for_reference_managers(
    client: TestClient, data: Path
) -> None:
    """The page has Highwire Press tags, which Zotero and other connectors read."""
    with read_catalogue(data) as catalogue:
        paper = catalogue.entry(SURVEY).paper
    named = [
        (about.get("name") or "", about.get("content") or "")
        for tag, about in page(client, PAGE).elements
        if tag == "meta"
    ]
    tags = {name: content for name, content in named if name != "citation_author"}
    assert tags["citation_title"] == paper.title
    assert [content for name, content in named if name == "citation_author"] == [
        parts.inverted for parts in paper.author_parts
    ]
    assert ("citation_author", "Xu, Mengwei") in named
    assert tags["citation_publication_date"] == tags["citation_date"] == "2024/01/16"
    assert tags["citation_doi"] == f"10.48550/arXiv.{SURVEY}"
    assert tags["citation_arxiv_id"] == SURVEY
    assert tags["citation_pdf_url"] == f"https://arxiv.org/pdf/{SURVEY}"


def test_the_head_has_a_preview_for_shared_links(client: TestClient, data: Path) -> None:
    with read_catalogue(data) as catalogue:
        entry = catalogue.entry(SURVEY)
    elements = page(client, PAGE).elements
    tags = {
        about.get("property") or about.get("name") or "": about.get("content") or ""
        for tag, about in elements
        if tag == "meta"
    }
    assert tags["og:type"] == "article"
    assert tags["og:title"] == tags["twitter:title"] == entry.paper.title
    assert tags["og:url"] == f"http://testserver{PAGE}"
    assert tags["twitter:card"] == "summary"
    assert 50 < len(tags["og:description"]) <= 300
    assert to_plain_text(entry.summary).startswith(tags["og:description"][:50])
    assert [about["href"] for _, about in elements if about.get("rel") == "canonical"] == [
        tags["og:url"]
    ]


def test_authors_and_categories_lead_to_their_papers(client: TestClient, data: Path) -> None:
    with read_catalogue(data) as catalogue:
        paper = catalogue.entry(SURVEY).paper
    links = page(client, PAGE).links
    assert len(paper.authors) > 12  # the others are in a part to open
    for author in paper.authors:
        assert f"/search?q=author%3A%22{author.replace(' ', '+')}%22" in links
    for category in paper.categories:
        assert f"/search?q=cat%3A{category}" in links
    assert f"https://arxiv.org/pdf/{SURVEY}" in links


@pytest.mark.parametrize(
    ("change", "shown_as", "published"),
    [
        ({}, "Submitted 2024-02-01", "2024/02/01"),
        ({"submitted": None, "versions": ()}, "Submission day unknown", "2024"),
        ({"precision": DatePrecision.MONTH}, "Submitted 2024-02, day unknown", "2024/02"),
    ],
)
def test_unknown_days_and_authors_are_shown_as_such(
    change: dict[str, Any], shown_as: str, published: str
) -> None:
    day = date(2024, 2, 1)
    precision = change.pop("precision", DatePrecision.DAY)
    known = {"submitted": day, "versions": (Version(1, day, precision),), **change}
    paper = Paper(id="2402.00001", title="A title", **known)
    assert submission_day_text(paper.submitted, paper.submitted_precision, "Submitted ") == shown_as
    assert publication_date(paper) == published
    assert authors_text(paper.authors) == "authors unknown"


@pytest.mark.parametrize(
    ("doi", "cited", "address"),
    [
        (None, "10.48550/arXiv.2402.00001", None),
        ("10.1000/1 10.1000/2", "10.1000/1", "https://doi.org/10.1000/1"),
        ("10.1/<a>&b", "10.1/<a>&b", "https://doi.org/10.1/%3Ca%3E%26b"),
    ],
)
def test_the_doi_is_that_of_the_publication_if_there_is_one(
    doi: str | None, cited: str, address: str | None
) -> None:
    assert cited_doi(Paper(id="2402.00001", title="A title", doi=doi)) == cited
    if doi:
        assert doi_address(doi) == address


def test_a_message_shows_commands_as_code() -> None:
    show = templates.env.filters["code_spans"]
    assert show("run `a <b>` and `c`") == "run <code>a &lt;b&gt;</code> and <code>c</code>"
    assert show("one ` alone, <i>") == "one ` alone, &lt;i&gt;"
    assert show("`x` and ` alone") == "<code>x</code> and ` alone"


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (
            lambda folder: [one.write_bytes(b"x") for one in folder.glob("*/*/*.safetensors")],
            "read",
        ),
        (shutil.rmtree, "no tagger yet"),
    ],
)
def test_a_paper_page_does_without_a_tagger_that_is_damaged_or_missing(
    built_data_copy: Path, damage: Callable[[Path], object], message: str
) -> None:
    with open_client(built_data_copy) as own:
        own.headers.update(BROWSER)
        [tagged] = own.get("/v1/search?q=tag:model-compression&limit=1").json()["results"]
        whole = page(own, f"/papers/{tagged['id']}")
    damage(built_data_copy / "taggers")
    with open_client(built_data_copy) as own:
        own.headers.update(BROWSER)
        shown = page(own, f"/papers/{tagged['id']}")
    assert whole.shows("Why these tags")
    assert not shown.shows("Why these tags")
    assert shown.shows("The reasons for the tags are not shown")
    assert shown.shows(message)


def test_a_paper_with_an_old_id_has_a_page(client: TestClient, data: Path) -> None:
    with read_catalogue(data) as catalogue:
        entries = catalogue.entries(range(1, catalogue.count() + 1)).values()
    old = next(entry.paper for entry in entries if "/" in entry.paper.id)
    assert page(client, f"/papers/{old.id}").shows(old.title)
    assert page(client, f"/papers/{old.id.replace('/', '%2F')}").shows(old.title)


def assert_harmless(shown: Page) -> None:
    tags = {tag for tag, _ in shown.elements}
    assert not tags & {"b", "i", "iframe", "object"}
    for tag, attributes in shown.elements:
        assert not [name for name in attributes if name.startswith("on")]
        if tag in ("script", "img"):
            assert (attributes["src"] or "").startswith(("/static/", "/v1/papers/"))
    assert all(link.startswith(("/", "https://", "http://", "?", "#main")) for link in shown.links)


def test_hostile_text_is_harmless_on_its_own_page(client: TestClient) -> None:
    shown = page(client, "/papers/2402.00666")
    assert_harmless(shown)
    assert shown.shows(HOSTILE["title"])
    assert shown.shows(HOSTILE["abstract"])
    assert shown.shows("</p><b>Eve</b>")
    assert shown.shows("Licence javascript:alert(1)")


def test_hostile_text_is_harmless_in_other_lists(client: TestClient) -> None:
    nearest = client.get("/v1/papers/2402.00666/related").json()["related"][0]["id"]
    shown = page(client, f"/papers/{nearest}?limit=500")
    assert shown.shows(HOSTILE["title"])
    assert_harmless(shown)


def test_a_hostile_query_is_harmless_on_the_search_page(client: TestClient) -> None:
    query = '"><script>alert(1)</script> pruning <b>'
    shown = page(client, f"/search?q={query}")
    assert_harmless(shown)
    assert shown.shows(f"Papers for “{query}”")
    assert ("input", query) in [(tag, about.get("value")) for tag, about in shown.elements]


@pytest.mark.parametrize(
    ("accept", "agent", "kind"),
    [
        ("*/*", "curl/8.5.0", "text/plain"),
        ("*/*", "Wget/1.21", "text/plain"),
        ("text/plain", "Mozilla/5.0", "text/plain"),
        ("text/html", "curl/8.5.0", "text/html"),
        ("*/*", "Mozilla/5.0", "text/html"),
    ],
)
def test_a_terminal_gets_plain_text(client: TestClient, accept: str, agent: str, kind: str) -> None:
    for address in (PAGE, "/search?q=pruning"):
        response = client.get(address, headers={"accept": accept, "user-agent": agent})
        assert response.headers["content-type"] == f"{kind}; charset=utf-8"
        assert response.headers["vary"] == "Accept, User-Agent"


def test_plain_text_has_the_content_of_the_page(client: TestClient, data: Path) -> None:
    text = "".join(client.get(PAGE, headers=CURL).text.split())
    with read_catalogue(data) as catalogue:
        entry = catalogue.entry(SURVEY)
    listing = client.get(f"/v1{PAGE}/related").json()
    entries = [
        (e["title"], f"[{e['score']:.1f}]", e["summary"], e["url"]) for e in listing["related"]
    ]
    for part in (entry.paper.title, entry.summary, entry.paper.abstract, *sum(entries, ())):
        assert "".join(to_plain_text(part).split()) in text


@pytest.mark.parametrize(
    "form", [f"{SURVEY}v2", f"arXiv:{SURVEY}", f"https://arxiv.org/abs/{SURVEY}", f"{SURVEY}/"]
)
def test_another_form_of_an_id_redirects_to_the_canonical_one(
    client: TestClient, form: str
) -> None:
    response = client.get(f"/papers/{form}?limit=3&sort=date")
    assert response.status_code == 308
    assert response.headers["location"] == f"{PAGE}?limit=3&sort=date"


def test_a_list_can_be_sorted_by_date(client: TestClient) -> None:
    def order(sort: str) -> list[str]:
        related = client.get(f"{PAGE}?sort={sort}", headers=BROWSER).text.split('id="related"')[1]
        return re.findall(r'<h3><a href="/papers/([^"]+)"', related)

    newest = client.get(f"/v1{PAGE}/related?sort=date").json()["related"]
    # Weak matches are set apart in any order.
    assert order("date") == [e["id"] for e in sorted(newest, key=lambda one: one["weak"])]
    assert order("score") != order("date")
    assert sorted(order("score")) == sorted(order("date"))


@pytest.mark.parametrize(
    "query",
    [SURVEY, f" arXiv:{SURVEY}v2 [cs.LG]", f"https%3A//huggingface.co/papers/{SURVEY}%23community"],
)
def test_the_box_to_search_opens_the_paper_of_an_id(client: TestClient, query: str) -> None:
    found = client.get(f"/search?q={query}", headers=BROWSER, follow_redirects=False)
    assert (found.status_code, found.headers["location"]) == (303, PAGE)
    text = client.get(f"/search?q={query}", headers=CURL)
    assert (text.status_code, text.text.count("https://arxiv.org/abs/")) == (200, 1)


def test_a_search_for_an_id_that_is_not_held_says_how_to_add_it(client: TestClient) -> None:
    found = client.get("/search?q=2401.99999", headers=BROWSER)
    shown = Page(found.text)
    assert found.status_code == 404
    assert shown.shows("run seealso ingest ids 2401.99999 and then seealso update")
    assert found.text.count("<code>seealso ") == 2
    assert ("input", "2401.99999") in [(tag, about.get("value")) for tag, about in shown.elements]
    assert "https://arxiv.org/abs/2401.99999" in shown.links
    assert not [link for link in shown.links if link.startswith("/papers/")]
    for address in ("/search", "/v1/search", "/search.bib", "/feeds/search.atom"):
        refused = client.get(f"{address}?q=arXiv:2401.99999", headers=CURL)
        assert refused.status_code == 404
        assert "seealso ingest ids 2401.99999" in refused.json()["detail"]


def test_a_search_page_lists_what_the_api_lists(client: TestClient) -> None:
    results = client.get("/v1/search?q=quantization&limit=4").json()["results"]
    shown = page(client, "/search?q=quantization&limit=4")
    assert [f"/papers/{entry['id']}" for entry in results] == [
        link for link in shown.links if link.startswith("/papers/")
    ]


def test_an_empty_search_result_has_a_message(client: TestClient) -> None:
    shown = page(client, '/search?q="colourless green ideas"')
    assert shown.shows("No paper contains all of the quoted phrases.")


def test_the_home_page_has_a_box_to_search(client: TestClient) -> None:
    shown = page(client, "/")
    assert ("form", "/search") in [(tag, about.get("action")) for tag, about in shown.elements]


def test_no_page_loads_anything_from_other_hosts(client: TestClient) -> None:
    for address in ("/", PAGE, "/search?q=pruning"):
        for tag, about in page(client, address).elements:
            if tag in ("link", "script", "img", "iframe") and about.get("rel") != "canonical":
                assert not (about.get("href") or about.get("src") or "").startswith(("http", "//"))
