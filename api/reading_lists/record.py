"""A reading list with what the catalogue has about its papers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from api.parameters.reading_list import ReadingList
from api.records.works import Work, works_by_id
from api.service import ReadSession
from index.arxiv.date_precision import DatePrecision
from index.arxiv.paper import Paper
from index.catalogue.tags import Tag
from index.errors import NoKnownPaper
from index.health.freshness import Meta
from index.lists.held_papers import held_papers
from index.lists.recommend import Unmatched
from index.lists.reference_matching import match_references, papers_in_order
from index.lists.references import library_title, parse_references


@dataclass(frozen=True, slots=True)
class ListedPaper:
    """A paper of a reading list; one that has not been `harvested` is kept by its id alone."""

    id: str
    url: str
    harvested: bool
    withdrawn: bool
    title: str | None
    authors: list[str]
    submitted: date | None
    submitted_precision: DatePrecision | None
    tags: list[Tag]


@dataclass(frozen=True, slots=True)
class ReadingListRecord:
    """A reading list; nothing of it is stored on the server.

    `address` is the page that holds the list, `recommendations` and `feed` are those from its
    papers. `left_out` are the references of a file that are not in the list, with the reasons;
    `remarks` name those that were read in part or by a guess.
    """

    title: str
    papers: list[ListedPaper]
    not_harvested: int
    address: str
    recommendations: str
    feed: str
    left_out: list[Unmatched]
    remarks: list[str]
    meta: Meta


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A list with the papers of a file, and what of the file is not in it."""

    reading_list: ReadingList
    left_out: list[Unmatched]
    remarks: list[str]


def open_file(session: ReadSession, mine: ReadingList, name: str, content: bytes) -> OpenedFile:
    """Add the papers of a file to a list, which takes the file's title if it has none.

    A file is one in any format of a library of references. Raises Contradiction if it is none,
    NoKnownPaper if it names no paper, and BadInput if it or the list would be too large.
    """
    references = parse_references(name, content)
    matches = match_references(session.catalogue, references)
    left_out = [
        Unmatched(": ".join(filter(None, (one.reference.key, one.reference.title))), one.reason)
        for one in matches.unmatched
        if not one.reference.arxiv_id
    ]
    ids = papers_in_order(references, matches)
    if not ids:
        reasons = "; ".join(f"{one.asked}: {one.reason}" for one in left_out[:3])
        raise NoKnownPaper(f"the file has no paper of arXiv that could be found: {reasons}")
    opened = mine.adding(ids).titled(mine.title or library_title(content))
    return OpenedFile(opened, left_out, matches.remarks)


def listed_papers(session: ReadSession, ids: Sequence[str]) -> list[ListedPaper]:
    """Return the papers with these canonical ids in this order, also those not harvested."""
    numbers = session.catalogue.numbers_of(ids)
    held = {one.paper.id: one for one in held_papers(session.catalogue, list(numbers.values()))}
    papers = []
    for paper_id in ids:
        known = held.get(paper_id)
        paper = known.paper if known else _not_harvested(paper_id)
        papers.append(
            ListedPaper(
                id=paper_id,
                url=paper.url,
                harvested=known is not None,
                withdrawn=paper.withdrawn,
                title=paper.title if known else None,
                authors=list(paper.authors),
                submitted=paper.submitted,
                submitted_precision=paper.submitted_precision,
                tags=known.tags if known else [],
            )
        )
    return papers


def works_of_list(session: ReadSession, ids: Sequence[str]) -> list[Work]:
    """Return the papers to cite; one that is not harvested has its identifier as the title."""
    known = {work.paper.id: work for work in works_by_id(session, ids)}
    return [known.get(one) or Work(_not_harvested(one), "", False) for one in ids]


def _not_harvested(paper_id: str) -> Paper:
    return Paper(paper_id, title=f"arXiv:{paper_id}")
