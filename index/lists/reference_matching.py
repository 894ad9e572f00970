"""Match the references of a user's library to papers of the catalogue."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from index.catalogue.catalogue import Catalogue
from index.lists.references import Reference

if TYPE_CHECKING:
    pass

By = Literal["arxiv id", "doi", "title"]


@dataclass(frozen=True, slots=True)
class MatchedReference:
    """A reference, the canonical id of the paper that it is, and what said so."""

    reference: Reference
    paper_id: str
    by: By


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A reference that is no paper of the catalogue, or cannot be told to be one, and why."""

    reference: Reference
    reason: str


@dataclass(frozen=True, slots=True)
class ReferenceMatches:
    """What became of the references of a library; each paper is matched once."""

    matched: list[MatchedReference]
    unmatched: list[Unmatched]


def match_references(catalogue: Catalogue, references: Sequence[Reference]) -> ReferenceMatches:
    """Find the papers that these references are.

    A reference that names an arXiv id is never matched by its title: another paper may bear it.
    """
    distinct = list(dict.fromkeys(references))
    held = catalogue.numbers_of({r.arxiv_id for r in distinct if r.arxiv_id})
    by_doi = catalogue.known_works.ids_by_doi({r.doi for r in distinct if r.doi})

    def papers_of(reference: Reference) -> tuple[By, list[str]]:
        if reference.arxiv_id in held:
            return "arxiv id", [str(reference.arxiv_id)]
        if reference.doi in by_doi:
            return "doi", by_doi[str(reference.doi)]
        title = "" if reference.arxiv_id else reference.title
        return "title", catalogue.known_works.ids_by_title(title)

    matched: dict[str, MatchedReference] = {}
    unmatched: list[Unmatched] = []
    for reference in distinct:
        by, papers = papers_of(reference)
        if len(papers) == 1:
            matched.setdefault(papers[0], MatchedReference(reference, papers[0], by))
        else:
            unmatched.append(Unmatched(reference, _reason(reference, by, papers)))
    return ReferenceMatches(list(matched.values()), unmatched)


def _reason(reference: Reference, by: By, papers: Sequence[str]) -> str:
    if papers:
        named = ", ".join(f"arXiv:{paper_id}" for paper_id in papers[:5])
        return f"{len(papers)} papers here have its {'DOI' if by == 'doi' else by}: {named}"
    if reference.fault:
        return reference.fault
    if reference.arxiv_id:
        return f"arXiv:{reference.arxiv_id} is not held here"
    return "no arXiv id, DOI or title that is held here"
