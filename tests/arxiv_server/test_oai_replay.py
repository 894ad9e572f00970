"""The replay returns the same pages as arXiv, so that tests against it are meaningful."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote

import pytest
import requests

from tests.arxiv_server.oai_pages import RECORDED
from tests.arxiv_server.oai_recorded import blocks, every, last_page, one, recorded_records
from tests.arxiv_server.oai_replay import (
    Announced,
    Behaviour,
    OaiReplay,
    records_from_sample,
    replayed_oai,
)

RENDERED = datetime(2026, 4, 20, 22, 31, 27, tzinfo=UTC)
FIRST_DAY = date(2024, 1, 2)
EVERYTHING = {"verb": "ListRecords", "metadataPrefix": "arXiv"}


@pytest.fixture
def oai() -> Iterator[OaiReplay]:
    with replayed_oai(records_from_sample(20, FIRST_DAY, per_day=6)) as replay:
        replay.now = RENDERED
        yield replay


def ask(replay: OaiReplay, path: str = "/oai", **arguments: str) -> str:
    named = {name.rstrip("_"): value for name, value in arguments.items()}
    response = requests.get(replay.address + path, named, timeout=5)
    return response.content.decode()


def code(page: str) -> str | None:
    found = re.search("<error code='(.*?)'>", page)
    return found[1] if found else None


@pytest.mark.parametrize("prefix", ["arXiv", "arXivRaw"])
def test_a_page_of_records_equals_that_of_arxiv(oai: OaiReplay, prefix: str) -> None:
    oai.records = recorded_records()
    token = f"verb%3DListRecords%26metadataPrefix%3D{prefix}%26from%3D2011-02-03%26skip%3D0"
    page = ask(oai, verb="ListRecords", resumptionToken=token)
    # Within a day the replay sorts by id, and it holds none of the 48 records before.
    recorded = last_page(prefix)
    assert blocks(page) == blocks(recorded)
    frame = re.compile(r" *<record>.*</record>\n\n", re.DOTALL)
    expected = recorded.replace("skip%3D48", "skip%3D0")
    assert frame.sub("", page) == frame.sub("", expected)


def test_identify_equals_that_of_arxiv(oai: OaiReplay) -> None:
    assert ask(oai, verb="Identify") == (RECORDED / "Identify.xml").read_text()


ERRORS: dict[str, dict[str, str]] = {
    "badArgument": {**EVERYTHING, "from": "2005-09-15"},
    "badResumptionToken": {"verb": "ListRecords", "resumptionToken": "abc"},
    "badVerb": {"verb": "ListPapers"},
    "cannotDisseminateFormat": {"verb": "ListRecords", "metadataPrefix": "oai_dc"},
    "idDoesNotExist": {
        "verb": "GetRecord",
        "metadataPrefix": "arXiv",
        "identifier": "oai:arXiv.org:0000.0000",
    },
    "noRecordsMatch": {**EVERYTHING, "from": "2025-01-01"},
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors_equal_those_of_arxiv(oai: OaiReplay, name: str) -> None:
    assert ask(oai, **ERRORS[name]) == (RECORDED / f"error_{name}.xml").read_text()


@pytest.mark.parametrize(
    "query",
    [
        "verb=ListRecords",
        "verb=ListRecords&metadataPrefix=arXiv&metadataPrefix=arXiv",
        "verb=ListRecords&metadataPrefix=arXiv&colour=red",
        "verb=ListRecords&metadataPrefix=arXiv&resumptionToken=abc",
        "verb=ListRecords&metadataPrefix=arXiv&until=2026-04-22",
        "verb=ListRecords&metadataPrefix=arXiv&from=2024-01-03&until=2024-01-02",
        "verb=ListRecords&metadataPrefix=arXiv&from=2024-01-02T00:00:00Z",
        "verb=GetRecord&metadataPrefix=arXiv",
    ],
)
def test_wrong_arguments_are_refused(oai: OaiReplay, query: str) -> None:
    assert code(requests.get(f"{oai.address}/oai?{query}", timeout=5).text) == "badArgument"


def walk(replay: OaiReplay, **arguments: str) -> list[list[str]]:
    """Return the ids on each page, following the tokens."""
    pages: list[list[str]] = []
    while True:
        page = ask(replay, **arguments)
        assert code(page) is None
        pages.append([name.removeprefix("oai:arXiv.org:") for name in every("identifier", page)])
        token = one("resumptionToken", page)
        if not token:
            assert ("<resumptionToken/>" in page) == (len(pages) > 1)
            return pages
        arguments = {"verb": arguments["verb"], "resumptionToken": token}


@pytest.mark.parametrize("verb", ["ListRecords", "ListIdentifiers"])
@pytest.mark.parametrize("size", [1, 4, 6, 7, 19, 20, 30])
def test_tokens_lead_through_all_records_once(oai: OaiReplay, verb: str, size: int) -> None:
    oai.records_per_page = oai.identifiers_per_page = size
    pages = walk(oai, verb=verb, metadataPrefix="arXivRaw")
    assert [paper_id for page in pages for paper_id in page] == [r.id for r in oai.records]
    assert all(len(page) == size for page in pages[:-1])


def test_a_token_has_the_format_of_arxiv(oai: OaiReplay) -> None:
    oai.records_per_page = 8
    assert (
        "<resumptionToken expirationDate='2026-04-21T00:00:00Z'>verb%3DListRecords%26"
        "metadataPrefix%3DarXiv%26from%3D2024-01-03%26skip%3D2</resumptionToken>"
    ) in ask(oai, **EVERYTHING)


def test_a_token_keeps_set_and_until(oai: OaiReplay) -> None:
    oai.records_per_page = 1
    wanted = [
        record.id
        for record in oai.records
        if record.datestamp <= date(2024, 1, 4)
        and any(spec.startswith("physics:") for spec in record.set_specs)
    ]
    pages = walk(oai, **EVERYTHING, set="physics", until="2024-01-04")
    assert len(pages) > 1
    assert [paper_id for page in pages for paper_id in page] == wanted


def test_a_token_must_be_percent_encoded_again(oai: OaiReplay) -> None:
    oai.records_per_page = 8
    token = one("resumptionToken", ask(oai, **EVERYTHING)) or ""
    assert "%3D" in token
    address = f"{oai.address}/oai?verb=ListRecords&resumptionToken="
    representation = [token, quote(token), quote(quote(token))]
    codes = [code(requests.get(address + form, timeout=5).text) for form in representation]
    assert codes == ["badResumptionToken", None, "badResumptionToken"]


@pytest.mark.parametrize(
    ("wanted", "matches"),
    [
        ("cs", {"2401.00001", "2401.00002"}),
        ("cs:cs", {"2401.00001", "2401.00002"}),
        ("cs:cs:LG", {"2401.00001"}),
        ("physics:hep-th", {"hep-th/9901001"}),
        ("physics:cond-mat", {"2401.00002"}),
        ("physics", {"hep-th/9901001", "2401.00002"}),
    ],
)
def test_sets_are_groups_archives_and_categories(
    oai: OaiReplay, wanted: str, matches: set[str]
) -> None:
    oai.records = [
        Announced("2401.00001", FIRST_DAY, categories=["cs.LG", "stat.ML"]),
        Announced("2401.00002", FIRST_DAY, categories=["cond-mat.stat-mech", "cs.CL"]),
        Announced("hep-th/9901001", FIRST_DAY, categories=["hep-th"]),
    ]
    (page,) = walk(oai, **EVERYTHING, set=wanted)
    assert set(page) == matches
    assert wanted in every("setSpec", ask(oai, verb="ListSets"))


def test_one_record_and_the_formats(oai: OaiReplay) -> None:
    oai.records[3] = Announced("2401.00001", FIRST_DAY, deleted=True)
    identifier = "oai:arXiv.org:2401.00001"
    page = ask(oai, verb="GetRecord", metadataPrefix="arXivRaw", identifier=identifier)
    assert '<header status="deleted">' in page
    assert "<metadata>" not in page
    formats = ask(oai, verb="ListMetadataFormats", identifier=identifier)
    assert every("metadataPrefix", formats) == ["arXiv", "arXivRaw"]


def test_the_acm_class_has_the_bug_of_arxiv_and_raw_records_are_unchanged(oai: OaiReplay) -> None:
    oai.records = [
        Announced("2401.00001", FIRST_DAY, msc_class="35P15", acm_class="I.2.7"),
        Announced("2401.00002", FIRST_DAY, raw=b"<record>\x00</record>"),
    ]
    page = ask(oai, **EVERYTHING)
    assert one("acm-class", page) == "35P15"
    assert "<record>\x00</record>" in page


def test_post_gives_the_same_answer_as_get(oai: OaiReplay) -> None:
    answer = requests.post(f"{oai.address}/oai", EVERYTHING, timeout=5)
    assert answer.text == ask(oai, **EVERYTHING)
    assert oai.received == [EVERYTHING, EVERYTHING]


def test_old_and_moved_addresses(oai: OaiReplay) -> None:
    assert "<Identify>" in ask(oai, "/oai2", verb="Identify")
    oai.redirect_to = f"{oai.address}/elsewhere"
    assert requests.get(f"{oai.address}/oai", timeout=5).status_code == 404
    assert oai.paths == ["/oai2", "/oai", "/oai", "/elsewhere"]
    assert oai.most_at_once == 1
    assert all(begin < end for begin, end in oai.times)


def test_the_api_has_the_same_papers(oai: OaiReplay) -> None:
    page = ask(oai, "/api/query", id_list=oai.records[3].id)
    assert every("id", page)[1] == f"http://arxiv.org/abs/{oai.records[3].id}v1"
    assert requests.get(f"{oai.address}/api/query?max_results=-1", timeout=5).status_code == 400


REFUSED: dict[Behaviour, tuple[int, str | None]] = {
    "429": (429, None),
    "429 retry": (429, "1"),
    "503": (503, None),
    "503 retry": (503, "1"),
    "503 tomorrow": (503, "86400"),
    "500": (500, None),
    "html": (200, None),
}


@pytest.mark.parametrize("behaviour", REFUSED)
def test_a_planned_refusal_occurs_once(oai: OaiReplay, behaviour: Behaviour) -> None:
    oai.plan = [behaviour]
    answers = [requests.get(f"{oai.address}/oai", EVERYTHING, timeout=5) for _ in range(2)]
    refused = answers[0]
    assert (refused.status_code, refused.headers.get("Retry-After")) == REFUSED[behaviour]
    assert answers[1].text.count("<record>") == 20


def test_a_refusal_may_contain_a_date(oai: OaiReplay) -> None:
    oai.plan = ["503 date"]
    named = requests.get(f"{oai.address}/oai", timeout=5).headers["Retry-After"]
    assert 0 < (parsedate_to_datetime(named) - datetime.now(UTC)).total_seconds() <= 2


CORRUPT: dict[Behaviour, Callable[[bytes], bool]] = {
    "truncated": lambda page: b"<record>" in page and b"</OAI-PMH>" not in page,
    "bomb": lambda page: b"<!DOCTYPE" in page and b"&b9;</title>" in page,
    "latin1": lambda page: b"\xe9</title>" in page,
    "expired": lambda page: code(page.decode()) == "badResumptionToken",
    "empty with token": lambda page: b"<record>" not in page and b"skip%3D0" in page,
}


@pytest.mark.parametrize("behaviour", CORRUPT)
def test_a_corrupt_page_is_a_complete_http_response(oai: OaiReplay, behaviour: Behaviour) -> None:
    oai.always = behaviour
    for _ in range(2):
        assert CORRUPT[behaviour](requests.get(f"{oai.address}/oai", EVERYTHING, timeout=5).content)


def test_a_list_can_start_again(oai: OaiReplay) -> None:
    oai.records_per_page, oai.plan = 8, ["well", "first page again"]
    first = ask(oai, **EVERYTHING)
    token = one("resumptionToken", first) or ""
    assert ask(oai, verb="ListRecords", resumptionToken=token) == first


def read_some(address: str) -> int:
    """Return the number of bytes received before a short timeout."""
    with requests.get(address, EVERYTHING, timeout=0.5, stream=True) as response:
        return sum(len(response.raw.read(2)) for _ in range(3))


def test_endless_answers_end_when_the_client_disconnects(oai: OaiReplay) -> None:
    oai.plan = ["endless", "huge", "hang", "cut"]
    assert [read_some(oai.address + "/oai") for _ in range(2)] == [6, 6]
    with pytest.raises(requests.ReadTimeout):
        read_some(oai.address + "/oai")
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        ask(oai, **EVERYTHING)
    assert ask(oai, **EVERYTHING).count("<record>") == 20
    assert oai.most_at_once == 1


def test_a_record_revised_between_pages_hides_another(oai: OaiReplay) -> None:
    oai.records_per_page = 10
    revised, hidden = oai.records[6], oai.records[10]

    def revise(number: int, arguments: dict[str, str]) -> None:
        if number == 2:
            revised.datestamp = date(2024, 2, 1)

    oai.before = revise
    first, second = walk(oai, **EVERYTHING)
    assert revised.id in first
    assert second[-1] == revised.id
    assert hidden.id not in first + second
