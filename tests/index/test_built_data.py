"""The whole road in small: what went in comes out as lists, tags and counts."""

import json
from pathlib import Path

from index.catalogue.catalogue import Catalogue
from tests.conftest import SURVEY, Seealso


def test_every_paper_has_a_vector_and_stands_in_the_release(
    built_data: Path, seealso: Seealso
) -> None:
    status = json.loads(seealso(built_data, "status", "--json").output)
    assert status["papers"] == status["vectors"] == status["released"] > 200
    assert status["release"] in status["releases"]
    assert status["problem"] is None


def test_a_second_round_does_nothing(
    built_data_copy: Path, small_snapshot: Path, seealso: Seealso
) -> None:
    before = json.loads(seealso(built_data_copy, "status", "--json").output)["release"]
    again = seealso(built_data_copy, "ingest", "snapshot", str(small_snapshot)).output
    assert again.splitlines()[-1].endswith(" unchanged")
    assert "new" not in again
    update = json.loads(seealso(built_data_copy, "update", "--json").stdout)
    assert update["embedded"] == update["tagged"] == 0
    assert (update["built"], update["release"]) == (False, before)


def test_the_listing_has_its_form(built_data: Path, seealso: Seealso) -> None:
    listing = json.loads(seealso(built_data, "related", SURVEY, "--json").output)
    assert set(listing) == {"id", "title", "score", "note", "related", "meta"}
    assert listing["id"] == SURVEY
    assert len(listing["related"]) == 10
    scores = [entry["score"] for entry in listing["related"]]
    assert scores == sorted(scores, reverse=True)
    assert (
        listing["score"] == round(sum(scores) / 10, 1)
        or abs(listing["score"] - sum(scores) / 10) <= 0.1
    )
    assert SURVEY not in {entry["id"] for entry in listing["related"]}


def test_labelled_papers_mostly_find_their_shelf(catalogue: Catalogue) -> None:
    from classifier.taxonomies.taxonomy import load_taxonomy

    examples = load_taxonomy().examples
    numbers = catalogue.numbers_of(examples)
    tags = catalogue.tags.of(numbers.values())
    right = [
        tags[number][0].label in examples[paper_id]
        for paper_id, number in numbers.items()
        if examples[paper_id] and tags[number]
    ]
    untagged = [not tags[n] for paper_id, n in numbers.items() if not examples[paper_id]]
    assert len(right) > 60
    assert sum(right) / len(right) > 0.8
    assert sum(untagged) / len(untagged) > 0.9
