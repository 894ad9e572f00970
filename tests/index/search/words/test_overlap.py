"""The terms that papers share with a query."""

import numpy as np
import pytest

from index.search.term_counts import TermCounts
from index.search.words.overlap import OverlapFinder

TEXTS = ["newt pond heron", "", "galaxy quark", "pond heron tadpole heron", "newt"]
COUNTS = TermCounts.from_texts(text.split() for text in TEXTS)


@pytest.mark.parametrize("rows", [[], [1], [0], [3, 0, 1, 4], [2, 1], [1, 3, 3]])
@pytest.mark.parametrize("query", [[], ["heron", "newt", "pond"], ["quark"]])
def test_shared_terms_are_found_paper_by_paper(rows: list[int], query: list[str]) -> None:
    finder = OverlapFinder(COUNTS)
    terms = np.array([COUNTS.term(word) for word in query], np.int64)
    for _ in range(2):  # the array that the first search leaves behind is clean
        overlap = finder.find(terms, np.array(rows, np.int64))
        found = [
            (paper, COUNTS.vocabulary[COUNTS.terms[position]], query[place])
            for paper, position, place in zip(*(part.tolist() for part in overlap), strict=True)
        ]
        assert found == [
            (paper, word, word)
            for paper, row in enumerate(rows)
            for word in sorted(set(TEXTS[row].split()) & set(query))
        ]
