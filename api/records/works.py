"""Papers as feeds and citations speak of them: what is held of each, and where it is filed."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.service import ReadSession
from classifier.taxonomies.taxonomy import Label
from index.arxiv.paper import Paper
from index.lists.entries import Hit


@dataclass(frozen=True, slots=True)
class Work:
    """A paper with its summary, and its labels, each with the name of its taxonomy."""

    paper: Paper
    summary: str
    labels: Sequence[tuple[str, Label]] = ()


def works_of(session: ReadSession, numbers: Sequence[int]) -> list[Work]:
    """The papers under these catalogue numbers, in this order."""
    entries = session.catalogue.entries(numbers)
    tags = session.catalogue.tags.of(numbers)
    return [
        Work(
            paper=entries[number].paper,
            summary=entries[number].summary,
            labels=[(tag.taxonomy, session.taxonomies.label_of(tag)) for tag in tags[number]],
        )
        for number in numbers
    ]


def works_found(session: ReadSession, found: Sequence[Hit]) -> list[Work]:
    """The papers of a ranked list, in its order."""
    return works_of(session, [session.release.number(one.near.row) for one in found])


def works_named(session: ReadSession, ids: Sequence[str]) -> list[Work]:
    """The papers of these canonical ids that are held, in this order."""
    numbers = session.catalogue.numbers_of(ids)
    return works_of(session, [numbers[paper_id] for paper_id in ids if paper_id in numbers])
