"""Papers from single records: both formats, invalid, withdrawn and deleted records."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from index.arxiv.withdrawal.decision import Withdrawal
from index.catalogue.catalogue import read_catalogue
from tests.arxiv_server.harvesting import (
    FIRST_DAY,
    NOW,
    expected_papers,
    followed_selection,
    nonzero_counts,
    papers_by_id,
    requests_with,
    serve_arxiv,
    stored_papers,
)
from tests.arxiv_server.oai_pages import Announced, RawVersion
from tests.arxiv_server.oai_replay import OaiReplay
from tests.conftest import Seealso

LICENCE = "http://creativecommons.org/licenses/by/4.0/"
FIRST = datetime(2026, 1, 5, 10, tzinfo=UTC)
SECOND = datetime(2026, 3, 1, 23, 59, tzinfo=UTC)
THIRD = datetime(2026, 3, 2, 0, 1, tzinfo=UTC)


def some(paper_id: str = "2601.00007", **fields: object) -> Announced:
    """A paper of two versions with everything that a record can have."""
    given = {
        "title": "On testing\n  harvests",
        "abstract": "  We test.\nTwice. ",
        "authors": [("Balázs", "C."), ("Author", "Ann"), ("King", "Martin Luther", "Jr")],
        "raw_authors": "C. Bal\\'azs (Uni X), Ann Author and Martin Luther King, Jr",
        "categories": ["cs.LG", "stat.ML"],
        "versions": [RawVersion(1, FIRST), RawVersion(2, SECOND)],
        "license": LICENCE,
        "comments": "12 pages",
        "doi": "10.1000/182",
        "journal_ref": "J. Tests 1 (2026) 1-12",
        **fields,
    }
    return Announced(paper_id, FIRST_DAY, **given)  # type: ignore[arg-type]


@pytest.fixture
def arxiv(monkeypatch: pytest.MonkeyPatch) -> Iterator[OaiReplay]:
    with serve_arxiv([some()], monkeypatch) as replay:
        yield replay


def test_the_raw_format_has_versions_and_licence(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso
) -> None:
    seealso(tmp_path, "ingest", "oai")
    paper = papers_by_id(tmp_path)["2601.00007"]
    assert (paper.title, paper.abstract) == ("On testing harvests", "We test. Twice.")
    assert paper.authors == ("C. Balázs", "Ann Author", "Martin Luther King Jr")
    assert paper.categories == ("cs.LG", "stat.ML")
    assert paper.version == 2
    assert [(one.number, one.created) for one in paper.versions] == [
        (1, FIRST.date()),
        (2, SECOND.date()),
    ]
    assert [(one.size, one.flags) for one in paper.versions] == [(16, ""), (16, "")]
    assert (paper.submitted, paper.updated) == (FIRST.date(), SECOND.date())
    assert paper.license == LICENCE
    assert (paper.comment, paper.doi) == ("12 pages", "10.1000/182")
    assert paper.journal_ref == "J. Tests 1 (2026) 1-12"
    assert not paper.withdrawn


def test_the_other_format_has_split_names(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso
) -> None:
    arxiv.records[0].authors.append(("the ATLAS, CMS and LHCb Collaborations",))
    seealso(tmp_path, "ingest", "oai", "--format", "arXiv")
    assert requests_with(arxiv)[0]["metadataPrefix"] == "arXiv"
    paper = papers_by_id(tmp_path)["2601.00007"]
    assert paper.authors == (
        "C. Balázs",
        "Ann Author",
        "Martin Luther King Jr",
        "the ATLAS, CMS and LHCb Collaborations",
    )
    assert (paper.version, paper.versions) == (None, ())
    assert (paper.submitted, paper.updated) == (None, SECOND.date())
    assert paper.license == LICENCE


def test_the_two_formats_complete_each_other(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso
) -> None:
    for name in ("arXiv", "arXivRaw", "arXiv"):
        seealso(tmp_path, "ingest", "oai", "--format", name, "--from", str(FIRST_DAY))
    assert stored_papers(tmp_path) == expected_papers(arxiv.records)


def test_the_acm_class_is_not_taken_from_where_the_msc_class_is_printed(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso
) -> None:
    arxiv.records = [some(msc_class="35P15", acm_class="I.2.7")]
    for name in ("arXiv", "arXivRaw"):
        seealso(tmp_path, "ingest", "oai", "--format", name)
    with read_catalogue(tmp_path) as catalogue:
        rows = catalogue._db.execute("SELECT * FROM papers").fetchall()
    assert "On testing harvests" in str(rows)
    assert "35P15" not in str(rows)


@pytest.mark.parametrize("order", [1, -1])
def test_one_paper_twice_in_a_list_is_held_once_in_its_newest_version(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso, order: int
) -> None:
    newer = some(
        abstract="We test thrice.",
        versions=[*arxiv.records[0].versions, RawVersion(3, THIRD)],
    )
    arxiv.records = [some(), newer, *(some(f"2601.0001{n}") for n in range(8))]
    both = [arxiv.records[0], newer][::order]
    arxiv.records[:2] = both
    seealso(tmp_path, "ingest", "oai")
    assert stored_papers(tmp_path) == expected_papers([newer, *arxiv.records[2:]])


@pytest.mark.parametrize("shown", [date(1970, 1, 1), date(2038, 1, 19)])
def test_a_datestamp_out_of_time_does_not_move_the_harvest(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso, shown: date
) -> None:
    odd = some("2601.00001", shown_datestamp=shown)
    arxiv.records = [odd, *(some(f"2601.{n:05}") for n in range(10, 30))]
    for place, record in enumerate(arxiv.records):
        record.datestamp = FIRST_DAY + timedelta(days=place // 6)
    arxiv.plan = ["well", "expired"]
    result = seealso(tmp_path, "ingest", "oai")
    assert stored_papers(tmp_path) == expected_papers(arxiv.records)
    assert "could not be fetched" not in result.stderr
    assert requests_with(arxiv)[2]["from"] == str(FIRST_DAY + timedelta(days=1))
    with read_catalogue(tmp_path) as catalogue:
        assert catalogue.harvests.newest_day() == FIRST_DAY + timedelta(days=3)
    assert followed_selection(tmp_path).complete == NOW
    seealso(tmp_path, "ingest", "oai", "--from", str(FIRST_DAY))
    assert nonzero_counts(tmp_path).keys() == {"unchanged"}
    assert stored_papers(tmp_path) == expected_papers(arxiv.records)


@pytest.mark.parametrize("lacking", ["abstract", "authors", "categories", "versions"])
@pytest.mark.parametrize("metadata", ["arXiv", "arXivRaw"])
def test_a_record_may_lack_much(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso, lacking: str, metadata: str
) -> None:
    bare = some(raw_authors=None)
    setattr(bare, lacking, type(getattr(bare, lacking))())
    arxiv.records = [bare, some("2601.00008")]
    seealso(tmp_path, "ingest", "oai", "--format", metadata)
    assert nonzero_counts(tmp_path) == {"new": 2}
    paper = papers_by_id(tmp_path)[bare.id]
    assert not getattr(paper, lacking)
    assert paper.title == "On testing harvests"


BAD = {
    "no title": (some(title=""), "the title is empty"),
    "an id of no known form": (some("x-2601"), "is not an arXiv identifier"),
    "no id at all": (
        some(raw=b"<record><header><datestamp>2026-03-02</datestamp></header></record>"),
        "the element identifier is missing",
    ),
    "no day": (
        some(raw=b"<record><header><identifier>2601.00007</identifier></header></record>"),
        "the element datestamp is missing",
    ),
    "no header": (some(raw=b"<record><metadata/></record>"), "the element header is missing"),
    "no metadata": (
        some(
            raw=b"<record><header><identifier>oai:arXiv.org:2601.00007</identifier>"
            b"<datestamp>2026-03-02</datestamp></header></record>"
        ),
        "the element metadata is missing",
    ),
    "a version without number": (
        some(versions=[RawVersion("", FIRST)]),  # type: ignore[arg-type]
        "invalid literal",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_record_that_holds_no_paper_is_kept_aside_and_the_others_are_stored(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso, name: str
) -> None:
    bad, reason = BAD[name]
    good = [some("2601.00005"), some("2601.00009")]
    arxiv.records = [good[0], bad, good[1]]
    result = seealso(tmp_path, "ingest", "oai")
    assert stored_papers(tmp_path) == expected_papers(good)
    assert nonzero_counts(tmp_path)["new"] == 2
    assert f" rejected: {reason}" in result.stderr.replace("'oai:arXiv.org:x-2601' ", "")
    kept = seealso(tmp_path, "ingest", "rejected").stdout
    assert reason in kept
    assert kept.endswith("\n1 rejected records\n")


def test_records_without_identifier_are_all_kept(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso
) -> None:
    arxiv.records = [some(raw=f"<record><metadata>{n}</metadata></record>".encode()) for n in "123"]
    seealso(tmp_path, "ingest", "oai")
    assert "3 rejected records" in seealso(tmp_path, "ingest", "rejected").stdout


def test_an_author_line_cannot_stop_a_harvest(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso
) -> None:
    lines = ["{" * 5000, "{\\'" * 5000, "(" * 500 + ")" * 500, "\\begin{", "\\", "\\verb|", "%"]
    arxiv.records = [some(f"2601.0000{n + 1}", raw_authors=line) for n, line in enumerate(lines)]
    seealso(tmp_path, "ingest", "oai")
    assert stored_papers(tmp_path) == expected_papers(arxiv.records)


WITHDRAWN: dict[str, Callable[[], Announced]] = {
    "comment": lambda: some(comments="This paper has been withdrawn by the author"),
    "flag": lambda: some(versions=[RawVersion(1, FIRST), RawVersion(2, SECOND, source_type="I")]),
    "flags": lambda: some(versions=[RawVersion(1, FIRST), RawVersion(2, SECOND, "0kb", "AI")]),
}


@pytest.mark.parametrize("name", WITHDRAWN)
def test_withdrawals_are_seen(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso, name: str
) -> None:
    seealso(tmp_path, "ingest", "oai")
    arxiv.records = [WITHDRAWN[name]()]
    seealso(tmp_path, "ingest", "oai", "--from", str(FIRST_DAY))
    assert nonzero_counts(tmp_path) == {"withdrawn": 1}
    basis = Withdrawal.WORDS if name == "comment" else Withdrawal.FLAG
    assert papers_by_id(tmp_path)["2601.00007"].withdrawal is basis


def test_an_empty_source_alone_is_no_withdrawal(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso
) -> None:
    unknown = [RawVersion(1, FIRST), RawVersion(2, SECOND, size="0kb")]
    arxiv.records = [some("2601.00001", versions=unknown), some("2601.00002", versions=unknown[:1])]
    seealso(tmp_path, "ingest", "oai")
    assert not any(paper.withdrawn for paper in papers_by_id(tmp_path).values())
    assert papers_by_id(tmp_path)["2601.00001"].versions[1].size == 0


def test_a_record_in_the_format_without_flags_does_not_undo_the_flag(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso
) -> None:
    arxiv.records = [some(versions=[RawVersion(1, FIRST), RawVersion(2, SECOND, "0kb", "I")])]
    for metadata in ("arXivRaw", "arXiv"):
        arguments = ("ingest", "oai", "--format", metadata, "--from", str(FIRST_DAY))
        result = seealso(tmp_path, *arguments)
        assert ("cannot mark withdrawn papers" in result.stderr) is (metadata == "arXiv")
        assert papers_by_id(tmp_path)["2601.00007"].withdrawal is Withdrawal.FLAG


def test_a_withdrawal_is_read_from_the_newest_version_in_any_order(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso
) -> None:
    empty = RawVersion(2, SECOND, size="0kb", source_type="I")
    arxiv.records = [
        some("2601.00001", versions=[RawVersion(3, THIRD), RawVersion(1, FIRST), empty]),
        some("2601.00002", versions=[empty, RawVersion(1, FIRST)]),
    ]
    seealso(tmp_path, "ingest", "oai")
    withdrawn = [paper.id for paper in papers_by_id(tmp_path).values() if paper.withdrawn]
    assert withdrawn == ["2601.00002"]


def test_a_deleted_record_is_withdrawn_and_stays(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso
) -> None:
    arxiv.records.append(some("2601.00008"))
    seealso(tmp_path, "ingest", "oai")
    arxiv.records[0].deleted = True
    arxiv.records.append(Announced("2601.00009", FIRST_DAY, deleted=True))  # never seen before
    for expected in ({"withdrawn": 1, "unchanged": 1}, {"unchanged": 1}):
        result = seealso(tmp_path, "ingest", "oai", "--from", str(FIRST_DAY))
        assert nonzero_counts(tmp_path) == expected
        assert "could not be fetched" not in result.stderr
    found = papers_by_id(tmp_path)
    assert {one.id: one.withdrawn for one in found.values()} == {
        "2601.00007": True,
        "2601.00008": False,
    }
    assert found["2601.00007"].title == "On testing harvests"


def test_a_set_brings_its_own_papers_only(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso
) -> None:
    wanted = some("2601.00001", categories=["math.ST", "cs.CL"])
    arxiv.records = [wanted, some("2601.00002"), some("2601.00003", categories=["hep-th"])]
    seealso(tmp_path, "ingest", "oai", "--set", "cs:cs:CL")
    assert {
        request["set"] for request in requests_with(arxiv) + requests_with(arxiv, "ListIdentifiers")
    } == {"cs:cs:CL"}
    assert stored_papers(tmp_path) == expected_papers([wanted])
    assert followed_selection(tmp_path, "cs:cs:CL").complete == NOW
    seealso(tmp_path, "ingest", "oai")
    assert requests_with(arxiv)[-1]["from"] == "2005-09-16"  # all of arXiv is not complete by it
    assert stored_papers(tmp_path) == expected_papers(arxiv.records)
