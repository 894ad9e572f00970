"""Measure whether a half-remembered title finds its paper first.

    python -m scripts.benchmarks.queries.titles DATA [--titles 500] [--seed 7]

The titles of papers of the data folder's release are drawn and changed in five ways: as written in
lower case; with three of ten words left out; with the words in random order; with one or two words
misspelt; with all three. The shares of queries for which the paper is the first result, and one of
the first five, are printed. Titles with fewer than four words are not drawn.
"""

import argparse
import os
import random
import string
from collections.abc import Callable
from pathlib import Path

import numpy as np

from index.arxiv.tex.folding import decode_tex
from index.catalogue.catalogue import read_catalogue
from index.embedding.opening import open_text_embedder
from index.lists.finder import RelatedFinder
from index.lists.options import ListOptions
from index.releases.current import CurrentRelease
from index.searching.search import PaperSearch
from index.settings import load_settings

_MIN_WORDS, _MIN_LETTERS = 4, 5
_LEFT_OUT = 0.3
_FIRST = 5


def _left_out(words: list[str], rng: random.Random) -> list[str]:
    count = max(1, round(_LEFT_OUT * len(words)))
    dropped = set(rng.sample(range(len(words)), count))
    return [word for place, word in enumerate(words) if place not in dropped]


def _misspelt(words: list[str], rng: random.Random) -> list[str]:
    places = [place for place, word in enumerate(words) if len(word) >= _MIN_LETTERS]
    changed = list(words)
    for place in rng.sample(places, min(len(places), rng.randint(1, 2))):
        changed[place] = _with_edit(changed[place], rng)
    return changed


def _with_edit(word: str, rng: random.Random) -> str:
    """Return a word with one letter deleted, inserted or replaced, or two swapped."""
    at, letter = rng.randrange(1, len(word) - 1), rng.choice(string.ascii_lowercase)
    return rng.choice(
        [
            word[:at] + word[at + 1 :],
            word[:at] + letter + word[at:],
            word[:at] + letter + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        ]
    )


def _permuted(words: list[str], rng: random.Random) -> list[str]:
    return rng.sample(words, len(words))


def _all(words: list[str], rng: random.Random) -> list[str]:
    return _misspelt(_permuted(_left_out(words, rng), rng), rng)


_CHANGES: dict[str, Callable[[list[str], random.Random], list[str]]] = {
    "as written": lambda words, _: words,
    "words left out": _left_out,
    "other order": _permuted,
    "misspelt": _misspelt,
    "all three": _all,
}


def main() -> None:
    """Print the shares for each kind of change."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--titles", type=int, default=500)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)  # noqa: S311 - a sample that can be drawn again
    settings = load_settings(os.environ, data=str(arguments.data))
    release = CurrentRelease(settings.data).get()
    embedder = open_text_embedder(settings, release.manifest.identity)
    with read_catalogue(settings.data) as catalogue:
        search = PaperSearch(RelatedFinder(catalogue, release))
        numbers = [release.number(row) for row in range(len(release.nearness))]
        drawn = rng.sample(numbers, min(len(numbers), 2 * arguments.titles))
        titles = {
            number: words
            for number, entry in catalogue.entries(drawn).items()
            if not entry.paper.withdrawn
            and len(words := decode_tex(entry.paper.title).lower().split()) >= _MIN_WORDS
        }
        titles = dict(list(titles.items())[: arguments.titles])
        print(f"{len(titles)} titles of {len(numbers):,} papers")
        for name, change in _CHANGES.items():
            places = []
            for number, words in titles.items():
                query = " ".join(change(words, rng)).replace('"', " ")
                hits = search.ranked(embedder, query, ListOptions(limit=_FIRST)).hits
                found = [release.number(hit.neighbour.row) for hit in hits]
                places.append(found.index(number) if number in found else _FIRST)
            first = np.mean(np.array(places) == 0)
            print(f"{name:<16} first {first:.3f}  first five {np.mean(np.array(places) < 5):.3f}")
    embedder.close()


if __name__ == "__main__":
    main()
