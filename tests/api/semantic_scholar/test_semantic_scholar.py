"""The API compatible with Semantic Scholar's, tested with the Python client for the original."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient
from semanticscholar import SemanticScholar
from semanticscholar.Paper import Paper as TheirPaper
from semanticscholar.SemanticScholarException import (
    BadQueryParametersException,
    InternalServerErrorException,
    ObjectNotFoundException,
)

from api.rendering.prose import to_plain_text
from api.semantic_scholar.dates import parse_date_range
from index.arxiv.paper import Paper
from index.catalogue.catalogue import open_catalogue, read_catalogue
from index.errors import BadInput
from tests.conftest import SURVEY
from tests.support.client import RELATED, assert_problem, get_json, open_client
from tests.support.processes import served

PAPER = f"/graph/v1/paper/arXiv:{SURVEY}"
FOR_PAPER = f"/recommendations/v1/papers/forpaper/arXiv:{SURVEY}"
SEARCH = "/graph/v1/paper/search?query=pruning"
UNKNOWN = "2401.99999"


@pytest.fixture(scope="module")
def client(built_data: Path) -> Iterator[TestClient]:
    with open_client(built_data) as client:
        yield client


@pytest.fixture(scope="module")
def theirs(built_data: Path) -> Iterator[Any]:
    """The client from PyPI, connected to a seealso server."""
    with served(built_data) as server:
        yield SemanticScholar(api_url=server.address, retry=False)


def ids(papers: list[dict[str, Any]]) -> list[str]:
    return [paper["paperId"] for paper in papers]


def assert_refused(response: httpx2.Response, status: int, says: str) -> None:
    assert response.status_code == status
    assert response.headers["content-type"] == "application/json"
    body = response.json()
    assert set(body) == ({"error"} if status < 500 else {"error", "message"})
    assert says in body["error"]


# --- Their client -----------------------------------------------------------------------------


@pytest.mark.process
def test_their_client_gets_recommendations_for_a_paper(theirs: Any, client: TestClient) -> None:
    related = get_json(client, RELATED, limit=20)["related"]
    for form in (f"ARXIV:{SURVEY}", f"URL:https://arxiv.org/abs/{SURVEY}v1"):
        found = theirs.get_recommended_papers(form, limit=20)
        assert [paper.paperId for paper in found] == [f"arXiv:{one['id']}" for one in related]
        assert [paper.title for paper in found] == [one["title"] for one in related]


@pytest.mark.process
def test_their_client_gets_recommendations_for_lists(theirs: Any, client: TestClient) -> None:
    liked, disliked, *_ = [one["id"] for one in get_json(client, RELATED)["related"]]
    body = {"liked": [SURVEY, liked], "disliked": [disliked]}
    ours = client.post("/v1/recommend?limit=15", json=body).json()["related"]
    found = theirs.get_recommended_papers_from_lists(
        [f"arXiv:{SURVEY}", f"arXiv:{liked}"], [f"DOI:10.48550/arXiv.{disliked}"], limit=15
    )
    assert [paper.externalIds["ArXiv"] for paper in found] == [one["id"] for one in ours]
    positive_only = theirs.get_recommended_papers_from_lists([f"arXiv:{SURVEY}"], limit=15)
    assert len(positive_only) == 15
    assert [paper.paperId for paper in positive_only] != [paper.paperId for paper in found]


@pytest.mark.process
def test_their_client_gets_a_paper(theirs: Any, built_data: Path) -> None:
    found = theirs.get_paper(f"ARXIV:{SURVEY}")
    with read_catalogue(built_data) as catalogue:
        held = catalogue.entry(SURVEY).paper
    assert (found.title, found.abstract) == (held.title, held.abstract)
    assert tuple(author.name for author in found.authors) == held.authors
    assert found.publicationDate.date() == held.submitted
    assert found.citationCount is None
    with pytest.raises(ObjectNotFoundException, match=f"Paper with id ARXIV:{UNKNOWN} not found"):
        theirs.get_paper(f"ARXIV:{UNKNOWN}")
    with pytest.raises(BadQueryParametersException, match=r"unsupported fields: \[nonsense\]"):
        theirs.get_paper(f"ARXIV:{SURVEY}", fields=["title", "nonsense"])


@pytest.mark.process
def test_their_client_gets_a_batch(theirs: Any, client: TestClient) -> None:
    other = get_json(client, RELATED)["related"][0]["id"]
    asked = [f"ARXIV:{other}", f"ARXIV:{UNKNOWN}", f"ARXIV:{SURVEY}"]
    found, missing = theirs.get_papers(asked, return_not_found=True)
    assert [paper.paperId for paper in found] == [f"arXiv:{other}", f"arXiv:{SURVEY}"]
    assert missing == [f"ARXIV:{UNKNOWN}"]


@pytest.mark.process
def test_their_client_searches_through_all_pages(theirs: Any, client: TestClient) -> None:
    ours = get_json(client, "/v1/search", q="pruning", limit=500)["results"]
    found = theirs.search_paper("pruning", limit=100, fields=["title", "year"])
    assert len(found) == 100
    assert found.total == len(ours) > 200
    every = [paper.paperId for paper in found]
    assert every == [f"arXiv:{one['id']}" for one in ours]
    narrow = theirs.search_paper("pruning", year="2023-2024", fields=["year"])
    assert {paper.year for paper in narrow} == {2023, 2024}
    both = {"year": "2025-2026", "publication_date_or_year": "2024-02:2025-06"}
    days = [paper.publicationDate for paper in theirs.search_paper("pruning", **both)]
    known = [day for day in days if day]  # it is None if only the month is known
    assert known
    assert all((2025, 1) <= (day.year, day.month) <= (2025, 6) for day in known)
    assert list(theirs.search_paper("pruning", year="1970")) == []


@pytest.mark.process
def test_their_client_gets_an_error_with_a_reason(empty_data: Path) -> None:
    with open_catalogue(empty_data), served(empty_data) as server:
        theirs = SemanticScholar(api_url=server.address, retry=False)
        with pytest.raises(InternalServerErrorException, match="seealso"):
            theirs.search_paper("pruning")


# --- The form ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "form",
    [
        f"ARXIV:{SURVEY}",
        f"arXiv:{SURVEY}v2",
        SURVEY,
        f"DOI:10.48550/arXiv.{SURVEY}",
        f"10.48550/arXiv.{SURVEY}",
        f"URL:https://arxiv.org/abs/{SURVEY}",
        f"url:https%3A%2F%2Farxiv.org%2Fpdf%2F{SURVEY}v1.pdf",
    ],
)
def test_every_form_of_an_id_names_the_paper(client: TestClient, form: str) -> None:
    assert get_json(client, f"/graph/v1/paper/{form}")["paperId"] == f"arXiv:{SURVEY}"
    by_form = get_json(client, f"/recommendations/v1/papers/forpaper/{form}")
    assert by_form == get_json(client, FOR_PAPER)


def test_a_paper_is_found_by_its_old_id_and_by_its_publishers_doi(built_data_copy: Path) -> None:
    doi = "10.1000/Journal(2001).7"
    with open_catalogue(built_data_copy) as catalogue:
        catalogue.store([Paper(id="hep-th/9901001", title="Strings", doi=doi)])
    with open_client(built_data_copy) as client:
        for form in ("arXiv:hep-th/9901001", f"DOI:{doi}", f"DOI:{doi.upper()}"):
            found = get_json(client, f"/graph/v1/paper/{form}", fields="externalIds,year")
            assert found == {
                "paperId": "arXiv:hep-th/9901001",
                "externalIds": {"ArXiv": "hep-th/9901001", "DOI": doi},
                "year": 1999,
            }


def test_a_withdrawn_paper_offers_no_file(built_data_copy: Path) -> None:
    with open_catalogue(built_data_copy) as catalogue:
        catalogue.withdraw([SURVEY])
    with open_client(built_data_copy) as client:
        found = get_json(client, PAPER, fields="isOpenAccess,openAccessPdf")
    assert (found["isOpenAccess"], found["openAccessPdf"]) == (False, None)


def test_only_the_selected_fields_are_returned(client: TestClient) -> None:
    assert set(get_json(client, PAPER)) == {"paperId", "title"}
    assert set(get_json(client, PAPER, fields="")) == {"paperId", "title"}
    assert set(get_json(client, PAPER, fields=" year,")) == {"paperId", "year"}
    [first, *_] = get_json(client, PAPER, fields="authors")["authors"]
    assert set(first) == {"authorId", "name"}
    [first, *_] = get_json(client, PAPER, fields="authors.hIndex")["authors"]
    assert first == {"authorId": None, "hIndex": None}
    for address in (f"{FOR_PAPER}?fields=year&limit=2", f"{SEARCH}&fields=year&limit=2"):
        body = get_json(client, address)
        papers = body.get("recommendedPapers") or body["data"]
        assert [set(paper) for paper in papers] == [{"paperId", "year"}] * 2
    assert set(get_json(client, FOR_PAPER)["recommendedPapers"][0]) == {"paperId", "title"}


def test_unknown_values_are_null_and_the_others_come_from_the_catalogue(
    client: TestClient, built_data: Path
) -> None:
    found = get_json(client, PAPER, fields=",".join(TheirPaper.FIELDS))
    assert set(found) == {field for field in TheirPaper.FIELDS if "." not in field}
    with read_catalogue(built_data) as catalogue:
        entry = catalogue.entry(SURVEY)
    known = {name: value for name, value in found.items() if value is not None}
    [first, *_] = known.pop("authors")
    assert first["name"] == entry.paper.authors[0]
    assert [value for name, value in first.items() if name != "name"] == [None] * 8
    assert known == {
        "paperId": f"arXiv:{SURVEY}",
        "externalIds": {"ArXiv": SURVEY, "DOI": f"10.48550/arXiv.{SURVEY}"},
        "url": f"https://arxiv.org/abs/{SURVEY}",
        "title": entry.paper.title,
        "abstract": entry.paper.abstract,
        "venue": "arXiv.org",
        "year": 2024,
        "isOpenAccess": True,
        "openAccessPdf": {
            "url": f"https://arxiv.org/pdf/{SURVEY}",
            "status": "GREEN",
            "license": entry.paper.license,
        },
        "publicationDate": "2024-01-16",
        "journal": {"name": "ArXiv", "volume": f"abs/{SURVEY}"},
        "tldr": {"model": "seealso", "text": to_plain_text(entry.summary)},
    }


def test_a_batch_keeps_its_order_with_null_for_unknown_papers(client: TestClient) -> None:
    asked = [f"arXiv:{UNKNOWN}", f"URL:https://arxiv.org/abs/{SURVEY}", "CorpusId:1", SURVEY]
    response = client.post("/graph/v1/paper/batch?fields=year", json={"ids": asked})
    paper = {"paperId": f"arXiv:{SURVEY}", "year": 2024}
    assert response.json() == [None, paper, None, paper]


def test_the_pages_of_a_search_give_the_whole_list(client: TestClient) -> None:
    whole = get_json(client, f"{SEARCH}&limit=10")
    assert (whole["offset"], whole["next"]) == (0, 10)
    second = get_json(client, f"{SEARCH}&offset=4&limit=3")
    assert (second["offset"], second["next"]) == (4, 7)
    assert second["data"] == whole["data"][4:7]
    total = whole["total"]
    last = get_json(client, f"{SEARCH}&offset={total - 2}&limit=100")
    assert len(last["data"]) == 2
    assert "next" not in last
    assert get_json(client, f"{SEARCH}&year=1970") == {"total": 0, "offset": 0, "data": []}
    assert_refused(client.get(f"{SEARCH}&offset={total}"), 400, "offset is not available")


def test_the_pool_all_cs_has_only_computer_science(client: TestClient) -> None:
    every, science = (
        ids(get_json(client, f"{FOR_PAPER}?limit=500&from={pool}")["recommendedPapers"])
        for pool in ("recent", "all-cs")
    )
    assert 100 < len(science) < len(every)
    ours = get_json(client, f"{RELATED}?limit=500&category=cs")["related"]
    assert science == [f"arXiv:{one['id']}" for one in ours]


@pytest.mark.parametrize("end", ["", "/"])
def test_lists_work_with_and_without_a_final_slash(client: TestClient, end: str) -> None:
    body = {"positivePaperIds": [SURVEY], "negativePaperIds": None}
    response = client.post(
        f"/recommendations/v1/papers{end}?limit=3", json=body, follow_redirects=False
    )
    assert len(response.json()["recommendedPapers"]) == 3


@pytest.mark.parametrize(
    ("address", "status", "says"),
    [
        (f"/graph/v1/paper/arXiv:{UNKNOWN}", 404, f"Paper with id arXiv:{UNKNOWN} not found"),
        ("/graph/v1/paper/649def34f8be52c8b66281af98ae884c09aef38b", 404, "649def34"),
        ("/graph/v1/paper/DOI:10.1000/nobody", 404, "Paper with id DOI:10.1000/nobody not found"),
        (f"/recommendations/v1/papers/forpaper/arXiv:{UNKNOWN}", 404, "not found"),
        (f"{PAPER}?fields=title,x,authors.y", 400, "unsupported fields: [authors.y, x]"),
        (f"{FOR_PAPER}?fields=x", 400, "Unrecognized or unsupported fields: [x]"),
        (f"{FOR_PAPER}?limit=501", 400, "limit is "),
        (f"{FOR_PAPER}?limit=0", 400, "limit is "),
        (f"{FOR_PAPER}?from=all-cited", 400, "from is 'all-cited'"),
        (f"{SEARCH}&limit=101", 400, "limit is "),
        (f"{SEARCH}&offset=-1", 400, "offset is '-1'"),
        (f"{SEARCH}&offset=9999", 400, "offset is not available"),
        (f"{SEARCH}&year=lately", 400, "'lately' is not a date range"),
        (f"{SEARCH}&minCitationCount=9", 400, "Unacceptable query params: [minCitationCount=9]"),
        ("/graph/v1/paper/search", 400, "query is missing"),
        ("/graph/v1/paper/search?query=%3F", 400, "has no words"),
        (f"/graph/v1/paper/search?query={UNKNOWN}", 404, "has not been harvested"),
        ("/recommendations/v1/papers", 405, "Method Not Allowed"),
    ],
)
def test_an_error_has_their_format(
    client: TestClient, address: str, status: int, says: str
) -> None:
    assert_refused(client.get(address), status, says)
    assert_refused(client.get(address, headers={"Accept": "text/html"}), status, says)


@pytest.mark.parametrize(
    ("address", "instead"),
    [
        (f"{PAPER}/citations?limit=5", "/recommendations/v1/papers/forpaper/{id}"),
        (f"{PAPER}/references", "/recommendations/v1/papers/forpaper/{id}"),
        ("/graph/v1/paper/arXiv:hep-th/9901001/citations", "seealso knows no citations"),
        (f"{PAPER}/authors", "fields=authors"),
        ("/graph/v1/paper/search/bulk?query=pruning", "GET /graph/v1/paper/search"),
        ("/graph/v1/paper/search/match?query=pruning", "query=TITLE&limit=1"),
        ("/graph/v1/paper/autocomplete?query=prun", "GET /v1/complete"),
        ("/graph/v1/snippet/search?query=pruning", "reasons=full"),
        ("/graph/v1/author/1741101", "author=NAME"),
        ("/graph/v1/author/1741101/papers", "author=NAME"),
        ("/graph/v1/author/search?query=Hinton", "author=NAME"),
        ("/graph/v1/author/batch", "author=NAME"),
        ("/datasets/v1/release/", "seealso dump"),
    ],
)
def test_what_is_not_offered_names_what_to_use_instead(
    client: TestClient, address: str, instead: str
) -> None:
    for response in (client.get(address), client.post(address, json={"ids": ["1"]})):
        assert_problem(response, 404, "not offered here: ")
        problem = response.json()
        assert problem["type"] == "urn:seealso:problem:not-offered-here"
        assert problem["error"] == problem["detail"]
        assert instead in problem["detail"]


@pytest.mark.process
def test_their_client_reports_what_is_not_offered(theirs: Any) -> None:
    calls: list[Callable[[], object]] = [
        lambda: theirs.get_paper_citations(f"ARXIV:{SURVEY}"),
        lambda: theirs.search_paper("pruning", bulk=True),
        lambda: theirs.search_paper("pruning", match_title=True),
        lambda: theirs.get_autocomplete("prun"),
        lambda: theirs.get_author("1741101"),
    ]
    for call in calls:
        with pytest.raises(ObjectNotFoundException, match="not offered here"):
            call()


def test_the_total_counts_every_paper_that_the_filters_allow(
    client: TestClient, built_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = get_json(client, SEARCH)["total"]
    recent = get_json(client, f"{SEARCH}&year=2024-")["total"]
    monkeypatch.setattr("api.semantic_scholar.routes.MAX_LIMIT", 50)
    assert get_json(client, SEARCH)["total"] == counted
    assert get_json(client, f"{SEARCH}&year=2024-")["total"] == recent < counted
    with read_catalogue(built_data) as catalogue:
        assert counted == catalogue.count()


@pytest.mark.parametrize("query", ["cat:cs.CL", "pruning cat:cs.CL"])
def test_the_total_counts_the_papers_that_operators_select(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    address = f"/graph/v1/paper/search?query={query}"
    counted = get_json(client, address)["total"]
    monkeypatch.setattr("api.semantic_scholar.routes.MAX_LIMIT", 50)
    assert get_json(client, address)["total"] == counted > 50


@pytest.mark.parametrize(
    ("address", "body", "status", "says"),
    [
        ("/graph/v1/paper/batch", {"ids": [UNKNOWN, "x"]}, 400, "No valid paper ids given"),
        ("/graph/v1/paper/batch", {"ids": []}, 400, "ids has 0 values"),
        ("/graph/v1/paper/batch", {"ids": [SURVEY] * 501}, 400, "ids has 501 values"),
        ("/graph/v1/paper/batch", {}, 400, "ids is missing"),
        ("/graph/v1/paper/batch?fields=x", {"ids": [SURVEY]}, 400, "unsupported fields: [x]"),
        ("/recommendations/v1/papers/", {}, 400, "no liked paper or text was given"),
        (
            "/recommendations/v1/papers/",
            {"negativePaperIds": [SURVEY]},
            400,
            "no liked paper or text was given",
        ),
        (
            "/recommendations/v1/papers/",
            {"positivePaperIds": SURVEY},
            400,
            "positivePaperIds is '2401.08092'",
        ),
        (
            "/recommendations/v1/papers/",
            {"positivePaperIds": [SURVEY, UNKNOWN]},
            404,
            f"Paper with id {UNKNOWN} not found",
        ),
        (
            "/recommendations/v1/papers/",
            {"positivePaperIds": [SURVEY], "negativePaperIds": [SURVEY]},
            400,
            "both liked and disliked",
        ),
        ("/recommendations/v1/papers/", {"positivePaperIds": [SURVEY] * 1001}, 400, "at most 1000"),
        ("/recommendations/v1/papers/?limit=501", {"positivePaperIds": [SURVEY]}, 400, "limit"),
    ],
)
def test_a_refused_body_has_their_format(
    client: TestClient, address: str, body: dict[str, object], status: int, says: str
) -> None:
    assert_refused(client.post(address, json=body), status, says)


def test_an_unavailable_server_gives_an_error_that_their_clients_know(
    built_data_copy: Path,
) -> None:
    shutil.rmtree(built_data_copy / "releases")
    with open_client(built_data_copy) as client:
        for address in (FOR_PAPER, SEARCH):
            assert_refused(client.get(address), 500, "seealso update")
        assert get_json(client, PAPER)["paperId"] == f"arXiv:{SURVEY}"
        assert_problem(client.get(RELATED), 503, "seealso update")


@pytest.mark.parametrize(
    ("text", "separator", "days"),
    [
        ("2019", "-", ("2019-01-01", "2019-12-31")),
        ("2016-2020", "-", ("2016-01-01", "2020-12-31")),
        ("2010-", "-", ("2010-01-01", None)),
        ("-2015", "-", (None, "2015-12-31")),
        ("2019-03-05", ":", ("2019-03-05", "2019-03-05")),
        ("2020-02", ":", ("2020-02-01", "2020-02-29")),
        ("2016-03-05:2020-06", ":", ("2016-03-05", "2020-06-30")),
        ("1981-08-25:", ":", ("1981-08-25", None)),
        (":2015-12", ":", (None, "2015-12-31")),
    ],
)
def test_date_ranges(text: str, separator: str, days: tuple[str | None, str | None]) -> None:
    assert tuple(day and day.isoformat() for day in parse_date_range(text, separator)) == days


@pytest.mark.parametrize("text", ["x", "2019-13", "2019-02-30", "0000", "19", "2019:x", "2019-3"])
def test_wrong_date_ranges(text: str) -> None:
    with pytest.raises(BadInput, match="not a date range"):
        parse_date_range(text, ":")


@pytest.mark.parametrize(
    ("content", "status", "says"),
    [
        ("", 400, "body"),
        ("[", 400, "body"),
        ('"x"', 400, "body"),
        ('{"positivePaperIds": ["\\ud800"]}', 404, "Paper with id ? not found"),
        ('{"positivePaperIds": ["\\u0000"]}', 404, "Paper with id \0 not found"),
    ],
)
def test_a_hostile_body_is_refused_in_their_format(
    client: TestClient, content: str, status: int, says: str
) -> None:
    headers = {"Content-Type": "application/json"}
    response = client.post("/recommendations/v1/papers/", content=content, headers=headers)
    assert_refused(response, status, says)
