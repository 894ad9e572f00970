"""Papers as feeds and citations present them: the paper, its summary and its labels."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from classifier.taxonomies.followed import Taxonomies
from classifier.taxonomies.taxonomy import Label
from index.arxiv.paper import Paper
from index.catalogue.catalogue import Catalogue
from index.lists.entries import Hit
from index.lists.held_papers import held_papers

if TYPE_CHECKING:  # the command line must not load the server
    from api.service import ReadSession


@dataclass(frozen=True, slots=True)
class Work:
    """A paper with its summary and its labels, each label with the name of its taxonomy.

    `reason` says why a digest has the paper; "" elsewhere.
    """

    paper: Paper
    summary: str
    summary_is_abstract: bool
    labels: Sequence[tuple[str, Label]] = ()
    reason: str = ""


def works_of(session: "ReadSession", numbers: Sequence[int]) -> list[Work]:
    """Return the papers with these catalogue numbers, in this order."""
    return works_in(session.catalogue, session.taxonomies, numbers)


def works_in(catalogue: Catalogue, taxonomies: Taxonomies, numbers: Sequence[int]) -> list[Work]:
    """Return papers of a catalogue, with the labels of these taxonomies, in this order."""
    return [
        Work(
            paper=held.paper,
            summary=held.entry.summary,
            summary_is_abstract=held.entry.summary_is_abstract,
            labels=[(tag.taxonomy, taxonomies.label_of(tag)) for tag in held.tags],
        )
        for held in held_papers(catalogue, numbers)
    ]


def works_of_hits(session: "ReadSession", hits: Sequence[Hit]) -> list[Work]:
    """Return the papers of a ranked list, in its order."""
    return works_of(session, [session.release.number(hit.neighbour.row) for hit in hits])


def works_by_id(session: "ReadSession", ids: Sequence[str]) -> list[Work]:
    """Return the papers with these canonical ids, in this order, without unknown ones."""
    numbers = session.catalogue.numbers_of(ids)
    return works_of(session, [numbers[paper_id] for paper_id in ids if paper_id in numbers])
