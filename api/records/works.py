"""Papers as feeds and citations present them: the paper, its summary and its labels."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.service import ReadSession
from classifier.taxonomies.taxonomy import Label
from index.arxiv.paper import Paper
from index.lists.entries import Hit
from index.lists.held_papers import held_papers


@dataclass(frozen=True, slots=True)
class Work:
    """A paper with its summary and its labels, each label with the name of its taxonomy."""

    paper: Paper
    summary: str
    summary_is_abstract: bool
    labels: Sequence[tuple[str, Label]] = ()


def works_of(session: ReadSession, numbers: Sequence[int]) -> list[Work]:
    """Return the papers with these catalogue numbers, in this order."""
    return [
        Work(
            paper=held.paper,
            summary=held.entry.summary,
            summary_is_abstract=held.entry.summary_is_abstract,
            labels=[(tag.taxonomy, session.taxonomies.label_of(tag)) for tag in held.tags],
        )
        for held in held_papers(session.catalogue, numbers)
    ]


def works_of_hits(session: ReadSession, hits: Sequence[Hit]) -> list[Work]:
    """Return the papers of a ranked list, in its order."""
    return works_of(session, [session.release.number(hit.neighbour.row) for hit in hits])


def works_by_id(session: ReadSession, ids: Sequence[str]) -> list[Work]:
    """Return the papers with these canonical ids, in this order, without unknown ones."""
    numbers = session.catalogue.numbers_of(ids)
    return works_of(session, [numbers[paper_id] for paper_id in ids if paper_id in numbers])
