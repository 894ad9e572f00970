"""The `Paper` record, and how two records of one paper are merged."""

from dataclasses import replace
from datetime import date
from functools import reduce
from itertools import combinations, permutations, product

import pytest

from index.arxiv.date_precision import DatePrecision
from index.arxiv.name_parts import NameParts
from index.arxiv.paper import (
    Change,
    Paper,
    Version,
    classify_change,
    merge_records,
    text_hash,
    to_single_line,
    with_withdrawal,
)
from index.arxiv.withdrawal.decision import Withdrawal

FIRST = Paper(
    id="2401.00001",
    title="On Things",
    abstract="We study things.",
    authors=("A. Author",),
    categories=("cs.LG", "cs.CL"),
    version=1,
    versions=(Version(1, date(2024, 1, 1)),),
    submitted=date(2024, 1, 1),
    updated=date(2024, 1, 1),
    license="a licence",
    comment="8 pages",
)
SECOND = replace(
    FIRST,
    title="On All Things",
    version=2,
    versions=(Version(2, date(2024, 3, 1)),),
    updated=date(2024, 3, 1),
    license=None,
    comment=None,
    doi="10.1/2",
)


def test_the_later_version_wins_and_empty_fields_keep_the_earlier_value() -> None:
    both = merge_records(FIRST, SECOND)
    assert (both.title, both.doi, both.license) == ("On All Things", "10.1/2", "a licence")
    assert both.comment is None  # "8 pages" was about the first version
    assert (both.submitted, both.updated) == (date(2024, 1, 1), date(2024, 3, 1))
    assert [version.number for version in both.versions] == [1, 2]


def test_the_order_of_arrival_does_not_matter() -> None:
    assert merge_records(SECOND, FIRST) == merge_records(FIRST, SECOND)


WORDS = "This paper has been withdrawn by the authors"
# What the comment and the source of a version say about its withdrawal.
STATES = {"full": ("8 pages", ""), "bare": (None, ""), "flag": (None, "I"), "words": (WORDS, "")}
DAYS = (date(2024, 1, 5), date(2024, 3, 1), date(2024, 5, 1))


def record(source: str, states: tuple[str, ...]) -> Paper:
    """Return the record of the last of these versions, as OAI-PMH or a snapshot has it."""
    versions = tuple(
        Version(n, day, flags=STATES[state][1] if source == "arXivRaw" else None)
        for n, (day, state) in enumerate(zip(DAYS, states, strict=False), 1)
    )
    known = versions if source != "arXiv" else ()
    return with_withdrawal(
        Paper(
            id="2401.00001",
            title=f"Version {len(states)}",
            version=len(known) or None,
            versions=known,
            submitted=known[0].created if known else None,
            updated=DAYS[len(states) - 1],
            comment=STATES[states[-1]][0],
        )
    )


@pytest.mark.parametrize("states", [*product(STATES, repeat=2), *product(STATES, repeat=3)])
def test_records_of_all_sources_and_versions_can_arrive_in_any_order(
    states: tuple[str, ...],
) -> None:
    """The last version alone decides on the withdrawal, by its flag if a record has it."""
    last = len(states)
    records = [
        (source, n, record(source, states[:n]))
        for source in ("arXivRaw", "snapshot", "arXiv")
        for n in range(1, last + 1)
    ]
    for chosen in combinations(records, 3):
        newest = [source for source, number, _ in chosen if number == last]
        if not newest:
            continue
        merged = {
            reduce(merge_records, (one[2] for one in order)) for order in permutations(chosen)
        }
        assert len(merged) == 1
        is_flagged = states[-1] == "flag" and "arXivRaw" in newest
        assert merged.pop().withdrawn is (is_flagged or states[-1] == "words")


def test_a_record_that_arrives_twice_changes_nothing() -> None:
    both = merge_records(FIRST, SECOND)
    assert merge_records(both, SECOND) == merge_records(both, FIRST) == both


MONTH_ONLY = replace(
    FIRST,
    versions=(Version(1, date(2024, 1, 1), DatePrecision.MONTH),),
    submitted=date(2024, 1, 1),
    updated=date(2024, 1, 1),
)


def test_a_paper_knows_how_exact_its_dates_are() -> None:
    both = merge_records(MONTH_ONLY, SECOND)
    assert (both.submitted, both.submitted_precision) == (date(2024, 1, 1), DatePrecision.MONTH)
    assert (both.updated, both.updated_precision) == (date(2024, 3, 1), DatePrecision.DAY)
    unknown = Paper("2401.00002", "Without dates")
    assert (unknown.submitted_precision, unknown.updated_precision) == (None, None)


@pytest.mark.parametrize(
    "exact",
    [
        replace(
            FIRST,
            versions=(Version(1, date(2024, 1, 16)),),
            submitted=date(2024, 1, 16),
            updated=date(2024, 1, 16),
        ),
        # As the OAI format `arXiv` gives it.
        replace(FIRST, version=None, versions=(), submitted=None, updated=date(2024, 1, 16)),
    ],
)
def test_a_day_is_never_replaced_by_its_month(exact: Paper) -> None:
    for both in (merge_records(exact, MONTH_ONLY), merge_records(MONTH_ONLY, exact)):
        assert (both.updated, both.updated_precision) == (date(2024, 1, 16), DatePrecision.DAY)
        assert both.version == 1
        known = exact if exact.submitted else MONTH_ONLY
        assert (both.submitted, both.versions) == (known.submitted, known.versions)
        assert merge_records(both, MONTH_ONLY) == merge_records(both, exact) == both


SPLIT = replace(
    FIRST,
    authors=("Gabriel García Márquez", "E. L. Berger"),
    name_parts=(NameParts("García Márquez", "Gabriel"), NameParts("Berger", "E. L.")),
)


@pytest.mark.parametrize("version", [1, 2])
def test_a_record_without_parts_of_names_keeps_the_known_ones(version: int) -> None:
    line = replace(SPLIT, version=version, name_parts=())
    for both in (merge_records(SPLIT, line), merge_records(line, SPLIT)):
        assert both.version == version
        assert both.name_parts == SPLIT.name_parts
        assert merge_records(both, line) == merge_records(both, SPLIT) == both


def test_parts_follow_their_author_to_another_place_and_spelling() -> None:
    later = replace(
        SPLIT, version=2, authors=("C. New", "E.L. Berger", "Gabriel Garcia Marquez"), name_parts=()
    )
    both = merge_records(SPLIT, later)
    assert both.authors == later.authors
    assert both.name_parts == (None, SPLIT.name_parts[1], SPLIT.name_parts[0])
    assert [one.is_guess for one in both.author_parts] == [True, False, False]
    others = replace(SPLIT, version=2, authors=("C. New",), name_parts=())
    assert merge_records(SPLIT, others).name_parts == ()


def test_later_parts_win_and_missing_authors_keep_theirs() -> None:
    corrected = replace(SPLIT, name_parts=(NameParts("Márquez", "Gabriel García"), None))
    both = merge_records(SPLIT, replace(corrected, version=2))
    assert both.name_parts == (corrected.name_parts[0], SPLIT.name_parts[1])
    nobody = replace(SPLIT, version=2, authors=(), name_parts=())
    assert merge_records(SPLIT, nobody).name_parts == SPLIT.name_parts


def test_a_withdrawal_lasts_until_a_later_version() -> None:
    gone = with_withdrawal(replace(SECOND, comment="Paper withdrawn"))
    assert merge_records(FIRST, gone).withdrawn
    assert merge_records(gone, FIRST).withdrawn
    restored = merge_records(gone, replace(SECOND, version=3))
    assert not restored.withdrawn
    assert restored.comment is None  # the comment was about version 2
    assert merge_records(restored, gone) == merge_records(gone, restored) == restored


def flagged(paper: Paper, flags: str | None) -> Paper:
    """Return a paper as a source with flags describes it; None is a source without flags."""
    versions = tuple(replace(one, flags=flags) for one in paper.versions)
    return with_withdrawal(replace(paper, versions=versions))


def test_a_source_without_flags_does_not_undo_a_flag_of_the_same_version() -> None:
    gone, silent = flagged(SECOND, "AI"), flagged(SECOND, None)
    for merged in (merge_records(gone, silent), merge_records(silent, gone)):
        assert merged.withdrawal is Withdrawal.FLAG
    assert not merge_records(gone, flagged(SECOND, "A")).withdrawn


@pytest.mark.parametrize("reason", [Withdrawal.DELETED, Withdrawal.UNVERIFIED])
def test_a_withdrawal_that_the_fields_do_not_show_lasts_until_flags_are_known(
    reason: Withdrawal,
) -> None:
    gone = replace(SECOND, withdrawal=reason)
    assert merge_records(gone, SECOND).withdrawal is reason
    assert merge_records(gone, flagged(SECOND, "I")).withdrawal is Withdrawal.FLAG
    assert not merge_records(gone, flagged(SECOND, "")).withdrawn
    assert not merge_records(gone, replace(SECOND, version=3)).withdrawn


def test_words_that_a_record_of_the_same_version_no_longer_has_do_not_count() -> None:
    gone = with_withdrawal(replace(SECOND, comment="Paper withdrawn"))
    assert not merge_records(gone, replace(SECOND, comment="12 pages")).withdrawn


def test_sizes_and_flags_of_versions_are_kept() -> None:
    known = replace(SECOND, versions=tuple(replace(v, size=9, flags="D") for v in SECOND.versions))
    assert classify_change(SECOND, known) is Change.UNCHANGED
    for merged in (merge_records(known, SECOND), merge_records(SECOND, known)):
        assert merged.versions == known.versions


def test_the_primary_category_is_the_first() -> None:
    assert FIRST.primary_category == "cs.LG"
    assert Paper("2401.00002", "Without categories").primary_category is None


def test_the_text_hash_follows_title_and_abstract_and_nothing_else() -> None:
    assert replace(FIRST, doi="10.1/1", version=9).text_hash == FIRST.text_hash
    assert replace(FIRST, title="On  Things").text_hash != FIRST.text_hash
    assert replace(FIRST, abstract="").text_hash != FIRST.text_hash
    assert len(text_hash("a", "b")) == 16


def test_metadata_text_becomes_one_line() -> None:
    assert (
        to_single_line(" On\n  the\tlimits\x07 of\u00a0thing\u0000s ") == "On the limits of thing s"
    )
    assert to_single_line(None) == ""
