"""Word counts are complete, and do not depend on how the texts were batched or combined."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import index.search.term_counts
from index.catalogue.catalogue import Catalogue
from index.search.packed_terms import MAX_COUNTED, PackedTerms
from index.search.term_counts import TermCounts
from index.search.tfidf import words
from tests.support.catalogue_files import all_entries
from tests.support.term_counts import assert_same_counts


@pytest.fixture
def texts(catalogue: Catalogue) -> list[list[str]]:
    return [words(entry.paper.text) for entry in all_entries(catalogue)]


def test_every_word_of_every_text_is_counted(texts: list[list[str]]) -> None:
    counts = TermCounts.from_texts(iter(texts))
    assert counts.vocabulary == sorted({word for text in texts for word in text})
    for row, text in enumerate(texts):
        span = slice(counts.starts[row], counts.starts[row + 1])
        terms = counts.terms[span].tolist()
        assert terms == sorted(terms)
        pairs = zip(terms, counts.counts[span].tolist(), strict=True)
        assert {counts.vocabulary[term]: count for term, count in pairs} == {
            word: min(count, MAX_COUNTED) for word, count in Counter(text).items()
        }


@pytest.mark.parametrize("batch", [1, 7])
def test_counts_do_not_depend_on_the_batch_size(
    texts: list[list[str]], monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    expected = TermCounts.from_texts(texts)
    monkeypatch.setattr(index.search.term_counts, "_BATCH", batch)
    assert_same_counts(TermCounts.from_texts(texts), expected)


def test_selected_counts_equal_counts_of_the_selected_texts(texts: list[list[str]]) -> None:
    rows = [40, 3, 3, 77]
    selected = TermCounts.from_texts(texts).select(np.array(rows))
    assert_same_counts(selected, TermCounts.from_texts(texts[row] for row in rows))


def test_concatenated_counts_equal_counts_of_all_texts(texts: list[list[str]]) -> None:
    first, others = TermCounts.from_texts(texts[:60]), TermCounts.from_texts(texts[60:])
    assert_same_counts(TermCounts.concatenate([first, others]), TermCounts.from_texts(texts))


def test_texts_without_words_and_no_texts() -> None:
    nothing = TermCounts.from_texts([])
    assert (len(nothing), nothing.vocabulary) == (0, [])
    empty = TermCounts.from_texts([[], []])
    assert (len(empty), empty.vocabulary) == (2, [])
    assert_same_counts(TermCounts.concatenate([nothing, empty]), empty)
    some = TermCounts.from_texts([[], ["newt", "newt"], []])
    assert (some.starts.tolist(), some.counts[:].tolist()) == ([0, 0, 1, 1], [2])
    assert_same_counts(some.select(np.array([0, 2])), empty)
    assert_same_counts(some.select(np.array([], np.int64)), nothing)


def test_counts_are_limited_to_seven() -> None:
    assert TermCounts.from_texts([["newt"] * 1_000]).counts[:].tolist() == [7]


def test_saved_counts_open_as_equal_memory_maps(texts: list[list[str]], tmp_path: Path) -> None:
    counts = TermCounts.from_texts(texts)
    counts.save(tmp_path)
    opened = TermCounts.open(tmp_path)
    assert isinstance(opened.terms, PackedTerms)
    assert all(isinstance(file.base, np.memmap) for file in opened.terms.files)
    assert_same_counts(opened, counts)
