"""Counts of words: the same arrays whichever way the texts came together."""

from collections import Counter
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

import index.search.term_counts
from index.catalogue.catalogue import Catalogue
from index.search.term_counts import TermCounts
from index.search.tfidf import words
from tests.support.catalogue_files import all_entries


@pytest.fixture
def texts(catalogue: Catalogue) -> list[list[str]]:
    return [words(entry.paper.text) for entry in all_entries(catalogue)]


def _assert_same(found: TermCounts, expected: TermCounts) -> None:
    for field in fields(TermCounts):
        mine, theirs = getattr(found, field.name), getattr(expected, field.name)
        np.testing.assert_array_equal(mine, theirs, strict=field.name != "vocabulary")


def test_every_word_of_every_text_is_counted(texts: list[list[str]]) -> None:
    counts = TermCounts.of(iter(texts))
    assert counts.vocabulary == sorted({word for text in texts for word in text})
    for row, text in enumerate(texts):
        span = slice(counts.starts[row], counts.starts[row + 1])
        terms = counts.terms[span].tolist()
        assert terms == sorted(terms)
        found = zip(terms, counts.counts[span].tolist(), strict=True)
        assert {counts.vocabulary[term]: count for term, count in found} == Counter(text)


@pytest.mark.parametrize("at_once", [1, 7])
def test_it_does_not_matter_how_many_are_counted_at_once(
    texts: list[list[str]], monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    whole = TermCounts.of(texts)
    monkeypatch.setattr(index.search.term_counts, "_TEXTS_AT_ONCE", at_once)
    _assert_same(TermCounts.of(texts), whole)


def test_chosen_texts_are_as_if_counted_alone(texts: list[list[str]]) -> None:
    chosen = [40, 3, 3, 77]
    found = TermCounts.of(texts).rows(np.array(chosen))
    _assert_same(found, TermCounts.of(texts[row] for row in chosen))


def test_texts_after_others_are_as_if_counted_together(texts: list[list[str]]) -> None:
    first, others = TermCounts.of(texts[:60]), TermCounts.of(texts[60:])
    _assert_same(TermCounts.joined([first, others]), TermCounts.of(texts))


def test_texts_without_words_and_no_texts_at_all() -> None:
    nothing = TermCounts.of([])
    assert (len(nothing), nothing.vocabulary) == (0, [])
    empty = TermCounts.of([[], []])
    assert (len(empty), empty.vocabulary) == (2, [])
    _assert_same(TermCounts.joined([nothing, empty]), empty)
    some = TermCounts.of([[], ["newt", "newt"], []])
    assert (some.starts.tolist(), some.counts.tolist()) == ([0, 0, 1, 1], [2])
    _assert_same(some.rows(np.array([0, 2])), empty)
    _assert_same(some.rows(np.array([], np.int64)), nothing)


def test_a_word_a_thousand_times_is_many_times() -> None:
    assert TermCounts.of([["newt"] * 1_000]).counts.tolist() == [255]


def test_what_is_saved_opens_the_same_by_memory_map(texts: list[list[str]], tmp_path: Path) -> None:
    counts = TermCounts.of(texts)
    counts.save(tmp_path)
    opened = TermCounts.open(tmp_path)
    assert isinstance(opened.terms.base, np.memmap)
    _assert_same(opened, counts)
