"""Records of arXiv's OAI-PMH server: both recorded formats, names, rejected records."""

import ast
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from index.arxiv.paper import Paper
from index.arxiv.withdrawal.decision import Withdrawal
from index.catalogue.catalogue import open_catalogue, read_catalogue
from index.errors import BadInput, UpstreamError
from ingest import intake, rereading
from ingest.author_names import author_names
from ingest.intake import READER
from ingest.oai import records as oai_records
from ingest.oai.client import Page, read_page
from ingest.reading import reading_one_record
from ingest.rereading import reread
from ingest.snapshot import records as snapshot_records
from tests.arxiv_server import oai_pages
from tests.arxiv_server.harvesting import (
    NOW,
    expected_papers,
    four_days,
    last_run,
    papers_by_id,
    serve_arxiv,
    stored_papers,
)
from tests.arxiv_server.nightly_runs import MONDAY, announce, march_paper, set_day
from tests.arxiv_server.oai_recorded import blocks, every, last_page, one, recorded_records
from tests.arxiv_server.oai_replay import OaiReplay
from tests.conftest import Seealso
from tests.support.snapshots import record, snapshot_of

FORMATS = ["arXivRaw", "arXiv"]


def recorded(name: str) -> Page:
    return read_page(last_page(name).encode())


def recorded_papers(name: str) -> dict[str, Paper]:
    found = [harvested.paper for harvested in recorded(name).records]
    return {one.id: one for one in found if isinstance(one, Paper)}


@pytest.mark.parametrize("name", FORMATS)
def test_every_recorded_record_is_read(name: str) -> None:
    page, text = recorded(name), last_page(name)
    assert page.token is None
    assert page.response_date.isoformat() == one("responseDate", text)[:-1] + "+00:00"  # type: ignore[index]
    found = recorded_papers(name)
    assert len(found) == len(page.records) == 30
    for block in blocks(text):
        paper = found[one("id", block) or ""]
        assert paper.title == " ".join((one("title", block) or "").split())
        assert paper.abstract == " ".join((one("abstract", block) or "").split())
        assert " ".join(paper.categories) == one("categories", block)
        assert paper.license == one("license", block)
        assert paper.doi == one("doi", block)
        assert paper.journal_ref == one("journal-ref", block)
        assert paper.comment == (" ".join((one("comments", block) or "").split()) or None)
    headers = [harvested.header for harvested in page.records]
    assert [f"oai:arXiv.org:{header.paper_id}" for header in headers if header] == every(
        "identifier", text
    )
    assert [str(header.datestamp) for header in headers if header] == every("datestamp", text)


def test_the_two_formats_agree() -> None:
    raw, split = recorded_papers("arXivRaw"), recorded_papers("arXiv")
    assert raw.keys() == split.keys()
    for paper_id, one_paper in raw.items():
        other = split[paper_id]
        for name in ("title", "abstract", "categories", "license", "doi", "updated"):
            assert getattr(one_paper, name) == getattr(other, name), (paper_id, name)
        if paper_id != "1004.3715":  # its affiliations have parentheses within parentheses
            assert one_paper.authors == other.authors, paper_id


def test_versions_are_as_recorded() -> None:
    found = recorded_papers("arXivRaw")
    for announced in recorded_records():
        paper = found[announced.id]
        expected = [(one.number, one.created.date()) for one in announced.versions]
        assert [(one.number, one.created) for one in paper.versions] == expected
        assert paper.version == expected[-1][0]
        assert paper.submitted == expected[0][1]
        assert paper.updated == expected[-1][1]
    assert max(len(paper.versions) for paper in found.values()) > 2


def test_withdrawals_are_as_recorded() -> None:
    flagged = {
        announced.id
        for announced in recorded_records()
        if announced.versions[-1].source_type == "I"
    }
    assert len(flagged) == 3
    for metadata, basis in (("arXivRaw", Withdrawal.FLAG), ("arXiv", Withdrawal.WORDS)):
        found = recorded_papers(metadata)
        withdrawn = {paper.id: paper.withdrawal for paper in found.values() if paper.withdrawn}
        assert withdrawn == dict.fromkeys(flagged, basis)


def test_names_are_as_recorded() -> None:
    found = recorded_papers("arXivRaw")
    names = {paper_id: found[paper_id].authors for paper_id in found}
    assert names["1102.0402"] == ("Estelle Basor", "Yang Chen", "Lun Zhang")
    assert names["1102.0418"] == ("Peter Harremoës",)
    assert names["1007.5441"] == ("J. P. Coe", "V. V. França", "I. D'Amico")
    assert names["1010.5130"] == ("Gábor Székelyhidi",)
    assert names["1004.3715"] == (
        "Irina Lupu",
        "Pierre Courbin",
        "Laurent George",
        "Joël Goossens",
    )
    assert names["1102.0480"][-1] == "M. Svard"
    everyone = " ".join(name for one in names.values() for name in one)
    assert not set(everyone) & set("\\(){}$")


LINES = {
    "": (),
    "Ann Author": ("Ann Author",),
    "C. Bal\\'azs, E. L. Berger": ("C. Balázs", "E. L. Berger"),
    "A. One and B. Two": ("A. One", "B. Two"),
    "A. One, B. Two, and C. Three": ("A. One", "B. Two", "C. Three"),
    "A. One; B. Two & C. Three": ("A. One", "B. Two", "C. Three"),
    "A. One (1, 2), B. Two (2) ((1) Uni X, (2) Uni Y)": ("A. One", "B. Two"),
    "A. One (Uni X, City), B. Two (for the D0 Collaboration)": ("A. One", "B. Two"),
    "ATLAS Collaboration: G. Aad, B. Abbott": ("ATLAS Collaboration", "G. Aad", "B. Abbott"),
    "Martin Luther King, Jr and Henry James, III": ("Martin Luther King Jr", "Henry James III"),
    'P. Erd\\H{o}s, K. G\\"odel': ("P. Erdős", "K. Gödel"),
    "S\\o ren {\\AA}ngstr\\\"om, \\L{}ukasz \\'{S}mia\\l{}y": ("Søren Ångström", "Łukasz Śmiały"),
    "Fran\\\\c{c}ois Vi\\\\`ete": ("François Viète",),
    "J.-P.~Serre": ("J.-P. Serre",),
    "Anders Andersson,\n  Sandy Sand": ("Anders Andersson", "Sandy Sand"),
    "A. One (Uni X": ("A. One",),
    "Jr": ("Jr",),
    "100% Sure": ("100% Sure",),
}


@pytest.mark.parametrize("line", LINES)
def test_author_lines_are_split_into_names(line: str) -> None:
    assert author_names(line) == LINES[line]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("badArgument", BadInput),
        ("noSetHierarchy", BadInput),
        ("cannotDisseminateFormat", BadInput),
        ("badVerb", UpstreamError),
        ("idDoesNotExist", UpstreamError),
    ],
)
def test_a_refusal_gives_arxivs_reason(code: str, kind: type[Exception]) -> None:
    element = f"<error code='{code}'>Because &lt;that&gt; is so.</error>"
    with pytest.raises(kind, match="Because <that> is so"):
        read_page(oai_pages.page(NOW, {}, element.encode()))


@pytest.fixture
def arxiv(monkeypatch: pytest.MonkeyPatch) -> Iterator[OaiReplay]:
    with serve_arxiv(four_days()[:9], monkeypatch) as replay:
        yield replay


def misread(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Make author lines with this name unreadable."""

    def refuse(line: str) -> tuple[str, ...]:
        if name in line:
            raise ValueError("no names that anybody could read")
        return author_names(line)

    monkeypatch.setattr(oai_records, "author_names", refuse)


def test_a_rejected_record_is_kept_whole_and_parsed_again_by_another_version(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = arxiv.records[3]
    with monkeypatch.context() as patch:
        misread(patch, bad.names[0])
        seealso(tmp_path, "ingest", "oai")
    assert stored_papers(tmp_path) == expected_papers(
        [one for one in arxiv.records if one is not bad]
    )
    (kept,) = json.loads(seealso(tmp_path, "ingest", "rejected", "--json").stdout)["rejected"]
    assert (kept["source"], kept["key"]) == ("oai", bad.id)
    assert kept["reason"] == "no names that anybody could read"
    for text in (bad.title.split()[0], bad.license or "", f"<id>{bad.id}</id>", "</record>"):
        assert text in kept["raw"]
    shown = seealso(tmp_path, "ingest", "rejected").stdout.splitlines()
    assert shown[0].split()[:2] == ["oai", bad.id]
    assert shown[1] == "1 rejected records"

    with open_catalogue(tmp_path) as catalogue:
        assert reread(catalogue) == 0  # the reader that rejected it
        assert len(catalogue.rejections.all()) == 1
        monkeypatch.setattr(rereading, "READER", "another")
        assert reread(catalogue) == 1
        assert catalogue.rejections.all() == []
        assert reread(catalogue) == 0
    assert stored_papers(tmp_path) == expected_papers(arxiv.records)
    assert papers_by_id(tmp_path)[bad.id].authors == tuple(bad.names)


@pytest.mark.parametrize("failure", [IndexError("pop from empty list"), RecursionError("deep")])
def test_a_failure_of_a_library_keeps_only_its_record_aside(
    arxiv: OaiReplay,
    tmp_path: Path,
    seealso: Seealso,
    monkeypatch: pytest.MonkeyPatch,
    failure: Exception,
) -> None:
    bad = arxiv.records[3]

    def fail(line: str) -> tuple[str, ...]:
        if bad.names[0] in line:
            raise failure
        return author_names(line)

    monkeypatch.setattr(oai_records, "author_names", fail)
    result = seealso(tmp_path, "ingest", "oai")
    assert result.stdout == "8 new, 1 rejected\n"
    with read_catalogue(tmp_path) as catalogue:
        (kept,) = catalogue.rejections.all()
    assert kept.reason == f"reading it failed with {type(failure).__name__}: {failure}"


@pytest.mark.parametrize("failure", [MemoryError(), KeyboardInterrupt()])
def test_a_failure_of_the_process_is_not_a_fault_of_the_record(failure: BaseException) -> None:
    with pytest.raises(type(failure)), reading_one_record():
        raise failure


def test_links_in_author_lines_are_read_as_their_text() -> None:
    page = last_page("arXivRaw")
    before = read_page(page.encode()).records[0].paper
    assert isinstance(before, Paper)
    linked = page.replace("<authors>", r"<authors>\href{https://a.example/~x}{Ann O'Connor}, ", 1)
    paper = read_page(linked.encode()).records[0].paper
    assert isinstance(paper, Paper)
    assert paper.authors == ("Ann O'Connor", *before.authors)


def test_a_record_that_the_next_version_rejects_too_is_kept(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso, monkeypatch: pytest.MonkeyPatch
) -> None:
    arxiv.records[2].title = ""
    arxiv.records[4].title = "One control character: \x02"
    few = snapshot_of(tmp_path, record(), record("2401.00002", title=None), "{")
    seealso(tmp_path, "ingest", "oai")
    seealso(tmp_path, "ingest", "snapshot", str(few))
    with open_catalogue(tmp_path) as catalogue:
        before = {(one.source, one.key): one for one in catalogue.rejections.all()}
        assert len(before) == 4
        monkeypatch.setattr(rereading, "READER", "another")
        assert reread(catalogue) == 0
        for one in catalogue.rejections.all():
            assert one.raw == before[one.source, one.key].raw
            assert one.reader == "another"
        assert catalogue.rejections.all(other_than="another") == []
        assert catalogue.count() == 8


def test_a_record_from_a_broken_page_can_be_parsed_by_a_later_version(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = arxiv.records[5]
    bad.title = "One control character: \x02"
    seealso(tmp_path, "ingest", "oai")
    patient = oai_records.parse
    monkeypatch.setattr(oai_records, "parse", lambda raw: patient(raw.replace(b"\x02", b"STX")))
    monkeypatch.setattr(rereading, "READER", "another")
    with open_catalogue(tmp_path) as catalogue:
        assert reread(catalogue) == 1
        assert catalogue.entry(bad.id).paper.title == "One control character: STX"


def test_a_record_that_is_later_parsed_is_no_longer_rejected(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso
) -> None:
    title, arxiv.records[3].title = arxiv.records[3].title, ""
    seealso(tmp_path, "ingest", "oai")
    arxiv.records[3].title = title
    seealso(tmp_path, "ingest", "oai", "--from", str(date(2026, 3, 1)))
    assert seealso(tmp_path, "ingest", "rejected").stdout == "0 rejected records\n"
    assert stored_papers(tmp_path) == expected_papers(arxiv.records)


def test_a_nightly_run_parses_rejected_records_again(
    arxiv: OaiReplay, empty_data: Path, seealso: Seealso, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_day(arxiv, monkeypatch, MONDAY)
    arxiv.records = [march_paper(1, MONDAY, authors=[("Unreadable", "Zoë")])]
    announce(arxiv, MONDAY, 2, 4)
    with monkeypatch.context() as patch:
        misread(patch, "Unreadable")
        seealso(empty_data, "nightly")
    assert len(stored_papers(empty_data)) == 3
    monkeypatch.setattr(rereading, "READER", "another")
    arxiv.records = arxiv.records[1:]
    seealso(empty_data, "nightly")
    assert last_run(empty_data).counts["understood"] == 1
    assert papers_by_id(empty_data)["2603.00001"].authors == ("Zoë Unreadable",)


def test_the_reader_version_covers_all_parsing_code() -> None:
    """A change of any module that parsing imports changes the version."""
    bystanders = {
        "index/errors.py",
        "index/catalogue/rejections.py",
        "ingest/snapshot/lines.py",
    }
    root = Path(oai_records.__file__).parents[2]
    named = {str(path.relative_to(root)) for path in intake._PARSING_CODE}
    for reader in (oai_records, snapshot_records):
        tree = ast.parse(Path(reader.__file__ or "").read_text())
        imported = {
            f"{node.module.replace('.', '/')}.py"
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            and (node.module or "").split(".")[0] in ("index", "ingest")
            and node.module
        }
        assert imported - bystanders <= named
    assert len(READER) == 12


def test_the_status_has_the_reasons_of_rejected_records(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso
) -> None:
    arxiv.records[0].title = arxiv.records[1].title = ""
    seealso(tmp_path, "ingest", "oai")
    with read_catalogue(tmp_path) as catalogue:
        assert catalogue.rejections.reasons() == {"the title is empty": 2}
    assert "rejected             2: the title is empty" in seealso(tmp_path, "status").stdout
