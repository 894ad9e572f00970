"""Reading lists in addresses: identifiers in any form, titles, limits and faults."""

from urllib.parse import parse_qs, urlsplit

import pytest

from api.parameters.reading_list import (
    MAX_CARRIED,
    MAX_LISTED,
    MAX_TITLE,
    ReadingList,
    read_beginning,
    read_list,
)
from index.errors import BadInput

_NEW = [f"2401.{number:05}" for number in range(1, 1_000)]
_OLD = [f"cond-mat/{number:07}" for number in range(9_901_001, 9_901_999)]


@pytest.mark.parametrize(
    ("papers", "ids"),
    [
        ("", []),
        (" , ,\n", []),
        ("2401.08092", ["2401.08092"]),
        ("2401.08092,2306.00978", ["2401.08092", "2306.00978"]),
        ("2401.08092v1, 2401.08092v2,arXiv:2401.08092", ["2401.08092"]),
        ("hep-th/9901001 2401.08092", ["hep-th/9901001", "2401.08092"]),
        (
            "arXiv:2401.08092 [cs.LG]\nhttps://arxiv.org/pdf/2306.00978v3",
            ["2401.08092", "2306.00978"],
        ),
        ("10.48550/arXiv.2401.08092; arXiv: 2306.00978", ["2401.08092", "2306.00978"]),
        (
            "https://arxiv.org/abs/2401.08092 https://arxiv.org/abs/2306.00978",
            ["2401.08092", "2306.00978"],
        ),
    ],
)
def test_papers_are_read_once_each_in_any_form_and_in_their_order(
    papers: str, ids: list[str]
) -> None:
    found = read_list(papers)
    assert list(found.ids) == ids
    assert found.faults == ()


def test_what_is_no_identifier_is_named_and_the_others_are_kept() -> None:
    found = read_list("2401.08092,pruning,2306.00978,<b>")
    assert found.ids == ("2401.08092", "2306.00978")
    assert found.faults == (
        "'pruning' is not an arXiv identifier",
        "'<b>' is not an arXiv identifier",
    )


def test_of_many_faults_the_first_are_named_and_the_others_counted() -> None:
    found = read_list(",".join(f"x{number}" for number in range(50)) + ",2401.08092")
    assert len(found.faults) == 11
    assert found.faults[-1] == "40 more are not arXiv identifiers"
    assert found.ids == ("2401.08092",)


@pytest.mark.parametrize(
    "papers",
    [
        ",".join(_NEW[: MAX_LISTED + 1]),
        " ".join(_NEW[: MAX_LISTED + 1]),
        ",".join(f"a{n}" for n in range(5_000)),
        " ".join(["a"] * 100_000),
    ],
    ids=["commas", "blanks", "other words", "one word"],
)
def test_a_list_that_is_too_long_is_refused(papers: str) -> None:
    with pytest.raises(BadInput, match=f"at most {MAX_LISTED}"):
        read_list(papers)


def test_a_full_list_takes_no_other_paper_but_one_that_it_has() -> None:
    full = read_list(",".join(_NEW[:MAX_LISTED]))
    assert full.adding([_NEW[0]]) == full
    with pytest.raises(BadInput, match="the list would have 401 papers"):
        full.adding([_NEW[MAX_LISTED]])


def test_papers_are_added_at_the_end_and_removed() -> None:
    mine = read_list("2401.08092")
    changed = mine.adding(["2306.00978", "2401.08092"])
    assert changed.ids == ("2401.08092", "2306.00978")
    assert changed.removing(["2401.08092", "2401.99999"]).ids == ("2306.00978",)


@pytest.mark.parametrize(
    ("title", "read"),
    [
        ("Reading group", "Reading group"),
        (" Two\nlines\t", "Two lines"),
        ("bidi \u202erev \x00", "bidi rev"),
        ("Ünïcode & <b>", "Ünïcode & <b>"),
    ],
)
def test_a_title_is_one_line(title: str, read: str) -> None:
    mine = read_list("2401.08092", title)
    assert mine.title == read
    assert parse_qs(urlsplit(mine.address()).query)["title"] == [read]


def test_a_long_title_is_cut_and_that_is_said() -> None:
    found = read_list("2401.08092", "x" * 101)
    assert found.title == "x" * MAX_TITLE
    assert found.faults == ("the title is cut: it can have 100 characters",)


def test_an_address_is_read_as_the_list_that_it_was_made_of() -> None:
    mine = read_list("2401.08092,hep-th/9901001,math/0211159", "Ünïcode & more")
    query = parse_qs(urlsplit(mine.address()).query)
    assert read_list(query["papers"][0], query["title"][0]) == mine
    assert mine.address().startswith("/list?papers=2401.08092,hep-th/9901001,math/0211159&title=")
    assert mine.address(".bib").startswith("/list.bib?papers=")
    assert ReadingList().address() == "/list"


def test_the_longest_list_has_an_address_that_servers_accept() -> None:
    _assert_short(read_list(",".join(_NEW[:MAX_LISTED]), "\N{GRINNING FACE}" * MAX_TITLE))
    longest = read_list(",".join(_OLD[:320]), "\N{GRINNING FACE}" * MAX_TITLE)
    _assert_short(longest)
    with pytest.raises(BadInput, match="the list would have 322 papers"):
        longest.adding(_OLD[:322])


def _assert_short(mine: ReadingList) -> None:
    addresses = (mine.address(".zotero.json"), mine.recommendations, mine.feed)
    assert max(map(len, addresses)) < 8_100


@pytest.mark.parametrize(("ids", "fitting"), [("new", MAX_LISTED), ("old", 321)])
def test_of_a_list_that_is_too_long_the_beginning_and_the_others_can_be_had(
    ids: str, fitting: int
) -> None:
    given = (*{"new": _NEW, "old": _OLD}[ids][:400], "math/0211159")
    found = read_beginning(",".join(given), "Mine")
    assert found.ids + found.others == given
    assert len(found.ids) == fitting
    assert found.faults[0].startswith("the list would have 401 papers")


def test_links_carry_a_list_only_if_it_is_short() -> None:
    assert read_list(",".join(_NEW[:MAX_CARRIED])).carried.startswith("list=2401.00001,")
    assert read_list(",".join(_NEW[: MAX_CARRIED + 1])).carried == ""
    assert ReadingList().carried == ""
    assert read_list("2401.08092", "A b").carried == "list=2401.08092&list_title=A%20b"


def test_the_feed_and_the_recommendations_are_those_of_liked_papers() -> None:
    mine = read_list("2401.08092,hep-th/9901001")
    assert mine.feed == "/feeds/recommended.atom?liked=2401.08092&liked=hep-th%2F9901001"
    assert mine.recommendations == "/recommended?liked=2401.08092&liked=hep-th%2F9901001"
