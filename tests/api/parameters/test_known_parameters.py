"""Unknown query parameters are refused: a misspelt filter must not be ignored."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.conftest import SURVEY
from tests.support.client import ENDPOINTS, RELATED, assert_problem, open_client


@pytest.fixture(scope="module")
def client(built_data: Path) -> Iterator[TestClient]:
    with open_client(built_data) as client:
        yield client


PAGES = ["/", "/search?q=pruning", f"/papers/{SURVEY}"]
FOR_PROGRAMS = [address for address in ENDPOINTS if address not in PAGES]


@pytest.mark.parametrize("address", [*FOR_PROGRAMS, "/v1/taxonomies", f"/v1/papers/{SURVEY}/tags"])
def test_an_unknown_parameter_is_refused(client: TestClient, address: str) -> None:
    response = client.get(f"{address}{'&' if '?' in address else '?'}colour=red")
    assert_problem(response, 400, "unknown query parameter 'colour'")


@pytest.mark.parametrize("address", PAGES)
def test_a_page_ignores_parameters_that_other_sites_add(client: TestClient, address: str) -> None:
    response = client.get(f"{address}{'&' if '?' in address else '?'}utm_source=elsewhere")
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("address", "says"),
    [
        (f"{RELATED}?catgory=cs.LG", "'catgory'; did you mean category?"),
        (f"{RELATED}?from=2024-01-01", "unknown query parameter 'from'; use since"),
        (f"{RELATED}?offset=10", "'offset'; use cursor: `cursor=*` requests the first page"),
        (f"{RELATED}?page=2", "'page'; use cursor: `cursor=*` requests the first page"),
        ("/v1/search?q=x&per-page=5", "'per-page'; use limit"),
        ("/v1/search?query=x&q=x", "'query'; use q"),
        (f"/v1/papers/{SURVEY}?select=title", "'select'; use fields"),
        (f"/v1/papers/{SURVEY}?offset=1", "'offset'; the parameters are fields"),
        (f"{RELATED}?Limit=3", "'Limit'; did you mean limit?"),
        ("/v1/search?q=x&limt=3", "'limt'; did you mean limit?"),
        ("/v1/tags/model-compression/papers?taxonmy=x", "'taxonmy'; did you mean taxonomy?"),
        ("/v1/status?x=1", "the operation has none"),
        ("/feeds/search.atom?q=x&autor=Hinton", "'autor'; did you mean author?"),
        (f"/papers/{SURVEY}/related.bib?limitt=3", "'limitt'; did you mean limit?"),
        (f"/feeds/related/{SURVEY}.atom?sinc=2024-01-01", "'sinc'; did you mean since?"),
    ],
)
def test_the_error_suggests_a_parameter(client: TestClient, address: str, says: str) -> None:
    assert_problem(client.get(address), 400, says)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        (f"{RELATED}?limit=2&limit=3", "limit is given 2 times: give it once"),
        ("/v1/search?q=x&q=y&q=z", "q is given 3 times"),
        (f"/v1/list?papers={SURVEY}&papers=2303.07226", "papers is given 2 times"),
        (f"/list.bib?papers={SURVEY}&papers=2303.07226", "papers is given 2 times"),
        ("/feeds/search.atom?q=x&q=y", "q is given 2 times"),
    ],
)
def test_a_parameter_with_one_value_is_refused_if_it_is_given_again(
    client: TestClient, address: str, says: str
) -> None:
    assert_problem(client.get(address), 400, says)


@pytest.mark.parametrize(
    "address",
    [
        f"{RELATED}?category=cs.CL&category=cs.LG",
        f"/feeds/recommended.atom?liked={SURVEY}&liked=2303.07226",
        f"{RELATED}?tag=model-compression&tag=inference-algorithms&weak=include",
    ],
)
def test_a_parameter_with_several_values_may_be_repeated(client: TestClient, address: str) -> None:
    assert client.get(address).status_code == 200


def test_unknown_parameters_of_a_post_are_refused(client: TestClient) -> None:
    response = client.post("/v1/recommend?lmit=3", json={"liked": [SURVEY]})
    assert response.status_code == 400
    assert "did you mean limit?" in response.json()["detail"]


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        ("category=cs.CLL", 400, "unknown category 'cs.CLL': did you mean cs.CL"),
        ("category=maths", 400, "unknown category 'maths': did you mean math"),
        ("category=zzzz", 400, "arXiv has no such category, and no paper here has it"),
        ("licence=CC-BY-5.0", 400, "unknown licence 'CC-BY-5.0': did you mean CC-BY-4.0"),
        ("tag=model-compresion", 404, "did you mean model-compression"),
        ("tag=efficient-fundation-models/x", 404, "did you mean efficient-foundation-models?"),
        ("sort=scor", 422, "'score' or 'date'"),
    ],
)
def test_an_unknown_value_gets_a_suggestion(
    client: TestClient, query: str, status: int, says: str
) -> None:
    assert_problem(client.get(f"{RELATED}?{query}"), status, says)


@pytest.mark.parametrize("query", ["category=cs.OH", "category=ASTRO-PH", "licence=CC0-1.0"])
def test_a_value_of_arxiv_is_accepted_without_a_paper_here(client: TestClient, query: str) -> None:
    assert client.get(f"{RELATED}?{query}").status_code == 200
