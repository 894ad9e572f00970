"""The replayed query API returns exactly the recorded bytes."""

from datetime import UTC, date, datetime

import pytest

from tests.arxiv_server.arxiv_replay import RECORDED, REFUSAL
from tests.arxiv_server.atom_pages import answer
from tests.arxiv_server.oai_pages import Announced, RawVersion
from tests.arxiv_server.oai_recorded import every, one

DAY = date(2024, 1, 2)
NOW = datetime(2026, 4, 12, 22, 9, 36, tzinfo=UTC)
PAPERS = [
    Announced("2401.00001", DAY, abstract="A neutron star."),
    Announced("2401.00002", DAY, abstract="A neutron.", categories=["hep-th", "cs.CL"]),
    Announced(
        "2401.00003",
        DAY,
        versions=[RawVersion(n, datetime(2024, n, 3, tzinfo=UTC)) for n in (1, 2)],
    ),
    Announced("2401.00004", DAY, deleted=True),
]


def entry_ids(query: dict[str, str]) -> list[str]:
    status, page = answer(PAPERS, query, NOW)
    assert status == 200
    return [name.rpartition("/")[2] for name in every("id", page.decode())[1:]]


def test_a_feed_equals_the_recorded_one() -> None:
    recorded = (RECORDED / "id_0808.05394_1707.08567_s0_m100_42e5aa0ec3af.xml").read_text()
    created = datetime(2017, 7, 27, 8, 18, 33, tzinfo=UTC)
    paper = Announced(
        id="1707.08567",
        datestamp=created.date(),
        title=every("title", recorded)[1],
        abstract=one("summary", recorded) or "",
        authors=[(name,) for name in every("name", recorded)],
        categories=["cs.IT"],
        versions=[RawVersion(1, created)],
        comments=one("arxiv:comment", recorded),
    )
    query = {"id_list": "0808.05394,1707.08567", "start": "0", "max_results": "100"}
    assert answer([*PAPERS, paper], query, NOW) == (200, recorded.encode())


def test_the_end_of_an_entry_equals_the_recorded_one() -> None:
    hundred = (RECORDED / "q_testing_s0_m100_cfe7536492ca.xml").read_text()
    doi, journal_ref = one("arxiv:doi", hundred), one("arxiv:journal_ref", hundred)
    paper = Announced("2401.00001", DAY, doi=doi, journal_ref=journal_ref)
    page = answer([paper], {"id_list": paper.id}, NOW)[1].decode()
    tail = page[page.index("    <arxiv:doi>") : page.index("</feed>")]
    assert tail in hundred
    assert page.index("<arxiv:journal_ref>") < page.index("<author>") < page.index("<arxiv:doi>")


def test_an_invalid_id_gets_the_recorded_error() -> None:
    requested_at = datetime(2026, 4, 12, 22, 59, 6, tzinfo=UTC)
    assert answer(PAPERS, {"id_list": "abc"}, requested_at) == (400, REFUSAL)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"id_list": "2401.00003,9999.99999,2401.00001"}, ["2401.00003v2", "2401.00001v1"]),
        ({"id_list": "2401.00003v1,2401.00004"}, ["2401.00003v1"]),
        ({"search_query": "all:Neutron"}, ["2401.00001v1", "2401.00002v1"]),
        ({"search_query": "all:neutr"}, []),
        ({"search_query": "cat:cs.CL AND all:neutron"}, ["2401.00002v1"]),
        ({"search_query": "cat:cs.*", "start": "1", "max_results": "1"}, ["2401.00002v1"]),
        (
            {"search_query": "submittedDate:[202401020304 TO 202401020305]"},
            ["2401.00001v1", "2401.00002v1"],
        ),
        (
            {"search_query": "cat:cs.*", "sortBy": "submittedDate", "max_results": "2"},
            ["2401.00003v2", "2401.00001v1"],
        ),
    ],
)
def test_queries_select_papers(query: dict[str, str], found: list[str]) -> None:
    assert entry_ids(query) == found


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"search_query": "ti:star"},
        {"search_query": "cat:cs.CL OR cat:cs.LG"},
        {"search_query": "cat:cs.CL", "start": "-1"},
        {"search_query": "cat:cs.CL", "max_results": "many"},
    ],
)
def test_unsupported_queries_are_refused(query: dict[str, str]) -> None:
    status, page = answer(PAPERS, query, NOW)
    assert status == 400
    assert b"<title>Error</title>" in page
