"""A synthetic catalogue of any size, made from a real one, for benchmarks at arXiv's size."""

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

# This weight of the second vector makes search as hard as among real papers: a corpus made from a
# tenth of the real papers has the same recall as all of them, if equally many partitions are read.
# With equal weights, recall is far lower (docs/measured.md, "Lists at arXiv's size").
_SECOND, _NOISE = np.float32(0.6), 0.01
_BATCH_SIZE = 20_000
_IDS_PER_MONTH = 99_999  # the maximum of arXiv's five-digit numbering
_MONTHS = [f"{year:02}{month:02}" for year in range(15, 26) for month in range(1, 13)]


def mix_vectors(
    real: Floats, first: np.ndarray, second: np.ndarray, random: np.random.Generator
) -> Floats:
    """Return unit vectors, each between two rows of `real` and nearer to the first, with noise."""
    noise = random.normal(0, _NOISE, (len(first), real.shape[1])).astype(np.float32)
    return unit(real[first] + _SECOND * real[second] + noise)


def make_corpus(source: Path, data: Path, identity: ModelIdentity, papers: int) -> None:
    """Store synthetic papers in the catalogue of `data`, made from those of `source`.

    Each is made from two real papers. The abstract is the first paper's, followed by the first half
    of the second's. The vector is the mean of both vectors, weighted 1 to 0.6, with noise. The
    identifier is new. Summary, day, categories and authors are the first paper's. Every run stores
    the same papers.
    """
    with read_catalogue(source) as catalogue:
        numbers, real = catalogue.vectors.of(identity).matrix()
        by_number = catalogue.entries(numbers)
    entries = [by_number[number] for number in numbers]
    with open_catalogue(data) as catalogue, catalogue.bulk():
        random = np.random.default_rng(0)
        for start in range(0, papers, _BATCH_SIZE):
            first, second = random.integers(0, len(real), (2, min(_BATCH_SIZE, papers - start)))
            synthetic = list(_papers(entries, first.tolist(), second.tolist(), start))
            summaries = iter([entries[place].summary for place in first.tolist()])
            # To compute summaries would take longer than everything else, and the first paper's
            # summary serves as well.
            with patch(
                "index.catalogue.catalogue.summarise", new=lambda *_, given=summaries: next(given)
            ):
                catalogue.store(synthetic)
            vectors = mix_vectors(real, first, second, random)
            catalogue.vectors.of(identity).add([paper.text_hash for paper in synthetic], vectors)


def store_nightly_papers(data: Path, identity: ModelIdentity, new: int, revised: int) -> None:
    """Store `new` new papers and new texts of `revised` papers, with vectors near the old ones."""
    with open_catalogue(data) as catalogue:
        newest = catalogue.newest_id()
        month, last = newest.split(".")
        numbers, vectors = catalogue.vectors.of(identity).matrix(range(1, new + revised + 1))
        entries = catalogue.entries(numbers)
        papers = [
            replace(entries[number].paper, title=f"{entries[number].paper.title} {newest}")
            for number in numbers
        ]
        for place in range(new):
            papers[place] = replace(papers[place], id=f"{month}.{int(last) + place + 1:05}")
        same = np.arange(len(vectors))
        near = mix_vectors(vectors, same, same, np.random.default_rng(0))
        with catalogue.atomic():
            catalogue.store(papers)
            catalogue.vectors.of(identity).add([paper.text_hash for paper in papers], near)


def _papers(
    entries: list[Entry], first: list[int], second: list[int], start: int
) -> Iterator[Paper]:
    for place, (one, other) in enumerate(zip(first, second, strict=True), start):
        month, within = divmod(place, _IDS_PER_MONTH)
        paper, added = entries[one].paper, entries[other].paper.abstract
        yield replace(
            paper,
            id=f"{_MONTHS[month]}.{within + 1:05}",
            abstract=f"{paper.abstract} {added[: added.find(' ', len(added) // 2)]}",
            versions=paper.versions[:1],
            submitted=paper.submitted or date(2020, 1, 1),
        )
