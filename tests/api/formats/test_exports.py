"""Citations by suffix and by Accept, read by the libraries of each format; hostile text in them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import rispy
from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares import (
    LatexDecodingMiddleware,
    SeparateCoAuthors,
    SplitNameParts,
)
from fastapi.testclient import TestClient

from api.rendering.latex import to_latex
from api.rendering.prose import to_plain_text
from index.arxiv.bibliographic_text import without_markup
from index.arxiv.paper import Paper
from index.catalogue.catalogue import open_catalogue, read_catalogue
from index.lists.reference_matching import match_references
from index.lists.references import parse_references
from tests.conftest import SURVEY
from tests.support.client import assert_problem, get_json, open_client
from tests.support.hostile import HOSTILE

PAGE = f"/papers/{SURVEY}"
TYPES = {
    "bib": "application/x-bibtex; charset=utf-8",
    "ris": "application/x-research-info-systems; charset=utf-8",
    "csl.json": "application/vnd.citationstyles.csl+json; charset=utf-8",
    "jsonld": "application/ld+json; charset=utf-8",
    "json": "application/json",
    "txt": "text/plain; charset=utf-8",
    "atom": "application/atom+xml",
}
CITATIONS = ["bib", "ris", "csl.json"]


@pytest.fixture(scope="module")
def client(built_data: Path) -> Iterator[TestClient]:
    with open_client(built_data) as client:
        yield client


@pytest.fixture(scope="module")
def survey(built_data: Path) -> Paper:
    with read_catalogue(built_data) as catalogue:
        return catalogue.entry(SURVEY).paper


@pytest.fixture(scope="module")
def old(built_data: Path) -> Paper:
    with read_catalogue(built_data) as catalogue:
        entries = catalogue.entries(range(1, catalogue.count() + 1)).values()
    return next(entry.paper for entry in entries if "/" in entry.paper.id)


@pytest.fixture
def hostile(built_data_copy: Path) -> Iterator[TestClient]:
    with open_catalogue(built_data_copy) as catalogue:
        catalogue.store(HOSTILE)
    with open_client(built_data_copy) as client:
        yield client


def sent(client: TestClient, address: str, suffix: str) -> str:
    response = client.get(f"{address}.{suffix}")
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == TYPES[suffix]
    return response.text


def bibtex_entries(text: str) -> list[Any]:
    library = parse_string(
        text, append_middleware=[SeparateCoAuthors(), SplitNameParts(), LatexDecodingMiddleware()]
    )
    assert library.failed_blocks == []
    assert len(library.blocks) == len(library.entries)
    return library.entries


def csl_items(text: str) -> list[dict[str, Any]]:
    found = json.loads(text)
    assert isinstance(found, list)
    return found


def family_names(paper: Paper) -> list[str]:
    return [name.split()[-1] for name in paper.authors]


def test_bibtex_is_parsed_by_its_library(client: TestClient, survey: Paper) -> None:
    (entry,) = bibtex_entries(sent(client, PAGE, "bib"))
    fields = {field.key: field.value for field in entry.fields}
    assert (entry.entry_type, entry.key) == ("misc", f"arXiv:{SURVEY}")
    assert fields["title"].strip("{}") == survey.title
    assert [" ".join(name.last) for name in fields["author"]] == family_names(survey)
    assert fields["year"] == "2024"
    assert (fields["eprint"], fields["archivePrefix"]) == (SURVEY, "arXiv")
    assert fields["primaryClass"] == survey.primary_category
    assert fields["doi"] == f"10.48550/arXiv.{SURVEY}"
    assert fields["url"] == survey.url


def test_ris_is_parsed_by_its_library(client: TestClient, survey: Paper) -> None:
    text = client.get(f"{PAGE}.ris").content.decode()
    assert text.startswith("TY  - UNPB\r\n")
    assert "\n" not in text.replace("\r\n", "")
    (record,) = rispy.loads(text)
    assert record["title"] == survey.title
    assert [name.partition(",")[0] for name in record["authors"]] == family_names(survey)
    assert record["abstract"] == survey.abstract
    assert (record["year"], record["date"]) == ("2024", "2024/01/16")
    assert record["doi"] == f"10.48550/arXiv.{SURVEY}"
    assert record["urls"] == [survey.url]


def test_csl_json_has_the_papers_fields(client: TestClient, survey: Paper) -> None:
    (item,) = csl_items(sent(client, PAGE, "csl.json"))
    assert item["type"] == "article"
    assert item["title"] == survey.title
    assert [f"{name['given']} {name['family']}" for name in item["author"]] == list(survey.authors)
    assert item["issued"] == {"date-parts": [[2024, 1, 16]]}
    assert (item["publisher"], item["number"]) == ("arXiv", f"arXiv:{SURVEY}")


def test_json_ld_is_a_scholarly_article(
    client: TestClient, built_data: Path, survey: Paper
) -> None:
    tagged = get_json(client, "/v1/tags/model-compression/papers")["papers"][0]
    found = json.loads(sent(client, f"/papers/{tagged['id']}", "jsonld"))
    assert (found["@context"], found["@type"]) == ("https://schema.org", "ScholarlyArticle")
    assert found["@id"] == f"https://arxiv.org/abs/{tagged['id']}"
    assert [one["name"] for one in found["author"]] == tagged["authors"]
    assert found["datePublished"] == tagged["submitted"]
    assert [one["termCode"] for one in found["about"]] == [tag["label"] for tag in tagged["tags"]]
    graph = json.loads(sent(client, f"{PAGE}/related", "jsonld"))["@graph"]
    assert len(graph) == 10


def test_seealso_reads_its_own_citations(
    client: TestClient, built_data: Path, survey: Paper, old: Paper
) -> None:
    related = [one["id"] for one in get_json(client, f"/v1{PAGE}/related")["related"]]
    for suffix in CITATIONS:
        for address, wanted in (
            (PAGE, [SURVEY]),
            (f"/papers/{old.id}", [old.id]),
            (f"{PAGE}/related", related),
        ):
            references = parse_references(f"my.{suffix}", sent(client, address, suffix).encode())
            with read_catalogue(built_data) as catalogue:
                match = match_references(catalogue, references)
            assert [one.paper_id for one in match.matched] == wanted
            assert {one.by for one in match.matched} == {"arxiv id"}
            assert match.unmatched == []


def test_every_paper_is_found_by_the_title_in_its_citation(
    client: TestClient, built_data: Path
) -> None:
    with read_catalogue(built_data) as catalogue:
        entries = catalogue.entries(range(1, catalogue.count() + 1)).values()
    for entry in entries:
        (reference,) = parse_references(
            "my.bib", f"@misc{{a, title = {{{{{to_latex(entry.paper.title)}}}}}}}".encode()
        )
        assert letters(reference.title) == letters(without_markup(entry.paper.title))


def letters(text: str) -> str:
    return re.sub(r"[\W_ˆ˜]", "", text)  # TeX's circumflex and tilde are letters to Unicode


def test_every_form_of_an_id_works(client: TestClient, old: Paper) -> None:
    for form in (old.id, old.id.replace("/", "%2F"), f"{old.id}v1", f"arXiv:{old.id}"):
        for suffix in TYPES:
            sent(client, f"/papers/{form}", suffix)
            sent(client, f"/papers/{form}/related", suffix)
        (entry,) = bibtex_entries(sent(client, f"/papers/{form}", "bib"))
        assert entry.key == f"arXiv:{old.id}"
    response = client.get(f"/papers/{old.id}.bib")
    filename = old.id.replace("/", "%2F") + ".bib"
    assert response.headers["content-disposition"] == f"inline; filename*=UTF-8''{filename}"


def test_json_equals_that_of_the_api(client: TestClient) -> None:
    assert get_json(client, f"{PAGE}.json") == get_json(client, f"/v1{PAGE}")
    found = get_json(client, f"{PAGE}/related.json", limit=3, sort="date")
    assert found == get_json(client, f"/v1{PAGE}/related", limit=3, sort="date")
    assert len(bibtex_entries(client.get(f"{PAGE}/related.bib?limit=3").text)) == 3


@pytest.mark.parametrize(
    ("accept", "suffix"),
    [
        ("application/x-bibtex", "bib"),
        ("text/x-bibtex", "bib"),
        ("application/x-research-info-systems", "ris"),
        ("application/vnd.citationstyles.csl+json", "csl.json"),
        ("application/ld+json, */*;q=0.5", "jsonld"),
        ("Application/JSON", "json"),
        ("text/html;q=0.4, application/atom+xml;q=0.5", "atom"),
        ("text/plain", "txt"),
    ],
)
def test_accept_selects_a_format(client: TestClient, accept: str, suffix: str) -> None:
    for address in (PAGE, f"{PAGE}/related"):
        response = client.get(address, headers={"accept": accept})
        assert response.headers["content-type"] == TYPES[suffix]
        assert response.headers["vary"] == "Accept, User-Agent"
        if suffix != "atom":  # a feed contains its own URL
            assert response.content == client.get(f"{address}.{suffix}").content


@pytest.mark.parametrize(
    "accept",
    [
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "application/json;q=0.5, text/html",
        "application/json, text/html",
        "application/json;q=0.1, */*",
        "",
        ";;,;",
    ],
)
def test_an_accept_that_allows_html_gets_the_page(client: TestClient, accept: str) -> None:
    for address in (PAGE, f"{PAGE}/related"):
        response = client.get(address, headers={"accept": accept, "user-agent": "Mozilla/5.0"})
        assert response.headers["content-type"] == "text/html; charset=utf-8"
        assert response.url.path == PAGE


@pytest.mark.parametrize(
    "accept", ["application/json;q=0", "application/json;q=nonsense", "application/pdf"]
)
def test_an_accept_that_allows_no_format_is_a_406(client: TestClient, accept: str) -> None:
    for address in (PAGE, f"{PAGE}/related"):
        response = client.get(address, headers={"accept": accept, "user-agent": "Mozilla/5.0"})
        assert_problem(response, 406, "this is available as text/html")


def test_a_page_links_to_every_format(client: TestClient) -> None:
    source = client.get(f"{PAGE}?since=2024-01-01", headers={"accept": "text/html"}).text
    links = re.findall(r'<link rel="alternate" type="([^"]+)"[^>]* href="([^"]+)"', source)
    assert len(links) == 5
    for kind, address in links:
        response = client.get(address)
        assert response.status_code == 200
        assert response.headers["content-type"].startswith(kind)
        assert f'<a href="{address}">' in source
    assert dict(links)["application/atom+xml"].endswith("?since=2024-01-01")
    source = client.get("/search?q=a %26 b", headers={"accept": "text/html"}).text
    assert 'href="/feeds/search.atom?q=a+%26+b"' in source


@pytest.mark.parametrize("suffix", TYPES)
def test_an_unknown_paper_is_a_problem(client: TestClient, suffix: str) -> None:
    for address in ("/papers/2401.99999", "/papers/2401.99999/related"):
        assert_problem(client.get(f"{address}.{suffix}"), 404, "has not been harvested")
    assert_problem(client.get(f"/papers/nonsense.{suffix}"), 400, "not an arXiv identifier")


@pytest.mark.parametrize("paper", HOSTILE, ids=lambda paper: paper.id)
def test_hostile_text_stays_text(hostile: TestClient, paper: Paper) -> None:
    address = f"/papers/{paper.id}"
    title = to_plain_text(paper.title, len(paper.title))

    text = sent(hostile, address, "bib")
    (entry,) = bibtex_entries(text)
    assert entry.key == f"arXiv:{paper.id}"
    assert not re.search(r"\\(?!text|[%&$#_{}])|\^\^", text), "a command that is not ours"
    assert text.count("{") == text.count("}")

    (record,) = rispy.loads(sent(hostile, address, "ris"))
    assert record["title"] == record["abstract"] == title
    assert record["type_of_reference"] == "UNPB"

    for suffix in ("csl.json", "jsonld"):
        assert "<" not in sent(hostile, address, suffix)
    (item,) = csl_items(sent(hostile, address, "csl.json"))
    assert item["title"] == item["abstract"] == title
    article = json.loads(sent(hostile, address, "jsonld"))
    assert article["name"] == title
    assert "license" not in article

    for suffix in CITATIONS:
        (reference,) = parse_references(f"my.{suffix}", sent(hostile, address, suffix).encode())
        assert (reference.arxiv_id, reference.fault) == (paper.id, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"Schr\"odinger's 50% of {GPT}_2", r"Schrödinger's 50\% of GPT\_2"),
        (r"An $O(\log n^{2})$ bound, $\mathbb{R}_+$", r"An $O(\log n^{2})$ bound, $\mathbb{R}_+$"),
        ("for under $100", r"for under \$100"),
        (r"R\&D \{x\}", r"R\&D \{x\}"),
        (r"$\input{x}$", r"\$\textbackslash{}input\{x\}\$"),
        (r"$\R^n$ by \ours", r"\$\textbackslash{}R\textasciicircum{}n\$ by \textbackslash{}ours"),
        ("$a^^5cinput$", r"\$a\textasciicircum{}\textasciicircum{}5cinput\$"),
        (r"$\{a$", r"\$\textbackslash{}\textbraceleft{}a\$"),
        ("$a}{b$", r"\$a\textbraceright{}\textbraceleft{}b\$"),
        (r"$p\not=2$, $\binom{n}{k}$, $\dot{M}$", r"$p\not=2$, $\binom{n}{k}$, $\dot{M}$"),
        (r"$\tfrac12\mathscr{F}\bm x$", r"$\tfrac12\mathscr{F}\bm x$"),
        (r"$\ddot a\check b\bmod\arg c$", r"$\ddot a\check b\bmod\arg c$"),
        (r"$\frac{1}$", r"\$\textbackslash{}frac\{1\}\$"),
        (r"\(x\), 10^{-4}, \mathcal{O}(n)", r"$x$, 10${}^{-4}$, $\mathcal{O}$(n)"),
        ("from $5 to $10", r"from \$5 to \$10"),
        (r"{\it in vitro} ``so''", "in vitro “so”"),
        ("$a % b$", r"\$a \% b\$"),
        (r"$\dot{W}^1~\pmod 4$", r"$\dot{W}^1~\pmod 4$"),
        (r"only $\$187", r"only \$\$187"),
        (r"only $\$187$", r"only $\$187$"),
    ],
)
def test_tex_keeps_formulas_and_runs_no_command(text: str, expected: str) -> None:
    assert to_latex(text) == expected
