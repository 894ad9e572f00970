"""What surveys owe to being surveys is found from titles and does not count twice."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

import index.search.survey_bias
from index.arrays import Floats
from index.releases.release import Release
from index.search.survey_bias import SurveyBias, says_survey


@pytest.fixture
def vectors(release: Release) -> Floats:
    return release.nearness.vectors.vectors(np.arange(len(release.nearness)))


def _fit(vectors: Floats, titles: Sequence[str]) -> SurveyBias:
    return SurveyBias.fit(
        lambda rows: vectors[rows], np.array([says_survey(title) for title in titles])
    )


def _made_up(surveys: int, others: int) -> tuple[Floats, list[str]]:
    """Unit vectors whose second component is large for surveys and small for the others."""
    random = np.random.default_rng(0)
    form = np.repeat([0.6, 0.1], [surveys, others])
    topic = random.normal(size=(surveys + others, 6))
    topic *= np.sqrt(1 - form[:, None] ** 2) / np.linalg.norm(topic, axis=1, keepdims=True)
    vectors = np.insert(topic, 1, form, axis=1).astype(np.float32)
    return vectors, ["A Survey of Things"] * surveys + ["Things"] * others


def test_the_direction_of_surveys_is_found_in_the_vectors() -> None:
    vectors, titles = _made_up(surveys=40, others=400)
    strength = _fit(vectors, titles).strength(vectors)
    assert strength[:40].min() > 0.3
    assert np.median(strength[40:]) < 0.15
    assert strength[:40].min() > strength[40:].max()


def test_surveys_with_topics_of_their_own_take_nothing_off() -> None:
    """There is no other paper on their topic to compare them with."""
    half = np.eye(8, dtype=np.float32)
    vectors = np.repeat(half[:2], 40, axis=0)
    titles = ["A Survey"] * 40 + ["Things"] * 40
    assert not _fit(vectors, titles).strength(vectors).any()


def test_where_surveys_are_too_few_nothing_is_taken_off() -> None:
    vectors, titles = _made_up(surveys=19, others=100)
    assert not _fit(vectors, titles).strength(vectors).any()


def test_where_all_are_surveys_nothing_is_taken_off() -> None:
    vectors, titles = _made_up(surveys=30, others=0)
    assert not _fit(vectors, titles).strength(vectors).any()


@pytest.mark.parametrize("title", ["A Survey", "a systematic REVIEW of X", "Tutorial: Y"])
def test_titles_say_survey_in_several_words(title: str) -> None:
    vectors, titles = _made_up(surveys=40, others=100)
    titles = [title if "Survey" in old else old for old in titles]
    assert _fit(vectors, titles).strength(vectors)[:40].min() > 0


def test_surveying_and_reviewers_are_no_surveys() -> None:
    vectors, titles = _made_up(surveys=40, others=100)
    titles = ["Surveying land" if "Survey" in old else "Reviewers" for old in titles]
    assert not _fit(vectors, titles).strength(vectors).any()


def test_it_is_the_same_every_time(vectors: Floats) -> None:
    titles = ["Survey" if i % 8 == 0 else "Thing" for i in range(len(vectors))]
    first, again = (_fit(vectors, titles).strength(vectors) for _ in range(2))
    np.testing.assert_array_equal(first, again)


def test_of_a_large_corpus_some_are_read_and_mostly_the_same_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    vectors, titles = _made_up(surveys=400, others=4000)
    whole = _fit(vectors, titles).strength(vectors)
    monkeypatch.setattr(index.search.survey_bias, "_MAX_READ", 200)
    some = _fit(vectors, titles).strength(vectors)
    assert np.abs(some - whole).max() < 0.1
    first, later = (
        index.search.survey_bias._some(np.arange(4000)),
        index.search.survey_bias._some(np.arange(4100)),
    )
    assert len(first) == len(later) == 200
    assert len(np.intersect1d(first, later)) > 180


def test_what_is_saved_opens_the_same(tmp_path: Path) -> None:
    vectors, titles = _made_up(surveys=40, others=100)
    survey_bias = _fit(vectors, titles)
    survey_bias.save(tmp_path)
    np.testing.assert_allclose(
        SurveyBias.open(tmp_path).strength(vectors), survey_bias.strength(vectors), atol=1e-6
    )
