"""The neighbourhood of a paper as a graph: its nearest, and the nearest of those."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from index.arxiv.identifier import year_of_id
from index.catalogue.catalogue import Catalogue
from index.catalogue.tags import Tag
from index.health.freshness import Meta
from index.lists.entries import score
from index.lists.finder import RelatedFinder
from index.lists.held_papers import HeldPaper, held_papers
from index.releases.release import Release
from index.search.nearness import Near

_NEAREST = 8  # papers one step away; one paper is near another where it is among so many
_NEW = 3  # papers at most that each of those brings in


@dataclass(frozen=True, slots=True)
class Node:
    """A paper of a neighbourhood.

    `year` is that of submission; where its day is unknown, the one that the identifier tells.
    `step` counts the steps from the seed, 0 to 2; `score` is 100 × similarity to the seed.
    """

    id: str
    title: str
    first_author: str | None
    year: int
    submitted: date | None
    url: str
    step: int
    score: float
    tags: list[Tag]


@dataclass(frozen=True, slots=True)
class Edge:
    """Two papers, by id, of which the target is among the nearest of the source.

    `score` is 100 × similarity. Where each is among the other's nearest, there is still one edge.
    """

    source: str
    target: str
    score: float


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """The papers around one and what joins them: the seed first, then by step, the nearest first.

    Those two steps away stand in the order in which those one step away brought them in.
    """

    id: str
    nodes: list[Node]
    edges: list[Edge]
    meta: Meta


def build_neighbourhood(catalogue: Catalogue, release: Release, paper_id: str) -> Neighbourhood:
    """The graph around a paper, by canonical id; where no other paper stands, the seed alone.

    Nine lists at most are looked up. Raises UnknownPaper; NotReady for a paper that the release
    does not hold yet.
    """
    finder = RelatedFinder(catalogue, release)
    asked = finder.paper_query(paper_id)
    assert asked.row is not None

    def nearest(row: int) -> list[Near]:
        return finder.nearest_not_withdrawn(release.nearness.seed(row), _NEAREST, np.array([row]))

    near = {asked.row: nearest(asked.row)}
    steps = {asked.row: 0} | {one.row: 1 for one in near[asked.row]}
    for row in list(steps)[1:]:
        near[row] = nearest(row)
        new = [one.row for one in near[row] if one.row not in steps]
        steps |= dict.fromkeys(new[:_NEW], 2)
    papers = held_papers(catalogue, [release.number(row) for row in steps])
    similarities = release.nearness.similarities(asked.seed, np.array(list(steps), np.int64))
    return Neighbourhood(
        id=paper_id,
        nodes=[
            # A survey is less like itself than 1, for what it owes to being one.
            _node(held, step, score(float(similarity)) if step else 100.0)
            for held, step, similarity in zip(papers, steps.values(), similarities, strict=True)
        ],
        edges=_edges(near, {row: held.paper.id for row, held in zip(steps, papers, strict=True)}),
        meta=finder.meta,
    )


def _node(held: HeldPaper, step: int, score_to_seed: float) -> Node:
    paper = held.paper
    return Node(
        id=paper.id,
        title=paper.title,
        first_author=paper.authors[0] if paper.authors else None,
        year=paper.submitted.year if paper.submitted else year_of_id(paper.id),
        submitted=paper.submitted,
        url=paper.url,
        step=step,
        score=score_to_seed,
        tags=held.tags,
    )


def _edges(near: Mapping[int, Sequence[Near]], ids: Mapping[int, str]) -> list[Edge]:
    """One edge for each pair of these papers of which one is near the other, by row."""
    edges: dict[frozenset[int], Edge] = {}
    for row, listed in near.items():
        for one in listed:
            if one.row in ids:
                edge = Edge(ids[row], ids[one.row], score(one.similarity))
                edges.setdefault(frozenset((row, one.row)), edge)
    return list(edges.values())
