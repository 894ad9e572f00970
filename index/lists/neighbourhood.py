"""The neighbourhood of a paper as a graph: its nearest papers, and their nearest papers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from index.arxiv.date_precision import DatePrecision
from index.arxiv.identifier import year_of_id
from index.catalogue.catalogue import Catalogue
from index.catalogue.tags import Tag
from index.health.freshness import Meta
from index.lists.entries import score
from index.lists.finder import RelatedFinder
from index.lists.held_papers import HeldPaper, held_papers
from index.lists.ties import best_neighbours
from index.releases.release import Release
from index.search.nearness import Neighbour

_NEAREST = 8  # number of papers one step away; an edge joins a paper to one of its 8 nearest
_NEW = 3  # maximum number of papers that each of them adds at the second step


@dataclass(frozen=True, slots=True)
class Node:
    """A paper of a neighbourhood.

    `year` is the year of submission, or that of the identifier if the day is unknown. `step` is
    the number of steps from the seed, 0 to 2. `score` is 100 × similarity to the seed.
    `first_author_family` is the family name, guessed if the source does not give it.
    """

    id: str
    title: str
    first_author: str | None
    year: int
    submitted: date | None
    submitted_precision: DatePrecision | None
    url: str
    step: int
    score: float
    tags: list[Tag]
    first_author_family: str | None = None


@dataclass(frozen=True, slots=True)
class Edge:
    """Two papers, by id: the target is one of the nearest papers of the source.

    `score` is 100 × similarity of the target to the source. Two papers that are near each other
    have only one edge.
    """

    source: str
    target: str
    score: float


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """The papers around one paper, and their edges.

    Nodes are ordered by step: the seed, then its nearest papers, nearest first, then the papers
    that each of those added, in the same order.
    """

    id: str
    nodes: list[Node]
    edges: list[Edge]
    meta: Meta


def build_neighbourhood(catalogue: Catalogue, release: Release, paper_id: str) -> Neighbourhood:
    """Build the graph around a paper, given its canonical id, with at most nine searches.

    The graph has only the seed if no other paper can be listed. Raises UnknownPaper, and NotReady
    if the release does not have the paper yet.
    """
    finder = RelatedFinder(catalogue, release)
    query = finder.paper_query(paper_id)
    seed_row = query.row
    assert seed_row is not None

    def find(row: int) -> list[Neighbour]:
        nearest = release.nearest_to(row, _NEAREST)
        ids = catalogue.ids_not_withdrawn([release.number(one.row) for one in nearest])
        if len(ids) == len(nearest):
            return best_neighbours(release, nearest, _NEAREST, lambda _: ids)
        seed = release.nearness.seed(row)
        return finder.nearest_not_withdrawn(seed, _NEAREST, np.array([row]))

    nearest_of = {seed_row: find(seed_row)}
    steps = {seed_row: 0} | {neighbour.row: 1 for neighbour in nearest_of[seed_row]}
    for row in list(steps)[1:]:
        nearest_of[row] = find(row)
        new = [neighbour.row for neighbour in nearest_of[row] if neighbour.row not in steps]
        steps |= dict.fromkeys(new[:_NEW], 2)
    papers = held_papers(catalogue, [release.number(row) for row in steps])
    similarities = release.nearness.similarities(query.seed, np.array(list(steps), np.int64))
    return Neighbourhood(
        id=paper_id,
        nodes=[
            # The similarity of a paper to itself is below 1, because of its density.
            _node(held, step, score(float(similarity)) if step else 100.0)
            for held, step, similarity in zip(papers, steps.values(), similarities, strict=True)
        ],
        edges=_edges(
            nearest_of, {row: held.paper.id for row, held in zip(steps, papers, strict=True)}
        ),
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
        submitted_precision=paper.submitted_precision,
        url=paper.url,
        step=step,
        score=score_to_seed,
        tags=held.tags,
        first_author_family=paper.author_parts[0].family if paper.authors else None,
    )


def _edges(nearest_of: Mapping[int, Sequence[Neighbour]], ids: Mapping[int, str]) -> list[Edge]:
    """Return one edge for each pair of these papers (ids by row) with one near the other."""
    edges: dict[frozenset[int], Edge] = {}
    for row, nearest in nearest_of.items():
        for neighbour in nearest:
            if neighbour.row in ids:
                edge = Edge(ids[row], ids[neighbour.row], score(neighbour.similarity))
                edges.setdefault(frozenset((row, neighbour.row)), edge)
    return list(edges.values())
