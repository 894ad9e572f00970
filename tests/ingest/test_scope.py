"""What following sets adds to the harvest scope, and which papers are within it."""

from datetime import UTC, date, datetime

import pytest

from index.arxiv.date_precision import DatePrecision
from index.arxiv.paper import Paper, Version
from index.catalogue.harvests import FollowedSelection
from index.errors import BadInput
from ingest.scope import (
    EARLIEST,
    FROM_THE_BEGINNING,
    Plan,
    first_listed_day,
    is_in_scope,
    parse_selection,
    plan_following,
)

DAY = date(2023, 1, 1)
BEFORE, AFTER = date(2020, 1, 1), date(2024, 6, 1)
AT = datetime(2026, 3, 6, tzinfo=UTC)


def followed(selection: str, submitted: date | None, since: date = EARLIEST) -> FollowedSelection:
    return FollowedSelection(selection, since, AT, AT, submitted_since=submitted)


@pytest.mark.parametrize(
    ("sets", "since", "present", "expected"),
    [
        (["cs.CL"], DAY, [], Plan({"cs:cs:CL": DAY})),
        (["cs.CL"], None, [], Plan({"cs:cs:CL": FROM_THE_BEGINNING})),
        (["cs.CL", "cs:cs:CL"], DAY, [], Plan({"cs:cs:CL": DAY})),
        (["cs.CL", "hep-th"], DAY, [], Plan({"cs:cs:CL": DAY, "physics:hep-th": DAY})),
        # a repetition, a later day, and no day change nothing
        (["cs.CL"], DAY, [("cs:cs:CL", DAY)], Plan(known=["cs:cs:CL"])),
        (["cs.CL"], AFTER, [("cs:cs:CL", DAY)], Plan(known=["cs:cs:CL"])),
        (["cs.CL"], None, [("cs:cs:CL", DAY)], Plan(known=["cs:cs:CL"])),
        (["cs.CL"], BEFORE, [("cs:cs:CL", DAY)], Plan({"cs:cs:CL": BEFORE})),
        # archives contain categories, also under their other names
        (["cs.CL"], DAY, [("cs", BEFORE)], Plan(contained={"cs:cs:CL": "cs"})),
        (["cs.CL"], BEFORE, [("cs", DAY)], Plan({"cs:cs:CL": BEFORE})),
        (["cs"], DAY, [("cs:cs:CL", DAY)], Plan({"cs": DAY}, replaced={"cs:cs:CL": "cs"})),
        (["cs"], DAY, [("cs:cs:CL", BEFORE)], Plan({"cs": DAY})),
        (["cs.CL", "cs"], DAY, [], Plan({"cs": DAY}, contained={"cs:cs:CL": "cs"})),
        (["eess.SY"], DAY, [("cs:cs:SY", DAY)], Plan(contained={"eess:eess:SY": "cs:cs:SY"})),
        (["eess.SY"], DAY, [("cs", DAY)], Plan(contained={"eess:eess:SY": "cs"})),
        (["eess"], DAY, [("cs", DAY)], Plan({"eess": DAY})),
        (["all"], DAY, [("cs", DAY)], Plan({"": DAY}, replaced={"cs": ""})),
        (["physics"], DAY, [("", DAY)], Plan(contained={"physics": ""})),
    ],
)
def test_what_following_sets_changes(
    sets: list[str], since: date | None, present: list[tuple[str, date]], expected: Plan
) -> None:
    selections = [parse_selection(one) for one in sets]
    scope = [followed(selection, day) for selection, day in present]
    assert plan_following(selections, since, scope) == expected


@pytest.mark.parametrize(
    ("since", "wanted"),
    [(DAY, False), (date(2022, 6, 1), False), (date(2022, 5, 31), True), (None, False)],
)
def test_a_set_followed_by_datestamp_has_all_papers_submitted_since(
    since: date | None, wanted: bool
) -> None:
    scope = [followed("cs:cs:CL", None, since=date(2022, 6, 1))]
    plan = plan_following(["cs:cs:CL"], since, scope)
    assert plan == (Plan({"cs:cs:CL": since or DAY}) if wanted else Plan(known=["cs:cs:CL"]))


@pytest.mark.parametrize(
    ("submitted", "first"),
    [
        (DAY, date(2022, 12, 30)),
        (date(2005, 9, 17), EARLIEST),
        (date(1995, 1, 1), EARLIEST),
        (FROM_THE_BEGINNING, EARLIEST),
    ],
)
def test_the_first_datestamp_overlaps_and_is_one_that_arxiv_accepts(
    submitted: date, first: date
) -> None:
    assert first_listed_day(submitted) == first


@pytest.mark.parametrize("text", ["", " ", "cs.XL", "2023-01-01"])
def test_an_unknown_set_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        parse_selection(text)


def submitted(
    day: date | None, precision: DatePrecision = DatePrecision.DAY, paper_id: str = "2301.00001"
) -> Paper:
    versions = (Version(1, day, precision),) if day else ()
    return Paper(
        paper_id, "Title", abstract="Text.", categories=("cs.CL",), submitted=day, versions=versions
    )


@pytest.mark.parametrize(
    ("paper", "within"),
    [
        (submitted(DAY), True),
        (submitted(date(2022, 12, 31)), False),
        # what is not known exactly counts with its latest day: no paper is lost
        (submitted(date(2023, 1, 1), DatePrecision.MONTH), True),
        (submitted(date(2022, 12, 1), DatePrecision.MONTH), False),
        (submitted(None), True),
        (submitted(None, paper_id="2212.00001"), False),
        (submitted(None, paper_id="cmp-lg/9401001"), False),
    ],
)
def test_the_day_of_submission_decides(paper: Paper, within: bool) -> None:
    scope = [followed("cs:cs:CL", DAY), followed("physics:hep-th", FROM_THE_BEGINNING)]
    assert is_in_scope(paper, AT.date(), scope) is within


def test_a_paper_of_several_sets_is_within_the_widest() -> None:
    paper = submitted(BEFORE)
    assert not is_in_scope(paper, AFTER, [followed("cs:cs:CL", DAY)])
    wider = followed("cs", BEFORE)
    assert is_in_scope(paper, AFTER, [followed("cs:cs:CL", DAY), wider])
    by_change = followed("", None, since=DAY)
    assert is_in_scope(paper, AFTER, [by_change])
    assert not is_in_scope(paper, BEFORE, [by_change])
