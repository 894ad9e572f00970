"""TF-IDF weights and cosines equal scikit-learn's; searches find the nearest papers."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

import index.search.tfidf
import index.search.words.champion_lists
from index.arrays import Floats
from index.arxiv.tex.folding import text_words
from index.catalogue.catalogue import Catalogue
from index.search.packed_terms import MAX_COUNTED
from index.search.term_counts import TermCounts
from index.search.tfidf import SharedTerms, TfidfIndex, WeightedTerms, words
from tests.support.catalogue_files import all_entries

NEW_TEXT = "Quantization, quantization and pruning of zzyzx language models: a survey of models"


def _built(texts: Iterable[str]) -> TfidfIndex:
    return TfidfIndex.build(TermCounts.from_texts(map(words, texts)))


@pytest.fixture
def texts(catalogue: Catalogue) -> list[str]:
    return [entry.paper.text for entry in all_entries(catalogue)]


@pytest.fixture
def lexical(texts: list[str]) -> TfidfIndex:
    return _built(texts)


@pytest.fixture
def reference() -> TfidfVectorizer:
    """scikit-learn's vectoriser with its own tokeniser, after texts are folded."""
    stop_words = Path(index.search.tfidf.__file__).with_name("stop_words.txt").read_text().split()
    return TfidfVectorizer(
        preprocessor=lambda text: " ".join(_limited(text_words(text))),
        stop_words=stop_words,
        sublinear_tf=True,
    )


def _limited(text: Iterable[str]) -> Iterator[str]:
    """Yield the words of a text without those that it contains more often than is counted."""
    counts = Counter[str]()
    for word in text:
        counts[word] += 1
        if counts[word] <= MAX_COUNTED:
            yield word


def _all_cosines(lexical: TfidfIndex, query: WeightedTerms) -> Floats:
    return lexical.cosines(query, np.arange(len(lexical)))


def _dense(terms: WeightedTerms, width: int) -> np.ndarray:
    row = np.zeros(width)
    row[terms.terms] = terms.weights
    return row


def test_rows_equal_those_of_scikit_learn(
    lexical: TfidfIndex, reference: TfidfVectorizer, texts: list[str]
) -> None:
    expected = reference.fit_transform(texts).toarray()
    assert lexical.vocabulary == reference.get_feature_names_out().tolist()
    rows = [_dense(lexical.row(i), len(lexical.vocabulary)) for i in range(len(lexical))]
    np.testing.assert_allclose(rows, expected, atol=1e-6)


def test_weights_and_cosines_of_a_new_text_equal_those_of_scikit_learn(
    lexical: TfidfIndex, reference: TfidfVectorizer, texts: list[str]
) -> None:
    rows = reference.fit_transform(texts)
    query = reference.transform([NEW_TEXT])
    weighted = lexical.weight_terms(NEW_TEXT)
    np.testing.assert_allclose(
        _dense(weighted, len(lexical.vocabulary)), query.toarray()[0], atol=1e-6
    )
    np.testing.assert_allclose(
        _all_cosines(lexical, weighted), (rows @ query.T).toarray()[:, 0], atol=1e-6
    )


def test_a_paper_and_a_new_text_have_the_same_weights(
    lexical: TfidfIndex, texts: list[str]
) -> None:
    row, new = lexical.row(5), lexical.weight_terms(texts[5])
    np.testing.assert_array_equal(row.terms, new.terms)
    np.testing.assert_allclose(row.weights, new.weights, atol=1e-6)


def test_a_saved_index_opens_as_memory_maps_and_gives_equal_results(
    lexical: TfidfIndex, tmp_path: Path
) -> None:
    lexical.save(tmp_path)
    opened = TfidfIndex.open(tmp_path)
    query = opened.weight_terms(NEW_TEXT)
    assert len(opened) == len(lexical)
    assert isinstance(opened._posting_weights.base, np.memmap)
    np.testing.assert_array_equal(_all_cosines(opened, query), _all_cosines(lexical, query))
    np.testing.assert_array_equal(opened.search(query, 5), lexical.search(query, 5))
    assert opened.shared_terms(query, np.arange(9)) == lexical.shared_terms(query, np.arange(9))


def test_a_vocabulary_of_another_corpus_is_rejected(lexical: TfidfIndex, tmp_path: Path) -> None:
    lexical.save(tmp_path)
    (tmp_path / "words-vocabulary.json").write_text('["one", "two"]')
    with pytest.raises(ValueError, match="idf weights for 2 words"):
        TfidfIndex.open(tmp_path)


def test_a_text_of_unknown_words_has_no_terms_and_no_cosine(lexical: TfidfIndex) -> None:
    weighted = lexical.weight_terms("zzyzx qwrtzp the of")
    assert len(weighted.terms) == 0
    assert not _all_cosines(lexical, weighted).any()
    assert lexical.search(weighted, 5).tolist() == []
    assert lexical.shared_terms(weighted, np.array([0])) == [SharedTerms({}, [])]


def test_shared_terms_are_in_both_texts_and_rare_ones_in_few_others() -> None:
    common = [f"neural network number{i} here" for i in range(60)]
    lexical = _built(
        [*common, "neural network of tadpole and newt", "neural newt network with newt, heron"]
    )
    query = lexical.weight_terms("A neural network: newt, tadpole, heron")

    papers = np.array([60, 61, 3])
    first, second, third = shared = lexical.shared_terms(query, papers)
    assert first.rare == ["tadpole", "newt"]
    assert second.rare == ["newt", "heron"]
    assert third.rare == []
    assert third.contributions.keys() == {"neural", "network"}
    for paper, one in zip(papers.tolist(), shared, strict=True):
        assert one.places is not None
        for terms, places in zip((query.terms, lexical.row(paper).terms), one.places, strict=True):
            assert [lexical.vocabulary[term] for term in terms[places]] == [*one.contributions]


def test_contributions_of_shared_terms_add_up_to_the_cosine() -> None:
    lexical = _built(["newt tadpole", "newt heron", "heron", "galaxy quark"])
    query = lexical.weight_terms("newt heron")
    partial, same = lexical.shared_terms(query, np.array([0, 1]))
    assert sum(same.contributions.values()) == pytest.approx(1)
    assert partial.contributions == {"newt": pytest.approx(_all_cosines(lexical, query)[0])}


def test_papers_that_many_terms_find_take_no_place_of_others() -> None:
    """Each of the first ten papers is in the list of twelve terms, the others in one of them."""
    rich = [" ".join(f"word{n}" for n in range(12)) + f" own{i}" for i in range(10)]
    poor = [f"word{n} other{n} more{n} text{n}" for n in range(12)]
    lexical = _built([*rich, *poor])
    query = lexical.weight_terms(" ".join(f"word{n}" for n in range(12)))
    cosines = _all_cosines(lexical, query)
    for limit in range(1, 23):
        found = lexical.search(query, limit)
        least = np.sort(cosines)[::-1][limit - 1] - 1e-6
        assert sorted(found.tolist()) == np.flatnonzero(cosines >= least).tolist()
    allowed = np.ones(len(lexical), bool)
    allowed[:10] = False
    assert sorted(lexical.search(query, 5, allowed).tolist()) == list(range(10, 22))


def test_search_finds_the_nearest_papers_by_the_heaviest_terms(
    lexical: TfidfIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.search.tfidf, "MAX_QUERY_TERMS", 1_000)
    for paper in range(0, len(lexical), 7):
        query = lexical.row(paper)
        cosines = _all_cosines(lexical, query)
        nearest = lexical.search(query, 10)
        np.testing.assert_allclose(cosines[nearest], np.sort(cosines)[::-1][:10], atol=1e-6)
    monkeypatch.setattr(index.search.tfidf, "MAX_QUERY_TERMS", 2)
    heaviest = query.terms[np.argsort(-query.weights, kind="stable")[:2]]
    for row in lexical.search(query, 1_000).tolist():
        assert np.isin(heaviest, lexical.row(row).terms).any()


def test_champion_lists_contain_the_papers_with_the_largest_weights(
    monkeypatch: pytest.MonkeyPatch, texts: list[str]
) -> None:
    monkeypatch.setattr(index.search.words.champion_lists, "MAX_POSTINGS", 3)
    shortened = _built(texts)
    for term in range(0, len(shortened.vocabulary), 50):
        alone = WeightedTerms(np.array([term]), np.ones(1, np.float32))
        cosines = _all_cosines(shortened, alone)
        best = np.sort(cosines)[::-1][:3]
        nearest = shortened.search(alone, 10)
        np.testing.assert_allclose(cosines[nearest], best[best > 0], atol=1e-6)


def test_a_search_does_not_affect_the_next_one(lexical: TfidfIndex) -> None:
    first = lexical.search(lexical.row(3), 20)
    lexical.search(lexical.row(4), 20)
    np.testing.assert_array_equal(lexical.search(lexical.row(3), 20), first)


def test_search_returns_only_allowed_papers(
    lexical: TfidfIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.search.tfidf, "MAX_QUERY_TERMS", 1_000)
    allowed = np.zeros(len(lexical), bool)
    allowed[::3] = True
    query = lexical.row(0)
    nearest = lexical.search(query, 10, allowed)
    best = np.flatnonzero(allowed)[np.argsort(-_all_cosines(lexical, query)[allowed])[:10]]
    assert nearest.tolist() == best.tolist()


def test_words_are_lower_case_without_stop_words_and_tex() -> None:
    assert words("The GPT-4 of a Model's état, x") == ["gpt", "model", "etat"]
    assert words(r"In $\frac{ab}{cd} \leq \mathcal{O}(n)$ \emph{newts}") == ["ab", "cd", "newts"]
