"""New shelves: groups of recent papers near a taxonomy that none of its leaves holds well."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from classifier.tagger import Tagger, read_papers
from classifier.taxonomies.taxonomy import Taxonomy
from index.arrays import Floats
from index.catalogue.catalogue import Catalogue

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_NEAR = 0.15  # how probable it is at least that a paper is in scope
_MAX_PAPERS = 5_000  # the nearest; all pairs of them are compared
_MIN_COSINE = 0.6  # of two groups' papers, on average, that become one
_MIN_PAPERS = 5
_TERMS, _EXAMPLES = 5, 3
_YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class ShownPaper:
    """A paper that shows what a group is about."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class SuggestedLabel:
    """A group of papers: the terms that set it apart, and the papers at its middle.

    `weight` is how many of its papers are in scope, by their probabilities; `nearest` the leaf
    that would take them likeliest.
    """

    terms: list[str]
    papers: int
    weight: float
    nearest: str
    examples: list[ShownPaper]


@dataclass(frozen=True)
class _Candidates:
    numbers: np.ndarray
    vectors: Floats
    rows: "csr_matrix"
    probabilities: Floats

    def nearest(self, count: int) -> "_Candidates":
        order = np.sort(np.argsort(-self.probabilities.sum(axis=1), kind="stable")[:count])
        return _Candidates(
            self.numbers[order], self.vectors[order], self.rows[order], self.probabilities[order]
        )


def suggested_labels(
    catalogue: Catalogue, data: Path, taxonomy: Taxonomy, tagger: Tagger, since: date | None = None
) -> list[SuggestedLabel]:
    """Groups among the papers without a leaf, submitted since a day, the weightiest first.

    Without a day, in the year before the newest paper. Papers are grouped by average linkage; a
    group is named by the words whose weight in it is most above that in all papers looked at.
    """
    newest = catalogue.newest_day()
    if newest is None:
        return []
    leaves = [leaf.id for leaf in taxonomy.leaves]
    wanted = catalogue.tags.numbers_without_labels(taxonomy.name, leaves, since or newest - _YEAR)
    found = _candidates(catalogue, data, tagger, wanted)
    if found is None:
        return []
    found = found.nearest(_MAX_PAPERS)
    usual = np.asarray(found.rows.mean(axis=0)).ravel()
    groups = [_shelf(catalogue, tagger, found, group, usual) for group in _groups(found.vectors)]
    return sorted(groups, key=lambda shelf: (-shelf.weight, shelf.terms))


def _candidates(
    catalogue: Catalogue, data: Path, tagger: Tagger, wanted: list[int]
) -> _Candidates | None:
    from scipy.sparse import vstack

    held = []
    for numbers, vectors, rows in read_papers(catalogue, data, tagger, wanted):
        probabilities = tagger.leaf_probabilities(vectors, rows)
        near = np.flatnonzero(probabilities.sum(axis=1) >= _NEAR)
        held.append((np.array(numbers)[near], vectors[near], rows[near], probabilities[near]))
    if sum(len(numbers) for numbers, *_ in held) < _MIN_PAPERS:
        return None
    parts = list(zip(*held, strict=True))
    return _Candidates(
        np.concatenate(parts[0]),
        np.concatenate(parts[1]),
        vstack(parts[2]).tocsr(),
        np.concatenate(parts[3]),
    )


def _groups(vectors: Floats) -> list[np.ndarray]:
    from sklearn.cluster import AgglomerativeClustering

    clustering = AgglomerativeClustering(
        n_clusters=None, metric="cosine", linkage="average", distance_threshold=1 - _MIN_COSINE
    )
    group_of = clustering.fit_predict(vectors)
    groups = (np.flatnonzero(group_of == group) for group in range(group_of.max() + 1))
    return [group for group in groups if len(group) >= _MIN_PAPERS]


def _shelf(
    catalogue: Catalogue, tagger: Tagger, found: _Candidates, group: np.ndarray, usual: np.ndarray
) -> SuggestedLabel:
    above = np.asarray(found.rows[group].mean(axis=0)).ravel() - usual
    vectors, probabilities = found.vectors[group], found.probabilities[group]
    middle = np.argsort(-(vectors @ vectors.mean(axis=0)), kind="stable")[:_EXAMPLES]
    numbers = found.numbers[group[middle]].tolist()
    entries = catalogue.entries(numbers)
    return SuggestedLabel(
        terms=[tagger.vocabulary[term] for term in np.argsort(-above, kind="stable")[:_TERMS]],
        papers=len(group),
        weight=round(float(probabilities.sum()), 1),
        nearest=tagger.leaves[int(probabilities.mean(axis=0).argmax())],
        examples=[ShownPaper(entries[n].paper.id, entries[n].paper.title) for n in numbers],
    )
