"""Match the references of a user's library to papers of the catalogue."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from index.catalogue.catalogue import Catalogue
from index.lists.references import Reference
from index.work_limit import check_work

_MAX_REMARKS = 20

By = Literal["arxiv id", "doi", "title"]


@dataclass(frozen=True, slots=True)
class MatchedReference:
    """A reference, the canonical id of its paper, and the field that identified it."""

    reference: Reference
    paper_id: str
    by: By


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A reference with no single matching paper in the catalogue, and the reason."""

    reference: Reference
    reason: str


@dataclass(frozen=True, slots=True)
class ReferenceMatches:
    """The result of matching the references of a library; each paper is matched once.

    `remarks` name the references, whether matched or not, that were read in part or by a guess.
    """

    matched: list[MatchedReference]
    unmatched: list[Unmatched]
    remarks: list[str] = field(default_factory=list)


def match_references(catalogue: Catalogue, references: Sequence[Reference]) -> ReferenceMatches:
    """Match references to papers by arXiv id, else by DOI, else by title.

    Each distinct title is looked up once. A reference with an arXiv id is never matched by title,
    because another paper may have it too. Raises TooMuchWork at the limit of the request's work.
    """
    distinct = list(dict.fromkeys(references))
    by_title: dict[str, list[str]] = {}
    numbers = catalogue.numbers_of({r.arxiv_id for r in distinct if r.arxiv_id})
    by_doi = catalogue.known_works.ids_by_doi({r.doi for r in distinct if r.doi})

    def papers_of(reference: Reference) -> tuple[By, list[str]]:
        if reference.arxiv_id in numbers:
            return "arxiv id", [str(reference.arxiv_id)]
        if reference.doi in by_doi:
            return "doi", by_doi[str(reference.doi)]
        title = "" if reference.arxiv_id else reference.title
        if title not in by_title:
            check_work()
            by_title[title] = catalogue.known_works.ids_by_title(title)
        return "title", by_title[title]

    matched: dict[str, MatchedReference] = {}
    unmatched: list[Unmatched] = []
    for reference in distinct:
        by, papers = papers_of(reference)
        if len(papers) == 1:
            matched.setdefault(papers[0], MatchedReference(reference, papers[0], by))
        else:
            unmatched.append(Unmatched(reference, _reason(reference, by, papers)))
    return ReferenceMatches(list(matched.values()), unmatched, _remarks(distinct, unmatched))


def papers_in_order(references: Sequence[Reference], matches: ReferenceMatches) -> list[str]:
    """Return the ids of a library's papers in its order, each once, also of papers not here.

    A reference with neither an arXiv id nor a match has no id.
    """
    matched = {one.reference: one.paper_id for one in matches.matched}
    ids = (matched.get(one) or one.arxiv_id for one in references)
    return list(dict.fromkeys(paper_id for paper_id in ids if paper_id))


def _remarks(references: Sequence[Reference], unmatched: Sequence[Unmatched]) -> list[str]:
    """Return what was said about reading the references, except what the reasons say already."""
    reasons = {one.reason for one in unmatched}
    remarks = [
        f"{reference.key}: {said}"
        for reference in references
        for said in (reference.fault, reference.remark)
        if said and said not in reasons
    ]
    if len(remarks) > _MAX_REMARKS:
        left_out = len(remarks) - _MAX_REMARKS
        return [*remarks[:_MAX_REMARKS], f"and {left_out:,} more entries like these"]
    return remarks


def _reason(reference: Reference, by: By, papers: Sequence[str]) -> str:
    if papers:
        ids = ", ".join(f"arXiv:{paper_id}" for paper_id in papers[:5])
        return f"{len(papers)} papers here have its {'DOI' if by == 'doi' else by}: {ids}"
    if reference.arxiv_id:
        return f"arXiv:{reference.arxiv_id} has not been harvested into this catalogue"
    if reference.fault:
        return reference.fault
    return "no paper in this catalogue has its arXiv id, DOI or title"
