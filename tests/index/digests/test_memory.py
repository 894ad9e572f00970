"""What a digest remembers: no paper is lost, none is repeated, and a broken file is an error."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from index.catalogue.arrivals.new_papers import Arrivals, Period
from index.catalogue.runs import StoringRun
from index.digests.memory import Memory, read_memory, write_memory
from index.errors import BadInput, Damaged

SINCE = datetime(2026, 3, 2, tzinfo=UTC)
FIRST = Memory(Period(SINCE))
NONE = frozenset[int]()


def began(number: int) -> datetime:
    return datetime(2026, 3, number, 5, tzinfo=UTC)


def arrived(run: int, *numbers: int, finished: bool = True) -> Arrivals:
    at = began(run)
    return Arrivals(
        StoringRun(run, "nightly", at, at if finished else None, 0, None), list(numbers), 0
    )


def after(run: int, *sent: str) -> Memory:
    return Memory(Period(began(run), (began(run), run)), sent)


def test_all_runs_that_a_digest_considered_are_covered() -> None:
    memory = FIRST.after_digest([arrived(2, 1, 2), arrived(3, 3)], NONE, ["2603.00001"])
    assert memory == after(3, "2603.00001")


def test_a_run_that_is_still_active_is_considered_again() -> None:
    found = [arrived(2, 1), arrived(3, 2, finished=False)]
    assert FIRST.after_digest(found, NONE, ["2603.00002"]) == after(2, "2603.00002")


def test_a_run_with_a_paper_that_waits_for_a_release_is_considered_again() -> None:
    found = [arrived(2, 1), arrived(3, 2, 3), arrived(4, 5)]
    assert FIRST.after_digest(found, frozenset([3]), []) == after(2)


def test_a_digest_without_any_run_leaves_the_period_as_it_is() -> None:
    assert FIRST.after_digest([], NONE, []) == FIRST
    assert after(3, "2603.00001").after_digest([], NONE, []) == after(3, "2603.00001")


def test_papers_that_no_run_stored_leave_the_period_as_it_is() -> None:
    assert FIRST.after_digest([Arrivals(None, [1], 0)], NONE, []) == FIRST


def test_only_the_latest_ids_are_kept() -> None:
    ids = [f"2603.{number:05}" for number in range(10_001)]
    assert after(2, *ids[:2]).after_digest([], NONE, ids).sent == tuple(ids[1:])


@pytest.mark.parametrize("memory", [FIRST, after(3, "2603.00001", "hep-th/9901001")])
def test_a_memory_is_read_as_it_was_written(memory: Memory, tmp_path: Path) -> None:
    file = tmp_path / "state" / "digest.json"
    write_memory(file, memory)
    assert read_memory(file, Period(began(1))) == memory
    assert [path.name for path in file.parent.iterdir()] == ["digest.json"]


def test_without_a_file_the_first_period_begins(tmp_path: Path) -> None:
    assert read_memory(tmp_path / "none.json", FIRST.period) == FIRST


WHOLE = '{"form": 1, "since": "2026-03-02T00:00:00+00:00", "after_run": null, "sent": []}'


@pytest.mark.parametrize(
    "content",
    [
        "",
        "null",
        "[]",
        WHOLE[:-1],
        WHOLE.replace('"form": 1', '"form": 2'),
        WHOLE.replace("2026-03-02T00:00:00+00:00", "2026-03-02T00:00:00"),
        WHOLE.replace("2026-03-02", "2026-02-30"),
        WHOLE.replace("null", "17"),
        WHOLE.replace("null", '["2026-03-02T00:00:00+00:00", "17"]'),
        WHOLE.replace("null", '["yesterday", 17]'),
        WHOLE.replace("[]", "[17]"),
        WHOLE.replace("[]", "{}"),
        "[" * 100_000,
        "\udcff",
    ],
)
def test_another_file_is_refused_and_stays(content: str, tmp_path: Path) -> None:
    file = tmp_path / "digest.json"
    file.write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(Damaged, match="name another file, or delete it"):
        read_memory(file, FIRST.period)
    assert file.read_bytes() == content.encode(errors="surrogateescape")


def test_the_unchanged_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "digest.json"
    file.write_text(WHOLE)
    assert read_memory(file, Period(began(1))) == FIRST


def test_a_folder_is_no_state(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="name a file"):
        read_memory(tmp_path, FIRST.period)
    with pytest.raises(BadInput, match="choose another path"):
        write_memory(tmp_path, FIRST)
