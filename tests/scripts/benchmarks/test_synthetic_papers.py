"""Papers made from halves, and the catalogue that is filled with them."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

from index.arxiv.identifier import canonical_id
from index.arxiv.paper import Paper
from index.catalogue.catalogue import open_catalogue, read_catalogue
from ingest.snapshot.records import SAMPLE
from scripts.benchmarks.catalogue import (
    author,
    fill,
    nights,
    phrase,
    questions,
    size_of,
    sizes,
    timed,
)
from scripts.benchmarks.synthetic_papers import (
    MAX_PAPERS,
    made_id,
    made_papers,
    real_papers,
    revised,
)


@pytest.fixture(scope="module")
def real() -> list[Paper]:
    return real_papers([SAMPLE])


@pytest.fixture(autouse=True)
def _summaries() -> Iterator[None]:
    """As in the benchmark: a summary takes longer than all else."""
    with patch("index.catalogue.catalogue.summarise", new=lambda text: text[:100]):
        yield


def test_identifiers_rise_and_are_arxivs() -> None:
    places = [0, 1, 99_998, 99_999, 12 * 99_999, MAX_PAPERS - 1]
    ids = [made_id(place) for place in places]
    assert ids[:4] == ["1501.00001", "1501.00002", "1501.99999", "1502.00001"]
    assert ids == sorted(ids)
    assert [canonical_id(one) for one in ids] == ids


def test_what_stands_at_a_place_is_always_the_same(real: list[Paper]) -> None:
    whole = list(made_papers(real, 0, 40))
    assert list(made_papers(real, 25, 40)) == whole[25:]
    assert len({paper.text_hash for paper in whole}) == 40


def test_made_texts_are_as_long_as_real_ones(real: list[Paper]) -> None:
    made = list(made_papers(real, 0, 2_000))
    for what in ("title", "abstract"):
        there, here = (
            sum(len(getattr(paper, what)) for paper in some) / len(some) for some in (real, made)
        )
        assert here == pytest.approx(there, rel=0.03)


def test_halves_meet_between_words() -> None:
    papers = [Paper("2301.00001", "one", "a b c d e f"), Paper("2301.00002", "two words", "g h")]
    words = {word for paper in papers for word in f"{paper.title} {paper.abstract}".split()}
    for paper in made_papers(papers, 0, 50):
        assert paper.title
        assert set(f"{paper.title} {paper.abstract}".split()) <= words


def test_a_revision_is_a_later_version_with_another_text(real: list[Paper]) -> None:
    [paper] = made_papers(real, 3, 4)
    later = revised(paper, 17)
    assert (later.id, later.version, len(later.versions)) == (paper.id, 2, 2)
    assert later.text_hash != paper.text_hash


def test_sizes_end_with_what_was_asked_for() -> None:
    assert sizes(2_000_000) == [100_000, 300_000, 1_000_000, 2_000_000]
    assert sizes(100_000) == [100_000]
    assert sizes(50) == [50]


def test_filling_goes_on_where_it_was(real: list[Paper], tmp_path: Path) -> None:
    apart, at_once = tmp_path / "apart", tmp_path / "at once"
    assert fill(apart, real, 30, 1e9) == 30
    assert fill(apart, real, 70, 1e9) == 40
    assert fill(apart, real, 70, 1e9) == 0
    assert fill(at_once, real, 70, 1e9) == 70
    with read_catalogue(apart) as one, read_catalogue(at_once) as other:
        held = one.entries(range(1, 71))
        assert held == other.entries(range(1, 71))
        assert [entry.paper.id for entry in held.values()] == [made_id(n) for n in range(70)]
        assert {number for number, tags in one.tags.of(held).items() if tags} == {19, 38, 57}


def test_filling_ends_where_the_catalogue_is_large_enough(
    real: list[Paper], tmp_path: Path
) -> None:
    assert fill(tmp_path, real, 10, 1) == 0
    assert size_of(tmp_path) > 1
    with read_catalogue(tmp_path) as catalogue:
        assert catalogue.count() == 0


def test_every_question_has_an_answer(real: list[Paper], tmp_path: Path) -> None:
    fill(tmp_path, real, 600, 1e9)
    with read_catalogue(tmp_path) as catalogue:
        for what, (question, _) in questions(real, 600).items():
            assert len(timed(partial(question, catalogue), 2)) == 2, what
        random = np.random.default_rng(0)
        phrases = [catalogue.full_text.with_phrases([phrase(real, random)]) for _ in range(300)]
        assert any(phrases)
        authors = [catalogue.numbers_by_authors([author(real, random)]) for _ in range(300)]
        assert any(authors)
        assert len(catalogue.tags.numbers_with_labels("made", ["label-3"], 10)) == 2


def test_a_night_leaves_nothing_pending(real: list[Paper], tmp_path: Path) -> None:
    fill(tmp_path, real, 1_200, 1e9)
    with open_catalogue(tmp_path) as catalogue:
        assert len(nights(catalogue, real)) == 3
        assert catalogue.count() == 1_200 + 3 * 1_500
        assert catalogue.tags.pending("made", "made") == []
    assert fill(tmp_path, real, 6_000, 1e9) == 300
    with read_catalogue(tmp_path) as catalogue:
        assert catalogue.entries([5_999])[5_999].paper.id == made_id(5_998)
