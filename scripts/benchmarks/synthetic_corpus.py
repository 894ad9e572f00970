"""A catalogue of any size, made from a real one: what benchmarks at arXiv's size search."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from unittest.mock import patch

import numpy as np

from index.arrays import Floats, unit
from index.arxiv.paper import Paper
from index.catalogue.catalogue import open_catalogue, read_catalogue
from index.catalogue.rows import Entry
from index.embedding.identity import ModelIdentity

# So a tenth-sized part of the real papers, made large again, is searched as well by as many
# partitions as the real ones are (docs/measured.md); at one half each, far worse.
_SECOND, _JITTER = np.float32(0.6), 0.01
_AT_ONCE = 20_000
_A_MONTH = 99_999  # identifiers that arXiv's scheme has room for
_MONTHS = [f"{year:02}{month:02}" for year in range(15, 26) for month in range(1, 13)]


def mixed(real: Floats, left: np.ndarray, right: np.ndarray, random: np.random.Generator) -> Floats:
    """Unit vectors, each between two real ones, nearer to the first, with noise."""
    noise = random.normal(0, _JITTER, (len(left), real.shape[1])).astype(np.float32)
    return unit(real[left] + _SECOND * real[right] + noise)


def make_corpus(source: Path, data: Path, identity: ModelIdentity, papers: int) -> None:
    """Fill the catalogue in `data` with so many papers, made from those of the one in `source`.

    Paper i is a real one under an identifier of its own, to whose abstract the first half of
    another's is added; its vector lies between the two papers', with noise; its summary, day,
    categories and authors are the first one's. The same every time.
    """
    with read_catalogue(source) as catalogue:
        numbers, real = catalogue.vectors.of(identity).matrix()
        held = catalogue.entries(numbers)
    entries = [held[number] for number in numbers]
    with open_catalogue(data) as catalogue, catalogue.bulk():
        random = np.random.default_rng(0)
        for start in range(0, papers, _AT_ONCE):
            left, right = random.integers(0, len(real), (2, min(_AT_ONCE, papers - start)))
            made = list(_papers(entries, left.tolist(), right.tolist(), start))
            summaries = iter([entries[place].summary for place in left.tolist()])
            # A summary takes longer to make than all else; the first paper's is as good.
            with patch(
                "index.catalogue.catalogue.summarise", new=lambda _, given=summaries: next(given)
            ):
                catalogue.store(made)
            vectors = mixed(real, left, right, random)
            catalogue.vectors.of(identity).add([paper.text_hash for paper in made], vectors)


def make_night(data: Path, identity: ModelIdentity, new: int, changed: int) -> None:
    """Add so many papers to a corpus, and give others a new text, with vectors beside theirs."""
    with open_catalogue(data) as catalogue:
        newest = catalogue.newest_id()
        month, last = newest.split(".")
        numbers, vectors = catalogue.vectors.of(identity).matrix(range(1, new + changed + 1))
        held = catalogue.entries(numbers)
        papers = [held[number].paper for number in numbers]
        retold = [replace(paper, title=f"{paper.title} {newest}") for paper in papers]
        for place in range(new):
            retold[place] = replace(retold[place], id=f"{month}.{int(last) + place + 1:05}")
        same = np.arange(len(vectors))
        beside = mixed(vectors, same, same, np.random.default_rng(0))
        with catalogue.atomic():
            catalogue.store(retold)
            catalogue.vectors.of(identity).add([paper.text_hash for paper in retold], beside)


def _papers(entries: list[Entry], left: list[int], right: list[int], start: int) -> Iterator[Paper]:
    for place, (one, other) in enumerate(zip(left, right, strict=True), start):
        month, within = divmod(place, _A_MONTH)
        paper, added = entries[one].paper, entries[other].paper.abstract
        yield replace(
            paper,
            id=f"{_MONTHS[month]}.{within + 1:05}",
            abstract=f"{paper.abstract} {added[: added.find(' ', len(added) // 2)]}",
            versions=paper.versions[:1],
            submitted=paper.submitted or date(2020, 1, 1),
        )
