"""Words to weights: the same numbers as scikit-learn's, by another road."""

import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

import index.search.tfidf
from index.arrays import Floats
from index.catalogue.catalogue import Catalogue
from index.search.term_counts import TermCounts
from index.search.tfidf import SharedTerms, TfidfIndex, WeightedTerms, words
from tests.support.catalogue_files import all_entries

NEW_TEXT = "Quantization, quantization and pruning of zzyzx language models: a survey of models"


def _built(texts: Iterable[str]) -> TfidfIndex:
    return TfidfIndex.build(TermCounts.of(map(words, texts)))


@pytest.fixture
def texts(catalogue: Catalogue) -> list[str]:
    return [entry.paper.text for entry in all_entries(catalogue)]


@pytest.fixture
def lexical(texts: list[str]) -> TfidfIndex:
    return _built(texts)


@pytest.fixture
def reference() -> TfidfVectorizer:
    """scikit-learn's own reading of the texts, by its own analyser, but for TeX's commands."""
    stop_words = Path(index.search.tfidf.__file__).with_name("stop_words.txt").read_text().split()
    return TfidfVectorizer(
        preprocessor=lambda text: re.sub(r"\\[a-z]+", " ", text.lower()),
        stop_words=stop_words,
        sublinear_tf=True,
    )


def _all_cosines(lexical: TfidfIndex, query: WeightedTerms) -> Floats:
    return lexical.cosines(query, np.arange(len(lexical)))


def _dense(terms: WeightedTerms, width: int) -> np.ndarray:
    row = np.zeros(width)
    row[terms.terms] = terms.weights
    return row


def test_every_row_has_scikit_learns_weights(
    lexical: TfidfIndex, reference: TfidfVectorizer, texts: list[str]
) -> None:
    expected = reference.fit_transform(texts).toarray()
    assert lexical.vocabulary == reference.get_feature_names_out().tolist()
    rows = [_dense(lexical.row(i), len(lexical.vocabulary)) for i in range(len(lexical))]
    np.testing.assert_allclose(rows, expected, atol=1e-6)


def test_a_new_text_is_weighed_and_compared_as_scikit_learn_does(
    lexical: TfidfIndex, reference: TfidfVectorizer, texts: list[str]
) -> None:
    rows = reference.fit_transform(texts)
    query = reference.transform([NEW_TEXT])
    weighed = lexical.weigh(NEW_TEXT)
    np.testing.assert_allclose(
        _dense(weighed, len(lexical.vocabulary)), query.toarray()[0], atol=1e-6
    )
    np.testing.assert_allclose(
        _all_cosines(lexical, weighed), (rows @ query.T).toarray()[:, 0], atol=1e-6
    )


def test_a_paper_of_the_corpus_weighs_the_same_as_a_new_text(
    lexical: TfidfIndex, texts: list[str]
) -> None:
    row, new = lexical.row(5), lexical.weigh(texts[5])
    np.testing.assert_array_equal(row.terms, new.terms)
    np.testing.assert_allclose(row.weights, new.weights, atol=1e-6)


def test_pairs_have_the_similarity_of_their_rows(lexical: TfidfIndex) -> None:
    papers, others = np.array([0, 3, 7]), np.array([[1, 2], [3, 0], [2, 9]])
    expected = [
        _all_cosines(lexical, lexical.row(paper))[row]
        for paper, row in zip(papers, others, strict=True)
    ]
    assert expected[1][0] == pytest.approx(1)
    np.testing.assert_allclose(lexical.cosines_among(papers, others), expected, atol=1e-6)


def test_what_is_saved_opens_the_same_and_is_not_read_into_memory(
    lexical: TfidfIndex, tmp_path: Path
) -> None:
    lexical.save(tmp_path)
    opened = TfidfIndex.open(tmp_path)
    query = opened.weigh(NEW_TEXT)
    assert len(opened) == len(lexical)
    assert isinstance(opened._posting_weights.base, np.memmap)
    np.testing.assert_array_equal(_all_cosines(opened, query), _all_cosines(lexical, query))
    np.testing.assert_array_equal(opened.search(query, 5), lexical.search(query, 5))
    assert opened.shared_terms(query, np.arange(9)) == lexical.shared_terms(query, np.arange(9))


def test_a_vocabulary_of_another_corpus_is_refused(lexical: TfidfIndex, tmp_path: Path) -> None:
    lexical.save(tmp_path)
    (tmp_path / "words-vocabulary.json").write_text('["one", "two"]')
    with pytest.raises(ValueError, match="differ in length"):
        TfidfIndex.open(tmp_path)


def test_unknown_words_make_a_text_that_is_like_nothing(lexical: TfidfIndex) -> None:
    weighed = lexical.weigh("zzyzx qwrtzp the of")
    assert len(weighed.terms) == 0
    assert not _all_cosines(lexical, weighed).any()
    assert lexical.search(weighed, 5).tolist() == []
    assert lexical.shared_terms(weighed, np.array([0])) == [SharedTerms({}, [])]


def test_shared_terms_stand_in_both_and_are_rare_elsewhere() -> None:
    common = [f"neural network number{i} here" for i in range(60)]
    lexical = _built(
        [*common, "neural network of tadpole and newt", "neural newt network with newt, heron"]
    )
    query = lexical.weigh("A neural network: newt, tadpole, heron")

    first, second, third = lexical.shared_terms(query, np.array([60, 61, 3]))
    assert first.rare == ["tadpole", "newt"]
    assert second.rare == ["newt", "heron"]
    assert third.rare == []
    assert third.strengths.keys() == {"neural", "network"}


def test_shared_terms_say_what_they_add_to_the_cosine() -> None:
    lexical = _built(["newt tadpole", "newt heron", "heron", "galaxy quark"])
    query = lexical.weigh("newt heron")
    one, whole = lexical.shared_terms(query, np.array([0, 1]))
    assert sum(whole.strengths.values()) == pytest.approx(1)
    assert one.strengths == {"newt": pytest.approx(_all_cosines(lexical, query)[0])}


def test_search_finds_the_nearest_by_a_texts_strongest_terms(
    lexical: TfidfIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.search.tfidf, "_ASKED", 1_000)
    for paper in range(0, len(lexical), 7):
        query = lexical.row(paper)
        every = _all_cosines(lexical, query)
        found = lexical.search(query, 10)
        np.testing.assert_allclose(every[found], np.sort(every)[::-1][:10], atol=1e-6)
    monkeypatch.setattr(index.search.tfidf, "_ASKED", 2)
    strongest = query.terms[np.argsort(-query.weights, kind="stable")[:2]]
    for row in lexical.search(query, 1_000).tolist():
        assert np.isin(strongest, lexical.row(row).terms).any()


def test_a_term_leads_to_the_papers_in_which_it_weighs_most(
    monkeypatch: pytest.MonkeyPatch, texts: list[str]
) -> None:
    monkeypatch.setattr(index.search.tfidf, "_CHAMPIONS", 3)
    cut = _built(texts)
    for term in range(0, len(cut.vocabulary), 50):
        alone = WeightedTerms(np.array([term]), np.ones(1, np.float32))
        every = _all_cosines(cut, alone)
        best = np.sort(every)[::-1][:3]
        np.testing.assert_allclose(every[cut.search(alone, 10)], best[best > 0], atol=1e-6)


def test_a_search_leaves_nothing_behind_for_the_next(lexical: TfidfIndex) -> None:
    first = lexical.search(lexical.row(3), 20)
    lexical.search(lexical.row(4), 20)
    np.testing.assert_array_equal(lexical.search(lexical.row(3), 20), first)


def test_search_among_the_allowed_finds_no_other(
    lexical: TfidfIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.search.tfidf, "_ASKED", 1_000)
    allowed = np.zeros(len(lexical), bool)
    allowed[::3] = True
    query = lexical.row(0)
    found = lexical.search(query, 10, allowed)
    best = np.flatnonzero(allowed)[np.argsort(-_all_cosines(lexical, query)[allowed])[:10]]
    assert found.tolist() == best.tolist()


def test_words_are_lower_case_and_say_something() -> None:
    assert words("The GPT-4 of a Model's état, x") == ["gpt", "model", "état"]
    assert words(r"In $\frac{ab}{cd} \leq \mathcal{O}(n)$ \emph{newts}") == ["ab", "cd", "newts"]
