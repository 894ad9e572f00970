"""Measure the spellings that a search suggests.

    python -m scripts.benchmarks.queries.spelling SNAPSHOT... [--queries 300] [--vocabulary N]

The papers of the snapshots are the corpus, except a tenth, which is held. Three sets of queries
are drawn:

- phrases of two to six words from held titles, as written and in lower case. Hardly any is
  misspelt, so each suggestion counts as false;
- names of held authors, for which any suggestion is false. A word counts as a name if an author of
  the corpus has it;
- misspelt words: one of the 5,000 most frequent words with at least five letters, with one random
  letter deleted, inserted, replaced, or swapped with the next. The word itself is the right answer.

`--vocabulary N` adds random words that resemble those of the corpus until it has N different ones,
to measure the time of a query. Suggestions are fewer and worse then.
"""

import argparse
import random
import re
import string
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from index.search.spelling import Spelling
from index.search.term_counts import TermCounts
from index.search.tfidf import TfidfIndex, words
from ingest.snapshot.records import snapshot_papers

_FREQUENT, _MIN_LETTERS = 5_000, 5
_WORDS_PER_TEXT = 100


def _misspell(word: str, rng: random.Random) -> str:
    """Return another word that differs by one random edit."""
    at, letter = rng.randrange(len(word)), rng.choice(string.ascii_lowercase)
    swap = min(at, len(word) - 2)
    edited = rng.choice(
        [
            word[:at] + word[at + 1 :],
            word[:at] + letter + word[at:],
            word[:at] + letter + word[at + 1 :],
            word[:swap] + word[swap + 1] + word[swap] + word[swap + 2 :],
        ]
    )
    return edited if edited != word else _misspell(word, rng)


def _phrase(title: str, rng: random.Random) -> str:
    tokens = title.split()
    length = rng.randint(2, 6)
    start = rng.randrange(max(1, len(tokens) - length + 1))
    return " ".join(tokens[start : start + length])


def _invented_texts(counts: TermCounts, size: int, rng: random.Random) -> Iterator[list[str]]:
    """Yield texts of invented words until the vocabulary has `size` words."""
    known = set(counts.vocabulary)
    models = [word for word in counts.vocabulary if word.isalpha() and len(word) >= _MIN_LETTERS]
    text: list[str] = []
    while len(known) < size:
        word = rng.choice(models)
        for _ in range(rng.randint(1, 3)):
            word = _misspell(word, rng)
        if word not in known:
            known.add(word)
            text.append(word)
        if len(text) >= _WORDS_PER_TEXT:
            yield text
            text = []
    yield text


def _report(
    name: str, queries: Sequence[str], suggest: Callable[[str], str | None]
) -> list[str | None]:
    """Print the share of queries with a suggestion and the time of a query; return suggestions."""
    times, suggested = [], []
    for query in queries:
        start = time.perf_counter()
        suggested.append(suggest(query))
        times.append(1_000 * (time.perf_counter() - start))
    share = sum(one is not None for one in suggested) / len(queries)
    median, last = np.percentile(times, [50, 99])
    print(f"{name}: {share:.1%} get a suggestion; {median:.2f} ms, 99th percentile {last:.2f} ms")
    return suggested


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("snapshots", type=Path, nargs="+")
    parser.add_argument("--queries", type=int, default=300)
    parser.add_argument("--vocabulary", type=int, default=0)
    args = parser.parse_args()
    rng = random.Random(0)  # noqa: S311 - a reproducible sample
    papers = list(snapshot_papers(args.snapshots))
    rng.shuffle(papers)
    held, corpus = papers[: len(papers) // 10], papers[len(papers) // 10 :]
    counts = TermCounts.from_texts(words(f"{one.title} {one.abstract}") for one in corpus)
    if args.vocabulary:
        invented = TermCounts.from_texts(_invented_texts(counts, args.vocabulary, rng))
        counts = TermCounts.concatenate([counts, invented])
    index = TfidfIndex.build(counts)
    start = time.perf_counter()
    spelling = Spelling.of(index)
    collected = 1_000 * (time.perf_counter() - start)
    print(f"{len(index)} texts, {len(index.vocabulary)} words, collected in {collected:.0f} ms")
    spelling.correct("qantization")  # loads the library

    phrases = [_phrase(one.title, rng) for one in rng.sample(held, args.queries)]
    _report("title phrases", phrases, spelling.correct_query)
    _report("in lower case", [one.lower() for one in phrases], spelling.correct_query)
    names = {part for one in corpus for name in one.authors for part in _name_parts(name)}
    authors = rng.sample([name for one in held for name in one.authors], args.queries)
    _report("authors", authors, lambda query: spelling.correct_query(query, names.__contains__))
    order = np.argsort(-index.frequencies(), kind="stable").tolist()
    frequent = [index.vocabulary[term] for term in order[: 2 * _FREQUENT]]
    frequent = [one for one in frequent if one.isalpha() and len(one) >= _MIN_LETTERS][:_FREQUENT]
    meant = [rng.choice(frequent) for _ in range(args.queries)]
    misspelt = [_misspell(one, rng) for one in meant]
    suggested = _report("misspelt words", misspelt, spelling.correct_query)
    right = np.mean([one == word for one, word in zip(suggested, meant, strict=True)])
    wrong = np.mean([one not in (None, word) for one, word in zip(suggested, meant, strict=True)])
    print(f"corrected {right:.1%}, another word {wrong:.1%}, none {1 - right - wrong:.1%}")


def _name_parts(name: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", name.lower())


if __name__ == "__main__":
    main()
