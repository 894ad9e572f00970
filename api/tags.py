"""Tags: the taxonomy's tree with counts, and the papers that carry a tag, as JSON under /v1."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from api.examples import TAG_PAPERS, TAGS, TAXONOMIES, example
from api.list_query import Limit
from api.service import Answers, RequestAnswers
from classifier.taxonomy import DEFAULT_TAXONOMY, Label, Taxonomy
from index.freshness import Meta
from index.stored_tags import Tag

router = APIRouter(tags=["tags"])

TaxonomyName = Annotated[str, Query(description="One of /v1/taxonomies")]


@dataclass(frozen=True, slots=True)
class TagNode:
    """A label; `papers` counts those that carry it or a label below it."""

    id: str
    title: str
    definition: str
    papers: int
    children: list["TagNode"]


@dataclass(frozen=True, slots=True)
class TagTree:
    """A taxonomy with its labels as a tree."""

    taxonomy: str
    title: str
    source: str
    version: str
    tags: list[TagNode]
    meta: Meta


@dataclass(frozen=True, slots=True)
class TaxonomyRecord:
    """A taxonomy that papers are filed in, with the number of its labels."""

    name: str
    title: str
    source: str
    version: str
    labels: int


@dataclass(frozen=True, slots=True)
class TaxonomyList:
    """The taxonomies that papers are filed in, the survey's first."""

    taxonomies: list[TaxonomyRecord]
    meta: Meta


@dataclass(frozen=True, slots=True)
class TaggedPaper:
    """A paper that carries a tag."""

    id: str
    title: str
    summary: str
    submitted: date | None
    authors: list[str]
    tags: list[Tag]


@dataclass(frozen=True, slots=True)
class TaggedPapers:
    """A tag and the papers that carry it or a label below it, the newest first."""

    id: str
    title: str
    definition: str
    papers: list[TaggedPaper]
    meta: Meta


@router.get("/v1/taxonomies", responses=example(TAXONOMIES))
def taxonomies(answers: Answers) -> TaxonomyList:
    """List the taxonomies that papers are filed in here."""
    found = [
        TaxonomyRecord(one.name, one.title, one.source, one.version, len(one.labels))
        for one in answers.taxonomies
    ]
    return TaxonomyList(found, answers.meta)


@router.get("/v1/tags", responses=example(TAGS))
def tags(answers: Answers, taxonomy: TaxonomyName = DEFAULT_TAXONOMY) -> TagTree:
    """Show a taxonomy as a tree, with the number of papers on each shelf."""
    return tree_of(answers, answers.taxonomies.named(taxonomy))


def tree_of(answers: RequestAnswers, taxonomy: Taxonomy) -> TagTree:
    """A taxonomy as a tree, with the number of papers on each shelf."""
    counts = {
        label.id: answers.catalogue.tags.count_papers(
            taxonomy.name, taxonomy.with_descendants(label.id)
        )
        for label in taxonomy.labels
    }
    return TagTree(
        taxonomy=taxonomy.name,
        title=taxonomy.title,
        source=taxonomy.source,
        version=taxonomy.version,
        tags=[_node(taxonomy, label, counts) for label in taxonomy.children(None)],
        meta=answers.meta,
    )


@router.get("/v1/tags/{tag}/papers", responses=example(TAG_PAPERS))
def tagged_papers(
    tag: str, answers: Answers, taxonomy: TaxonomyName = DEFAULT_TAXONOMY, limit: Limit = 10
) -> TaggedPapers:
    """List the papers that carry a tag or one below it, the newest first."""
    of = answers.taxonomies.named(taxonomy)
    label = of.label(tag)
    papers = tagged_on(answers, of, label, limit)
    return TaggedPapers(label.id, label.title, label.definition, papers, answers.meta)


def _node(taxonomy: Taxonomy, label: Label, counts: dict[str, int]) -> TagNode:
    children = [_node(taxonomy, child, counts) for child in taxonomy.children(label.id)]
    return TagNode(label.id, label.title, label.definition, counts[label.id], children)


def tagged_on(
    answers: RequestAnswers, taxonomy: Taxonomy, label: Label, limit: int
) -> list[TaggedPaper]:
    """The newest papers that carry a label or one below it."""
    below = taxonomy.with_descendants(label.id)
    numbers = answers.catalogue.tags.papers_with(taxonomy.name, below, limit)
    entries = answers.catalogue.entries(numbers)
    tags = answers.catalogue.tags.of(numbers)
    return [
        TaggedPaper(
            id=(paper := entries[number].paper).id,
            title=paper.title,
            summary=entries[number].summary,
            submitted=paper.submitted,
            authors=list(paper.authors),
            tags=tags[number],
        )
        for number in numbers
    ]
