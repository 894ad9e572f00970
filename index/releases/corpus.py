"""The papers that a release is made from, each with what its own text decides.

That is the costly part, and it is the same night after night: for a paper whose text has not
changed it is taken from the release before.
"""

import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from index.arrays import Mask, Rows, mapped
from index.catalogue.catalogue import Catalogue, read_catalogue
from index.catalogue.vectors import EmbeddedPapers
from index.embedding.identity import ModelIdentity
from index.errors import NoSpaceLeft
from index.search.attributes import Attributes
from index.search.survey_bias import says_survey
from index.search.term_counts import TermCounts
from index.search.tfidf import words

_READ_AT_ONCE = 5_000
_A_PART = 50_000  # papers that one process reads


@dataclass(frozen=True, slots=True)
class Corpus:
    """Papers, their unit vectors in half precision, words, attributes, and which are surveys.

    Row i was row `earlier[i]` of the release before, or is new where that is -1. Where not `whole`
    only new papers' vectors are here, one after the other.
    """

    papers: EmbeddedPapers
    vectors: np.ndarray
    counts: TermCounts
    surveys: Mask
    attributes: Attributes
    earlier: Rows
    whole: bool

    def __len__(self) -> int:
        return len(self.papers.numbers)

    @property
    def new(self) -> Rows:
        """The rows that are new."""
        return np.flatnonzero(self.earlier < 0)

    def save(self, folder: Path) -> None:
        """Write into a folder what the sides of nearness do not write themselves."""
        arrays = {
            **({"embedded": self.vectors} if self.whole else {}),
            "numbers": self.papers.numbers,
            "text_hashes": self.papers.text_hashes,
            "withdrawn": np.flatnonzero(self.papers.withdrawn),
            "surveys": self.surveys,
        }
        self.attributes.save(folder)
        for name, array in arrays.items():
            np.save(folder / f"{name}.npy", array, allow_pickle=False)


def gather(
    catalogue: Catalogue,
    data: Path,
    identity: ModelIdentity,
    before: Path | None,
    *,
    whole: bool = True,
) -> Corpus:
    """Every paper that has a vector; what did not change comes from the release in `before`.

    Where not `whole`, the vectors of what did not change are left out.
    `data` is the catalogue's folder, so that many new texts are read by as many processes as the
    machine has processors. Raises NoSpaceLeft where one of them is killed.
    """
    papers = catalogue.vectors.of(identity).papers()
    earlier = np.full(len(papers.numbers), -1) if before is None else _rows_in(before, papers)
    new, kept = np.flatnonzero(earlier < 0), np.flatnonzero(earlier >= 0)
    vectors = np.empty((len(earlier) if whole else len(new), identity.dimension), np.float16)
    surveys = np.zeros(len(earlier), bool)
    parts = []
    for start, part in _read_parts(data, identity, papers.numbers[new]):
        some = slice(start, start + len(part.surveys))
        vectors[new[some] if whole else some] = part.vectors
        surveys[new[some]] = part.surveys
        parts.append(part.counts)
    if before is None:
        counts = TermCounts.joined(parts)
    else:
        if whole and (before / "embedded.npy").exists():
            vectors[kept] = mapped(before / "embedded.npy")[earlier[kept]]
        elif whole:
            _read_vectors(catalogue, identity, papers.numbers, kept, vectors)
        surveys[kept] = mapped(before / "surveys.npy")[earlier[kept]]
        held = TermCounts.open(before)
        places = earlier.copy()
        places[new] = len(held) + np.arange(len(new))
        counts = TermCounts.joined([held, *parts]).rows(places)
    attributes = Attributes.of(catalogue.attributes(papers.numbers))
    return Corpus(papers, vectors, counts, surveys, attributes, earlier, whole)


def _read_vectors(
    catalogue: Catalogue, identity: ModelIdentity, numbers: Rows, rows: Rows, into: np.ndarray
) -> None:
    """From the catalogue, because a release whose vectors lie elsewhere has none to hand on."""
    for start in range(0, len(rows), _READ_AT_ONCE):
        some = rows[start : start + _READ_AT_ONCE]
        _, into[some] = catalogue.vectors.of(identity).matrix(numbers[some])


@dataclass(frozen=True, slots=True)
class _Part:
    """What the texts of some papers decide, and their vectors."""

    vectors: np.ndarray
    surveys: Mask
    counts: TermCounts


def _read_parts(data: Path, identity: ModelIdentity, numbers: Rows) -> Iterator[tuple[int, _Part]]:
    """Papers in parts, in order, each with the place of its first."""
    starts = range(0, len(numbers), _A_PART)
    parts = [numbers[start : start + _A_PART] for start in starts]
    read = partial(_read_part, data, identity)
    if len(parts) < 2:
        yield from zip(starts, map(read, parts), strict=True)
        return
    # A process a part: where this one is killed, none stays for long. Spawned, because what holds
    # a connection and threads cannot be forked.
    try:
        with ProcessPoolExecutor(mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
            yield from zip(starts, pool.map(read, parts), strict=True)
    except BrokenProcessPool as error:
        raise NoSpaceLeft(f"a process that read texts was killed, for memory? ({error})") from error


def _read_part(data: Path, identity: ModelIdentity, numbers: Rows) -> _Part:
    vectors = np.empty((len(numbers), identity.dimension), np.float16)
    surveys = np.zeros(len(numbers), bool)

    def read(catalogue: Catalogue) -> Iterator[list[str]]:
        """The words of each text; its other facts are filled in on the way."""
        for start in range(0, len(numbers), _READ_AT_ONCE):
            some = slice(start, start + _READ_AT_ONCE)
            _, texts, vectors[some] = catalogue.vectors.of(identity).with_texts(numbers[some])
            for row, (title, abstract) in enumerate(texts, start):
                surveys[row] = says_survey(title)
                yield words(f"{title} {abstract}")

    with read_catalogue(data) as catalogue:
        return _Part(vectors, surveys, TermCounts.of(read(catalogue)))


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


def catalogue_state(catalogue: Catalogue, identity: ModelIdentity) -> str:
    """The checksum of what the catalogue holds now: papers, texts, attributes, model."""
    papers = catalogue.vectors.of(identity).papers()
    return state_of(papers, Attributes.of(catalogue.attributes(papers.numbers)), identity)


def state_of(papers: EmbeddedPapers, attributes: Attributes, identity: ModelIdentity) -> str:
    """The checksum of papers with their attributes, and of the model."""
    digest = hashlib.sha256(identity.key.encode())
    for array in (papers.numbers, papers.text_hashes, papers.withdrawn, *attributes.arrays):
        digest.update(array.tobytes())
    digest.update(json.dumps(attributes.names).encode())
    return digest.hexdigest()
