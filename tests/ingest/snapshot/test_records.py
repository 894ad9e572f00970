"""Snapshots: every form of file, every kind of invalid line, and the bundled sample."""

import gzip
import json
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from classifier.taxonomies.taxonomy import load_taxonomy
from index.arxiv.date_precision import DatePrecision
from index.arxiv.name_parts import NameParts
from index.arxiv.paper import Paper, Version
from index.catalogue.catalogue import read_catalogue
from index.catalogue.rejections import RejectedRecord
from index.errors import BadInput
from ingest.dates import day
from ingest.snapshot.records import SAMPLE, read_snapshot
from tests.conftest import SURVEY, Seealso
from tests.support.processes import run_main
from tests.support.snapshots import lines, record, snapshot_of


def records(path: Path) -> list[Paper | RejectedRecord]:
    return [line.record for line in read_snapshot(path)]


def read_one(tmp_path: Path, **fields: Any) -> Paper:
    (paper,) = records(snapshot_of(tmp_path, record(**fields)))
    assert isinstance(paper, Paper), paper
    return paper


def as_plain(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def as_edited_on_windows(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8-sig", newline="\r\n")
    return path


def as_gzip(path: Path, text: str) -> Path:
    target = path.with_suffix(".jsonl.gz")
    target.write_bytes(gzip.compress(text.encode()))
    return target


def as_zip(path: Path, text: str) -> Path:
    target = path.with_suffix(".zip")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("arxiv-metadata-oai-snapshot.json", text)
    return target


@pytest.mark.parametrize("packed", [as_plain, as_edited_on_windows, as_gzip, as_zip])
def test_every_form_of_file_gives_the_same_papers(
    tmp_path: Path, packed: Callable[[Path, str], Path]
) -> None:
    text = lines(record("0704.0001"), record("hep-th/9901001v2"), record("1501.00001"))
    found = records(packed(tmp_path / "some.jsonl", text))
    assert [paper.id for paper in found if isinstance(paper, Paper)] == [
        "0704.0001",
        "hep-th/9901001",
        "1501.00001",
    ]


def test_a_record_becomes_a_paper(tmp_path: Path) -> None:
    assert read_one(tmp_path) == Paper(
        id="2401.00001",
        title="Calculation of prompt diphoton production",
        abstract="A fully differential calculation is presented.",
        authors=("C. Balázs", "E. L. Berger Jr"),
        categories=("hep-ph", "hep-ex"),
        version=2,
        versions=(Version(1, date(2007, 4, 2)), Version(2, date(2007, 7, 24))),
        submitted=date(2007, 4, 2),
        updated=date(2007, 7, 24),
        doi="10.1103/PhysRevD.76.013009",
        comment="37 pages",
        name_parts=(NameParts("Balázs", "C."), NameParts("Berger", "E. L.", "Jr")),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mon, 2 Apr 2007 19:18:42 GMT", date(2007, 4, 2)),
        ("Mon, 2 Apr 2007 23:18:42 -0500", date(2007, 4, 3)),
        ("2007-04-02", date(2007, 4, 2)),
        ("2007-04-02T19:18:42Z", date(2007, 4, 2)),
        ("2007-04-02T23:18:42-05:00", date(2007, 4, 3)),
    ],
)
def test_dates_are_read_in_either_form_as_days_of_utc(text: str, expected: date) -> None:
    assert day(text) == expected


@pytest.mark.parametrize("text", ["", "yesterday", "2007-13-02", "02/04/2007", "2007-04-02 soon"])
def test_any_other_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="neither an ISO 8601 nor an RFC 2822 date"):
        day(text)


def test_unknown_values_stay_empty(tmp_path: Path) -> None:
    unknown = dict.fromkeys(
        ["authors", "comments", "doi", "categories", "abstract", "versions", "update_date"]
    )
    assert read_one(tmp_path, **unknown, authors_parsed=[]) == Paper(
        id="2401.00001", title="Calculation of prompt diphoton production"
    )


def test_a_day_of_submission_is_not_made_from_a_later_version(tmp_path: Path) -> None:
    later = [{"version": "v3", "created": "2007-07-24"}]
    paper = read_one(tmp_path, versions=later)
    assert (paper.submitted, paper.updated, paper.version) == (None, date(2007, 7, 24), 3)


@pytest.mark.parametrize(
    ("paper_id", "created", "precision"),
    [
        ("2304.00001", "Sat, 01 Apr 2023 00:00:00 GMT", DatePrecision.MONTH),
        ("2304.00001", "2023-04-01", DatePrecision.MONTH),
        ("2304.00001", "2023-04-01T00:00:00+00:00", DatePrecision.MONTH),
        ("hep-th/9901001", "Fri, 1 Jan 1999 00:00:00 GMT", DatePrecision.MONTH),
        # arXiv's own snapshot has the time of day.
        ("2304.00001", "Sat, 01 Apr 2023 00:00:01 GMT", DatePrecision.DAY),
        ("2304.00001", "Sat, 01 Apr 2023 10:00:00 GMT", DatePrecision.DAY),
        ("2304.00001", "2023-04-01T00:00:00.25Z", DatePrecision.DAY),
        # A month other than that of the identifier, and other days, were not made up from it.
        ("2303.18223", "Sat, 01 Apr 2023 00:00:00 GMT", DatePrecision.DAY),
        ("2304.00001", "Sun, 02 Apr 2023 00:00:00 GMT", DatePrecision.DAY),
    ],
)
def test_the_first_of_the_identifiers_month_at_midnight_is_only_a_month(
    tmp_path: Path, paper_id: str, created: str, precision: DatePrecision
) -> None:
    paper = read_one(tmp_path, id=paper_id, versions=[{"version": "v1", "created": created}])
    assert paper.versions == (Version(1, day(created), precision),)
    assert (paper.submitted, paper.updated) == (day(created), day(created))
    assert (paper.submitted_precision, paper.updated_precision) == (precision, precision)


def test_only_the_first_version_can_be_known_to_the_month(tmp_path: Path) -> None:
    midnight = "Sat, 01 Apr 2023 00:00:00 GMT"
    versions = [{"version": f"v{number}", "created": midnight} for number in (1, 2)]
    paper = read_one(tmp_path, id="2304.00001", versions=versions)
    assert [v.precision for v in paper.versions] == [DatePrecision.MONTH, DatePrecision.DAY]


def test_authors_are_read_from_the_line_if_nothing_is_parsed(tmp_path: Path) -> None:
    paper = read_one(tmp_path, authors="A. One, B. Two and C. Three", authors_parsed=None)
    assert paper.authors == ("A. One", "B. Two", "C. Three")


@pytest.mark.parametrize(
    ("comment", "withdrawn"),
    [
        ("This paper has been withdrawn by the author due to an error", True),
        ("Withdrawn: superseded by 1501.00001", True),
        ("12 pages; we discuss why the earlier claim was withdrawn", False),
        (None, False),
    ],
)
def test_a_withdrawal_is_read_from_the_comment(
    tmp_path: Path, comment: str | None, withdrawn: bool
) -> None:
    assert read_one(tmp_path, comments=comment).withdrawn is withdrawn


BAD_LINES = {
    "not JSON": '{"id": "2401.00002", "title":',
    "'title' is missing": {"id": "2401.00002"},
    "the title is empty": record("2401.00002", title=" \n "),
    "not an arXiv identifier": record("24010.2"),
    "neither an ISO 8601": record("2401.00002", versions=[{"version": "v1", "created": "soon"}]),
    "'created' is missing": record("2401.00002", versions=[{"version": "v1"}]),
    "list indices": [],
    "authors_parsed has [] instead of": record("2401.00002", authors_parsed=[[]]),
    "authors_parsed has ['Plato', 1] instead of": record(
        "2401.00002", authors_parsed=[["Plato", 1]]
    ),
    "recursion": "[" * 100_000,
}


@pytest.mark.parametrize("reason", BAD_LINES)
def test_an_invalid_line_is_reported_by_its_number_and_the_rest_stored(
    tmp_path: Path, seealso: Seealso, reason: str
) -> None:
    path = snapshot_of(tmp_path, record("2401.00001"), "", BAD_LINES[reason], record("2401.00003"))
    result = seealso(tmp_path / "data", "ingest", "snapshot", str(path))
    assert result.exit_code == 0
    assert "few.jsonl:3 rejected: " in result.stderr
    assert reason in result.stderr
    assert result.stdout == "2 new, 1 rejected\n"
    assert held(tmp_path / "data") == {"2401.00001", "2401.00003"}


def held(data: Path) -> set[str]:
    with read_catalogue(data) as catalogue:
        numbers = list(range(1, catalogue.count() + 1))
        return {entry.paper.id for entry in catalogue.entries(numbers).values()}


def test_a_truncated_gzip_is_an_error_and_the_lines_before_are_stored(
    tmp_path: Path, seealso: Seealso
) -> None:
    whole = SAMPLE.read_bytes()
    path = tmp_path / "cut.jsonl.gz"
    path.write_bytes(whole[: len(whole) // 10])
    result = run_main(tmp_path / "data", "ingest", "snapshot", str(path))
    assert result.returncode == 2
    assert result.stderr.splitlines()[-1].startswith(f"seealso: the snapshot {path} cannot be read")
    kept = held(tmp_path / "data")
    before = [p.id for p in records(SAMPLE) if isinstance(p, Paper)]
    assert 500 < len(kept) < 800
    assert kept == set(before[: len(kept)])
    status = json.loads(seealso(tmp_path / "data", "status", "--json").output)
    assert "cannot be read" in status["last_ingest"]["outcome"]
    assert status["last_ingest"]["counts"]["new"] == len(kept)
    assert status["taken_from"] == []


def test_a_zip_of_two_files_is_refused(tmp_path: Path) -> None:
    path = as_zip(tmp_path / "two", lines(record()))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("another.json", "")
    with pytest.raises(BadInput, match="contains 2 files; a snapshot has only one"):
        list(read_snapshot(path))


@pytest.mark.parametrize("name", ["broken.zip", "broken.gz"])
def test_an_invalid_archive_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(lines(record()))
    with pytest.raises(BadInput, match=rf"{name} cannot be read"):
        list(read_snapshot(path))


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    missing = tmp_path / "missing.jsonl"
    result = run_main(tmp_path / "data", "ingest", "snapshot", str(missing))
    assert result.returncode == 2
    assert str(missing) in result.stderr
    assert not (tmp_path / "data").exists()
    with pytest.raises(BadInput, match=r"missing\.jsonl cannot be read"):
        list(read_snapshot(missing))


@pytest.fixture(scope="module")
def sample() -> dict[str, Paper]:
    found = records(SAMPLE)
    assert not [line for line in found if isinstance(line, RejectedRecord)]
    return {paper.id: paper for paper in found if isinstance(paper, Paper)}


def test_the_whole_sample_is_papers(sample: dict[str, Paper]) -> None:
    assert len(sample) == 5_200
    assert sample[SURVEY].title.startswith("A Survey of Resource-efficient LLM")
    assert sum("/" in paper_id for paper_id in sample) == 600


def test_every_paper_of_the_sample_has_an_abstract(sample: dict[str, Paper]) -> None:
    """A bare title would lead every search for the same words."""
    assert not [paper.id for paper in sample.values() if not paper.abstract]


def test_most_days_of_2023_in_the_sample_are_unknown(sample: dict[str, Paper]) -> None:
    papers = [paper for paper in sample.values() if paper.id.startswith("23") and paper.submitted]
    months = [paper for paper in papers if paper.submitted_precision is DatePrecision.MONTH]
    assert len(months) > 0.9 * len(papers) > 300


def test_the_sample_holds_every_labelled_paper(sample: dict[str, Paper]) -> None:
    assert set(load_taxonomy().examples) <= set(sample)
