"""The survey bias is estimated from titles and vectors, and saved with a release."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

import index.search.survey_bias
from index.arrays import Floats
from index.arxiv.survey_titles import is_survey_title
from index.releases.release import Release
from index.search.survey_bias import SurveyBias


@pytest.fixture
def vectors(release: Release) -> Floats:
    return release.nearness.vectors.vectors(np.arange(len(release.nearness)))


def _fit(vectors: Floats, titles: Sequence[str]) -> SurveyBias:
    return SurveyBias.fit(
        lambda rows: vectors[rows], np.array([is_survey_title(title) for title in titles])
    )


def _synthetic(surveys: int, others: int) -> tuple[Floats, list[str]]:
    """Unit vectors whose second component is large for surveys and small for the others."""
    random = np.random.default_rng(0)
    form = np.repeat([0.6, 0.1], [surveys, others])
    topic = random.normal(size=(surveys + others, 6))
    topic *= np.sqrt(1 - form[:, None] ** 2) / np.linalg.norm(topic, axis=1, keepdims=True)
    vectors = np.insert(topic, 1, form, axis=1).astype(np.float32)
    return vectors, ["A Survey of Things"] * surveys + ["Things"] * others


def test_surveys_have_larger_components_than_other_papers() -> None:
    vectors, titles = _synthetic(surveys=40, others=400)
    components = _fit(vectors, titles).survey_component(vectors)
    assert components[:40].min() > 0.3
    assert np.median(components[40:]) < 0.15
    assert components[:40].min() > components[40:].max()


def test_surveys_without_other_papers_on_their_topics_have_no_bias() -> None:
    """There are no other papers on the same topic to compare them with."""
    topics = np.eye(8, dtype=np.float32)[:2]
    vectors = np.repeat(topics, 40, axis=0)
    titles = ["A Survey"] * 40 + ["Things"] * 40
    assert not _fit(vectors, titles).survey_component(vectors).any()


def test_there_is_no_bias_with_too_few_surveys() -> None:
    vectors, titles = _synthetic(surveys=19, others=100)
    assert not _fit(vectors, titles).survey_component(vectors).any()


def test_there_is_no_bias_if_all_papers_are_surveys() -> None:
    vectors, titles = _synthetic(surveys=30, others=0)
    assert not _fit(vectors, titles).survey_component(vectors).any()


@pytest.mark.parametrize("title", ["A Survey", "a systematic REVIEW of X", "Tutorial: Y"])
def test_several_words_in_titles_indicate_a_survey(title: str) -> None:
    vectors, titles = _synthetic(surveys=40, others=100)
    titles = [title if "Survey" in old else old for old in titles]
    assert _fit(vectors, titles).survey_component(vectors)[:40].min() > 0


def test_surveying_and_reviewers_do_not_indicate_a_survey() -> None:
    vectors, titles = _synthetic(surveys=40, others=100)
    titles = ["Surveying land" if "Survey" in old else "Reviewers" for old in titles]
    assert not _fit(vectors, titles).survey_component(vectors).any()


def test_the_estimate_is_deterministic(vectors: Floats) -> None:
    titles = ["Survey" if i % 8 == 0 else "Thing" for i in range(len(vectors))]
    first, again = (_fit(vectors, titles).survey_component(vectors) for _ in range(2))
    np.testing.assert_array_equal(first, again)


def test_a_large_corpus_is_sampled_with_mostly_the_same_papers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    vectors, titles = _synthetic(surveys=400, others=4000)
    from_all = _fit(vectors, titles).survey_component(vectors)
    monkeypatch.setattr(index.search.survey_bias, "_MAX_SAMPLE", 200)
    from_sample = _fit(vectors, titles).survey_component(vectors)
    assert np.abs(from_sample - from_all).max() < 0.1
    first, later = (
        index.search.survey_bias._sample(np.arange(4000)),
        index.search.survey_bias._sample(np.arange(4100)),
    )
    assert len(first) == len(later) == 200
    assert len(np.intersect1d(first, later)) > 180


def test_a_saved_bias_gives_equal_components(tmp_path: Path) -> None:
    vectors, titles = _synthetic(surveys=40, others=100)
    survey_bias = _fit(vectors, titles)
    survey_bias.save(tmp_path)
    np.testing.assert_allclose(
        SurveyBias.open(tmp_path).survey_component(vectors),
        survey_bias.survey_component(vectors),
        atol=1e-6,
    )
