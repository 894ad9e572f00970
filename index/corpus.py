"""The papers that a release is made from, each with what its own text decides.

That is the costly part, and it is the same night after night: for a paper whose text has not
changed it is taken from the release before.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.arrays import Mask, Rows, mapped
from index.attributes import Attributes
from index.catalogue import Catalogue
from index.genre import says_survey
from index.lexical import words
from index.model_identity import ModelIdentity
from index.stored_vectors import EmbeddedPapers
from index.term_counts import TermCounts

_READ_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Corpus:
    """Papers, their unit vectors in half precision, words, attributes, and which are surveys.

    Row i was row `earlier[i]` of the release before, or is new where that is -1.
    """

    papers: EmbeddedPapers
    vectors: np.ndarray
    counts: TermCounts
    surveys: Mask
    attributes: Attributes
    earlier: Rows

    def __len__(self) -> int:
        return len(self.papers.numbers)

    def save(self, folder: Path) -> None:
        """Write into a folder what the sides of nearness do not write themselves."""
        arrays = {
            "embedded": self.vectors,
            "numbers": self.papers.numbers,
            "text_hashes": self.papers.text_hashes,
            "withdrawn": np.flatnonzero(self.papers.withdrawn),
            "surveys": self.surveys,
        }
        self.attributes.save(folder)
        for name, array in arrays.items():
            np.save(folder / f"{name}.npy", array, allow_pickle=False)


def gather(catalogue: Catalogue, identity: ModelIdentity, before: Path | None) -> Corpus:
    """Every paper that has a vector; what did not change comes from the release in `before`."""
    papers = catalogue.vectors.papers(identity)
    earlier = np.full(len(papers.numbers), -1)
    vectors = np.empty((len(earlier), identity.dimension), np.float16)
    surveys = np.zeros(len(earlier), bool)
    held = TermCounts.of([])
    if before is not None:
        earlier = _rows_in(before, papers)
        kept = earlier >= 0
        vectors[kept] = mapped(before / "embedded.npy")[earlier[kept]]
        surveys[kept] = mapped(before / "surveys.npy")[earlier[kept]]
        held = TermCounts.open(before)
    new = np.flatnonzero(earlier < 0)

    def read() -> Iterator[list[str]]:
        """The words of the new texts; their other facts are filled in on the way."""
        for start in range(0, len(new), _READ_AT_ONCE):
            rows = new[start : start + _READ_AT_ONCE]
            _, texts, vectors[rows] = catalogue.vectors.with_texts(identity, papers.numbers[rows])
            for row, (title, abstract) in zip(rows, texts, strict=True):
                surveys[row] = says_survey(title)
                yield words(f"{title} {abstract}")

    counts = held.followed_by(TermCounts.of(read()))
    places = earlier.copy()
    places[new] = len(held) + np.arange(len(new))
    attributes = Attributes.of(catalogue.attributes(papers.numbers))
    return Corpus(papers, vectors, counts.rows(places), surveys, attributes, earlier)


def _rows_in(folder: Path, papers: EmbeddedPapers) -> Rows:
    """For each paper its row in a release that holds the same text, -1 where none does."""
    found = np.full(len(papers.numbers), -1)
    numbers, hashes = mapped(folder / "numbers.npy"), mapped(folder / "text_hashes.npy")
    _, there, here = np.intersect1d(
        numbers, papers.numbers, assume_unique=True, return_indices=True
    )
    same = hashes[there] == papers.text_hashes[here]
    found[here[same]] = there[same]
    return found
