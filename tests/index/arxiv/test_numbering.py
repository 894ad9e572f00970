"""Missing identifiers: lost ranges are found, chance gaps are not reported."""

import time
from functools import partial

import numpy as np
import pytest

from index.arxiv.numbering import IdRange, missing_ranges, month_and_number

MONTH = 20_352
LOST = IdRange("2310", 16116, 16350)  # scirate/scirate issue 500
find = partial(missing_ranges, chance=1e-3)


def _held(share: float, numbers: int, seed: int) -> set[int]:
    random = np.random.default_rng(seed)
    return set((np.flatnonzero(random.random(numbers) < share) + 1).tolist())


def _without(held: set[int], lost: IdRange) -> set[int]:
    return held - set(range(lost.first, lost.last + 1))


def _covered(lost: IdRange, found: list[IdRange]) -> bool:
    return any(one.first <= lost.first and lost.last <= one.last for one in found)


def test_a_range_counts_and_lists_its_ids() -> None:
    assert len(LOST) == 235
    assert str(LOST) == "2310.16116 to 2310.16350"
    assert LOST.ids()[0] == "2310.16116"
    assert LOST.ids()[-1] == "2310.16350"
    assert len(LOST.ids()) == 235


def test_ids_have_four_digits_until_the_end_of_2014() -> None:
    assert IdRange("1412", 8, 10).ids() == ["1412.0008", "1412.0009", "1412.0010"]
    assert IdRange("1501", 8, 9).ids() == ["1501.00008", "1501.00009"]
    assert IdRange("2901", 99_999, 100_000).ids() == ["2901.99999", "2901.100000"]


def test_ranges_sort_by_month_and_number() -> None:
    one, two, three = IdRange("2309", 7, 9), IdRange("2310", 2, 3), IdRange("2310", 10, 11)
    assert sorted([three, one, two]) == [one, two, three]


@pytest.mark.parametrize(
    ("paper_id", "read"),
    [
        ("2310.16116", ("2310", 16116)),
        ("1412.0008", ("1412", 8)),
        ("hep-th/9901001", None),
        ("math.GT/0309136", None),
        ("2310.16116v2", None),
        ("٢٣١٠.16116", None),
    ],
)
def test_month_and_number(paper_id: str, read: tuple[str, int] | None) -> None:
    assert month_and_number(paper_id) == read


def test_the_ids_of_a_range_parse_back_to_its_numbers() -> None:
    read = [month_and_number(paper_id) for paper_id in LOST.ids()]
    assert read == [("2310", number) for number in range(LOST.first, LOST.last + 1)]


def test_nothing_missing() -> None:
    assert find("2310", range(1, MONTH + 1), 1, MONTH) == []


def test_the_lost_range_in_a_dense_month() -> None:
    held = _without(set(range(1, MONTH + 1)), LOST)
    assert find("2310", held, 1, MONTH) == [LOST]


def test_the_lost_range_among_two_days_of_a_category() -> None:
    held = _without(_held(0.06, 2500, seed=1), IdRange("2310", 1000, 1234))
    (found,) = find("2310", held, 1, 2500)
    assert found.first <= 1000
    assert found.last >= 1234
    assert len(found) < 235 + 150


def test_the_lost_range_in_a_month_of_one_paper_in_twenty() -> None:
    held = _without(_held(0.05, MONTH, seed=2), LOST)
    (found,) = find("2310", held, 1, MONTH, chance=0.01)
    assert _covered(LOST, [found])


def test_the_first_and_the_last_numbers_of_a_month() -> None:
    held = range(120, MONTH - 40)
    found = find("2310", held, 1, MONTH)
    assert found == [IdRange("2310", 1, 119), IdRange("2310", MONTH - 40, MONTH)]


def test_single_missing_numbers_are_ignored_and_pairs_are_found() -> None:
    held = set(range(1, MONTH + 1)) - {17, 5000, 19_000}
    assert find("2310", held, 1, MONTH) == []
    assert find("2310", held - {300, 301}, 1, MONTH) == [IdRange("2310", 300, 301)]


def test_a_single_missing_number_is_not_reported() -> None:
    held = set(range(1, MONTH + 1)) - {17}
    assert find("2310", held, 1, MONTH) == []


def test_nothing_held_is_all_missing() -> None:
    assert find("2310", [], 5, 900) == [IdRange("2310", 5, 900)]
    assert find("2310", [4, 901], 5, 900) == [IdRange("2310", 5, 900)]
    assert find("2310", [], 1, 0) == []


def test_one_held_paper_does_not_make_a_month_followed() -> None:
    assert find("2310", [9000], 1, MONTH) == []


def test_only_numbers_between_first_and_last_are_judged() -> None:
    held = [*range(1, 500), *range(700, 1000)]
    assert find("2310", held, 1, 499) == []
    assert find("2310", held, 1, 600) == [IdRange("2310", 500, 600)]


def test_order_and_repetition_do_not_matter() -> None:
    held = list(_without(set(range(1, 3001)), IdRange("2310", 70, 90)))
    expected = [IdRange("2310", 70, 90)]
    assert find("2310", held[::-1] + held, 1, 3000) == expected


@pytest.mark.parametrize(
    ("share", "length"),
    [(0.02, 639), (0.05, 270), (0.10, 138), (0.20, 69), (0.50, 24), (0.90, 8), (0.99, 4)],
)
def test_the_lengths_that_the_docstring_states(share: float, length: int) -> None:
    assert str(length) in (missing_ranges.__doc__ or "")
    # 10 % from the limit: the estimate itself errs by about 3 % at the smallest share.
    held = _held(share, 20_000, seed=3)
    edges = sorted(held)
    start = edges[len(edges) // 2] + 1
    short = held - set(range(start, start + int(length * 0.9) - 1)) | {
        start + int(length * 0.9) - 1
    }
    long = held - set(range(start, start + int(length * 1.1) + 1))
    assert find("2310", short, 1, 20_000) == []
    assert [one.first for one in find("2310", long, 1, 20_000)] == [start]


SHARES = [0.02, 0.05, 0.1, 0.3, 0.6, 0.9, 0.99, 0.999]


@pytest.mark.parametrize("numbers", [300, 2500, MONTH])
def test_chance_gaps_are_hardly_ever_reported(numbers: int) -> None:
    tries = [(share, seed) for share in SHARES for seed in range(25)]
    named = sum(
        len(find("2310", held, 1, numbers))
        for share, seed in tries
        if (held := _held(share, numbers, seed))
    )
    # 0.2 of 200 months are expected, and slightly more if few papers make the share uncertain.
    assert named <= 2


@pytest.mark.parametrize(
    ("share", "chance"),
    [(0.05, 1e-2), (0.07, 1e-3), (0.1, 1e-3), (0.3, 1e-3), (0.6, 1e-3), (0.9, 1e-3), (1, 1e-3)],
)
def test_a_lost_range_is_found_at_any_position(share: float, chance: float) -> None:
    for seed in range(25):
        start = int(np.random.default_rng(seed).integers(1, MONTH - 234))
        lost = IdRange("2310", start, start + 234)
        held = _without(_held(share, MONTH, seed), lost)
        found = find("2310", held, 1, MONTH, chance=chance)
        assert _covered(lost, found), (seed, lost)
        assert len(found) <= 2


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_many_lost_ranges_do_not_hide_one_another(share: float) -> None:
    held = _held(share, MONTH, seed=4)
    lost = [IdRange("2310", start, start + 234) for start in range(500, MONTH - 500, 800)]
    for one in lost:
        held = _without(held, one)
    found = find("2310", held, 1, MONTH)
    assert len(found) == len(lost)
    assert all(_covered(one, found) for one in lost)


def test_half_a_month_lost_does_not_hide_a_short_range() -> None:
    half, short = IdRange("2310", 9000, MONTH), IdRange("2310", 4000, 4234)
    held = _without(_without(_held(0.1, MONTH, seed=5), half), short)
    found = find("2310", held, 1, MONTH)
    assert len(found) == 2
    assert _covered(short, found[:1])
    assert _covered(half, found[1:])


@pytest.mark.parametrize("share", [0.05, 0.5, 1])
def test_a_month_is_judged_quickly(share: float) -> None:
    held = _held(share, 30_000, seed=6)
    started = time.process_time()
    for _ in range(5):
        find("2603", held, 1, 30_000)
    assert (time.process_time() - started) / 5 < 0.05
