"""Sharp changes of the tags of a nightly run are reported, and every run is recorded."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from index.catalogue.catalogue import open_catalogue
from index.catalogue.tagging_log import TaggingRecord
from index.health.drift import find_drift
from tests.conftest import Seealso

RUN = TaggingRecord(
    taxonomy="ponds",
    tagger="0123456789ab",
    at="2026-11-01T04:00:00Z",
    judged=1000,
    new=1000,
    abstained=900,
    confidence=0.7,
    labels={"frogs": 60, "newts": 40},
)
RUNS = [RUN] * 10
LIKE = replace(RUN, abstained=885, labels={"frogs": 72, "newts": 43}, confidence=0.68)


def test_similar_runs_are_not_drift() -> None:
    assert find_drift([LIKE, *RUNS]) == []


@pytest.mark.parametrize(
    ("run", "changes"),
    [
        (
            replace(RUN, abstained=800, labels={"frogs": 160, "newts": 40}),
            [
                "200 of 1000 papers tagged, 100 expected",
                "160 of 1000 papers with tag frogs, 60 expected",
            ],
        ),
        (
            replace(RUN, abstained=1000, labels={}, confidence=None),
            [
                "0 of 1000 papers tagged",
                "0 of 1000 papers with tag frogs",
                "0 of 1000 papers with tag newts",
            ],
        ),
        (replace(RUN, confidence=0.5), ["the mean confidence of tags is 0.50, 0.70 in"]),
        (
            replace(RUN, labels={"frogs": 30, "newts": 40, "toads": 30}),
            ["30 of 1000 papers with tag toads, 0 expected"],
        ),
    ],
    ids=["twice as many", "none at all", "less sure", "another label"],
)
def test_a_sharp_change_is_reported(run: TaggingRecord, changes: list[str]) -> None:
    found = find_drift([run, *RUNS])
    assert len(found) == len(changes)
    assert all(said.startswith(start) for said, start in zip(found, changes, strict=True))


def test_few_papers_or_runs_are_not_compared() -> None:
    none = replace(RUN, abstained=1000, labels={}, confidence=None)
    assert find_drift([]) == []
    assert find_drift([none, *RUNS[:4]]) == []
    assert find_drift([none, *([replace(RUN, judged=50, new=50, abstained=45)] * 9)]) == []


def test_judging_the_whole_catalogue_again_is_not_compared() -> None:
    again = replace(RUN, judged=90_000, new=0, abstained=89_000)
    assert find_drift([again, *RUNS]) == []
    assert find_drift([LIKE, *([again] * 3), *RUNS]) == []


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
    assert any("100 of 500 papers with tag model-compression" in said for said in state["drift"])
    shown = seealso(built_data_copy, "status").stdout
    assert "100 of 500 papers tagged, mean confidence 0.80" in shown
    assert "drift: 100 of 500 papers tagged" in shown
