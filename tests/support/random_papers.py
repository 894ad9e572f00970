"""Random papers that are added, changed and withdrawn, with vectors of a fictitious model."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from index.arrays import Floats, unit
from index.arxiv.paper import Paper
from index.catalogue.catalogue import open_catalogue
from index.milvus_address import MilvusAddress
from index.releases.manifest import Manifest
from index.releases.release import Release
from index.search.nearness import Neighbour
from tests.support.releases import build_release
from tests.support.two_papers import IDENTITY as IDENTITY_OF_FOUR

IDENTITY = replace(IDENTITY_OF_FOUR, dimension=24)
CATEGORIES = ("cs.CL", "cs.LG", "math.ST", "math.AG", 'od"d\\.C', "hep-th")
LICENCES = (None, "http://creativecommons.org/licenses/by/4.0/", "a licence of one's own")
AUTHORS = ("Ada Lovelace", "Emmy Noether", "Kurt Gödel")
_TOPICS = 12


def make_release(
    data: Path, index: MilvusAddress | None, exact_up_to: int = 0, keep: int = 2
) -> Manifest:
    """Build a release of a data folder."""
    with open_catalogue(data) as catalogue:
        return build_release(catalogue, IDENTITY, data, exact_up_to, keep, index)


def nearest_papers(release: Release) -> list[list[Neighbour]]:
    """The ten papers nearest to every tenth paper."""
    nearness, rows = release.nearness, range(0, len(release.nearness), 10)
    return [nearness.nearest(nearness.seed(row), 10, np.array([row])) for row in rows]


class RandomPapers:
    """Stores the same random papers in several data folders.

    papers = RandomPapers(1, [folder])
    papers.change(new=100)
    papers.change(new=5, revised=3)
    """

    def __init__(self, seed: int, folders: Sequence[Path]) -> None:
        self._random = np.random.default_rng(seed)
        self._folders = folders
        self._topics = unit(
            self._random.normal(size=(_TOPICS, IDENTITY.dimension)).astype(np.float32)
        )
        self.papers: list[Paper] = []

    def change(self, new: int, revised: int = 0, refiled: int = 0, gone: int = 0) -> None:
        """Store new papers, and others with new texts, new categories, or without a vector."""
        before = list(self._random.permutation(len(self.papers)))
        stored = [self._paper(len(self.papers) + place, 1) for place in range(new)]
        stored += [
            self._paper(place, (self.papers[place].version or 0) + 1)
            for place in before[: revised + gone]
        ]
        stored += [
            replace(self.papers[place], categories=self._categories(), license=self._licence())
            for place in before[revised + gone : revised + gone + refiled]
        ]
        without = stored[len(stored) - refiled - gone : len(stored) - refiled]
        embedded = [paper for paper in stored if paper not in without]
        vectors = [self._vector(paper) for paper in embedded]
        for folder in self._folders:
            with open_catalogue(folder) as catalogue:
                catalogue.store(stored)
                hashes = [paper.text_hash for paper in embedded]
                catalogue.vectors.of(IDENTITY).add(hashes, np.array(vectors, np.float32))
        held = {paper.id: paper for paper in [*self.papers, *stored]}
        self.papers = list(held.values())

    def _paper(self, place: int, version: int) -> Paper:
        topic = int(self._random.integers(_TOPICS))
        words = [f"word{n}" for n in 20 * topic + self._random.integers(0, 30, 12)]
        submitted = date(2020, 1, 1) + timedelta(days=int(self._random.integers(1500)))
        survey = "A survey of " if self._random.random() < 0.2 else ""
        return Paper(
            f"2001.{place:05}",
            f"{survey}{' '.join(words[:4])}",
            f"Topic {topic}. {' '.join(words)}.",
            authors=(AUTHORS[place % len(AUTHORS)],),
            categories=self._categories(),
            version=version,
            submitted=submitted if self._random.random() < 0.9 else None,
            license=self._licence(),
        )

    def _categories(self) -> tuple[str, ...]:
        count = int(self._random.integers(1, 4))
        return tuple(self._random.choice(CATEGORIES, count, replace=False).tolist())

    def _licence(self) -> str | None:
        return LICENCES[int(self._random.integers(len(LICENCES)))]

    def _vector(self, paper: Paper) -> Floats:
        """Return a vector near that of the topic; the same text has the same vector."""
        own = np.random.default_rng(list(paper.text_hash)).normal(
            scale=0.15, size=IDENTITY.dimension
        )
        vector: Floats = unit(self._topics[int(paper.abstract.split()[1][:-1])] + own)
        return vector
