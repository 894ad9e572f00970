"""Readers get the same items in different orders, and papers that nobody read before."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.benchmarks.summaries_for_readers import (
    Record,
    count_answers,
    draw,
    is_kept_back,
    write_items,
)

RECORDS = [
    {"id": f"2401.{number:05}", "title": "T", "abstract": f"A {number}.", "categories": category}
    for number, category in enumerate([f"c{index % 40}.X cs.LG" for index in range(2_000)])
]


def test_a_round_has_thirty_categories_and_no_paper_of_another_round() -> None:
    first, second = draw(RECORDS, 1), draw(RECORDS, 2)
    for drawn in (first, second):
        assert len({record["categories"] for record in drawn}) == len(drawn) == 30
        assert all(is_kept_back(record["id"]) for record in drawn)
    assert not {one["id"] for one in first} & {one["id"] for one in second}


def test_answers_are_counted_by_method(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    drawn = draw(RECORDS, 1)
    methods: dict[str, Callable[[Record], str]] = {
        "old": lambda record: f"old {record['id']}",
        "new": lambda record: f"new {record['id']}",
    }
    write_items(drawn, methods, tmp_path)
    items = [json.loads((tmp_path / f"{reader}.json").read_text()) for reader in (1, 2)]
    assert [item["summary"] for item in items[0]] != [item["summary"] for item in items[1]]
    for reader, own in enumerate(items, 1):
        assert {item["summary"] for item in own} == {item["summary"] for item in items[0]}
        answers = {
            str(item["item"]): "partial" if "old" in item["summary"] or reader == 2 else "right"
            for item in own
        }
        (tmp_path / f"{reader}.answers.json").write_text(json.dumps(answers))
    count_answers(tmp_path)
    new, old = capsys.readouterr().out.splitlines()
    nothing = "0 right, 0 partial, 0 wrong;"
    partial = "0 right, 30 partial, 0 wrong;"
    assert new == f"new 30 right, 0 partial, 0 wrong; {partial} both: {nothing}"
    assert old == f"old {partial} {partial} both: {partial}"
