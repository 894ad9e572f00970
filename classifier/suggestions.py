"""Suggest new labels: groups of recent papers close to a taxonomy but outside all its leaves."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from classifier.tagger import Tagger, read_papers
from classifier.taxonomies.taxonomy import Taxonomy
from index.arrays import Floats
from index.arxiv.tex.folding import as_written
from index.catalogue.catalogue import Catalogue

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_MIN_IN_SCOPE = 0.15  # minimum probability that a paper is in scope
_MAX_PAPERS = 5_000  # the most probable ones; clustering compares all pairs
_MIN_COSINE = 0.6  # minimum average cosine between two groups that are merged
_MIN_PAPERS = 5
_TERMS, _EXAMPLES = 5, 3
_YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class ShownPaper:
    """An example paper of a group."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class SuggestedLabel:
    """A group of papers with its distinctive terms and its most central papers as examples.

    `weight` is the expected number of its papers in scope: the sum of their probabilities.
    `nearest` is the leaf with the highest mean probability.
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

    def most_probable(self, count: int) -> "_Candidates":
        kept = np.sort(np.argsort(-self.probabilities.sum(axis=1), kind="stable")[:count])
        return _Candidates(
            self.numbers[kept], self.vectors[kept], self.rows[kept], self.probabilities[kept]
        )


def suggested_labels(
    catalogue: Catalogue, data: Path, taxonomy: Taxonomy, tagger: Tagger, since: date | None = None
) -> list[SuggestedLabel]:
    """Return groups of papers without a leaf, submitted since a date, highest weight first.

    By default, papers of the year before the newest paper are grouped. The method is agglomerative
    clustering with average linkage. The terms of a group are the words whose mean weight in the
    group exceeds that in all candidates most.
    """
    newest = catalogue.newest_day()
    if newest is None:
        return []
    leaves = [leaf.id for leaf in taxonomy.leaves]
    wanted = catalogue.tags.numbers_without_labels(taxonomy.name, leaves, since or newest - _YEAR)
    candidates = _candidates(catalogue, data, tagger, wanted)
    if candidates is None:
        return []
    candidates = candidates.most_probable(_MAX_PAPERS)
    mean_row = np.asarray(candidates.rows.mean(axis=0)).ravel()
    suggestions = [
        _suggestion(catalogue, tagger, candidates, group, mean_row)
        for group in _cluster(candidates.vectors)
    ]
    return sorted(suggestions, key=lambda label: (-label.weight, label.terms))


def _candidates(
    catalogue: Catalogue, data: Path, tagger: Tagger, wanted: list[int]
) -> _Candidates | None:
    from scipy.sparse import vstack

    batches = []
    for numbers, vectors, rows in read_papers(catalogue, data, tagger, wanted):
        probabilities = tagger.leaf_probabilities(vectors, rows)
        near = np.flatnonzero(probabilities.sum(axis=1) >= _MIN_IN_SCOPE)
        batches.append((np.array(numbers)[near], vectors[near], rows[near], probabilities[near]))
    if sum(len(numbers) for numbers, *_ in batches) < _MIN_PAPERS:
        return None
    parts = list(zip(*batches, strict=True))
    return _Candidates(
        np.concatenate(parts[0]),
        np.concatenate(parts[1]),
        vstack(parts[2]).tocsr(),
        np.concatenate(parts[3]),
    )


def _cluster(vectors: Floats) -> list[np.ndarray]:
    from sklearn.cluster import AgglomerativeClustering

    clustering = AgglomerativeClustering(
        n_clusters=None, metric="cosine", linkage="average", distance_threshold=1 - _MIN_COSINE
    )
    group_of = clustering.fit_predict(vectors)
    groups = (np.flatnonzero(group_of == group) for group in range(group_of.max() + 1))
    return [group for group in groups if len(group) >= _MIN_PAPERS]


def _suggestion(
    catalogue: Catalogue,
    tagger: Tagger,
    candidates: _Candidates,
    group: np.ndarray,
    mean_row: np.ndarray,
) -> SuggestedLabel:
    excess = np.asarray(candidates.rows[group].mean(axis=0)).ravel() - mean_row
    vectors, probabilities = candidates.vectors[group], candidates.probabilities[group]
    central = np.argsort(-(vectors @ vectors.mean(axis=0)), kind="stable")[:_EXAMPLES]
    numbers = candidates.numbers[group[central]].tolist()
    entries = catalogue.entries(numbers)
    terms = [tagger.vocabulary[term] for term in np.argsort(-excess, kind="stable")[:_TERMS]]
    return SuggestedLabel(
        terms=as_written(terms, " ".join(entries[n].paper.text for n in numbers)),
        papers=len(group),
        weight=round(float(probabilities.sum()), 1),
        nearest=tagger.leaves[int(probabilities.mean(axis=0).argmax())],
        examples=[ShownPaper(entries[n].paper.id, entries[n].paper.title) for n in numbers],
    )
