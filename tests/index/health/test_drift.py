"""When a night's tags are said to have changed sharply, and that every run leaves its record."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from index.catalogue.catalogue import open_catalogue
from index.catalogue.tagging_log import TaggingRecord
from index.health.drift import find_drift
from tests.conftest import Seealso

NIGHT = TaggingRecord(
    taxonomy="ponds",
    tagger="0123456789ab",
    at="2026-11-01T04:00:00Z",
    judged=1000,
    new=1000,
    abstained=900,
    confidence=0.7,
    labels={"frogs": 60, "newts": 40},
)
NIGHTS = [NIGHT] * 10
LIKE = replace(NIGHT, abstained=885, labels={"frogs": 72, "newts": 43}, confidence=0.68)


def test_nights_alike_are_no_drift() -> None:
    assert find_drift([LIKE, *NIGHTS]) == []


@pytest.mark.parametrize(
    ("night", "told"),
    [
        (
            replace(NIGHT, abstained=800, labels={"frogs": 160, "newts": 40}),
            ["200 of 1000 papers tagged, 100 by", "160 of 1000 papers on frogs, 60 by"],
        ),
        (
            replace(NIGHT, abstained=1000, labels={}, confidence=None),
            ["0 of 1000 papers tagged", "0 of 1000 papers on frogs", "0 of 1000 papers on newts"],
        ),
        (replace(NIGHT, confidence=0.5), ["tags are 0.50 sure on average, 0.70 in"]),
        (
            replace(NIGHT, labels={"frogs": 30, "newts": 40, "toads": 30}),
            ["30 of 1000 papers on toads, 0 by"],
        ),
    ],
    ids=["twice as many", "none at all", "less sure", "another label"],
)
def test_a_sharp_change_is_told(night: TaggingRecord, told: list[str]) -> None:
    found = find_drift([night, *NIGHTS])
    assert len(found) == len(told)
    assert all(said.startswith(start) for said, start in zip(found, told, strict=True))


def test_little_is_not_compared() -> None:
    none = replace(NIGHT, abstained=1000, labels={}, confidence=None)
    assert find_drift([]) == []
    assert find_drift([none, *NIGHTS[:4]]) == []
    assert find_drift([none, *([replace(NIGHT, judged=50, new=50, abstained=45)] * 9)]) == []


def test_judging_the_catalogue_again_is_no_night() -> None:
    again = replace(NIGHT, judged=90_000, new=0, abstained=89_000)
    assert find_drift([again, *NIGHTS]) == []
    assert find_drift([LIKE, *([again] * 3), *NIGHTS]) == []


def test_a_run_leaves_its_record_and_status_shows_it(
    built_data_copy: Path, seealso: Seealso
) -> None:
    with open_catalogue(built_data_copy) as catalogue:
        [taxonomy] = catalogue.taggings.taxonomies()
        [first] = catalogue.taggings.latest(taxonomy, 10)
        assert first.judged == first.new == catalogue.count()
        assert first.tagged == len(
            catalogue.tags.numbers_with_tags((taxonomy, x) for x in first.labels)
        )
        assert 0.4 <= (first.confidence or 0) <= 1
        for _ in range(9):
            catalogue.taggings.add(
                taxonomy,
                first.tagger,
                judged=500,
                new=500,
                abstained=500,
                confidence=None,
                labels={},
            )
        catalogue.taggings.add(
            taxonomy,
            first.tagger,
            judged=500,
            new=500,
            abstained=400,
            confidence=0.8,
            labels={"model-compression": 100},
        )
    status = json.loads(seealso(built_data_copy, "status", "--json").output)
    [state] = status["tagging"]
    assert state["last"]["labels"] == {"model-compression": 100}
    assert any("100 of 500 papers on model-compression" in said for said in state["drift"])
    shown = seealso(built_data_copy, "status").stdout
    assert "100 of 500 papers tagged, mean confidence 0.80" in shown
    assert "drift: 100 of 500 papers tagged" in shown
