"""Tags: the taxonomy's tree with counts, and the papers that carry a tag, as JSON under /v1."""

from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter

from api.examples import TAG_PAPERS, TAGS, example
from api.list_query import Limit
from api.service import Answers, RequestAnswers
from classifier.taxonomy import Label, Taxonomy, load_taxonomy
from index.freshness import Meta
from index.stored_tags import Tag

router = APIRouter(tags=["tags"])


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


@router.get("/v1/tags", responses=example(TAGS))
def tags(answers: Answers) -> TagTree:
    """Show the taxonomy as a tree, with the number of papers on each shelf."""
    taxonomy = load_taxonomy()
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
def tagged_papers(tag: str, answers: Answers, limit: Limit = 10) -> TaggedPapers:
    """List the papers that carry a tag or one below it, the newest first."""
    taxonomy = load_taxonomy()
    label = taxonomy.label(tag)
    numbers = answers.catalogue.tags.papers_with(
        taxonomy.name, taxonomy.with_descendants(label.id), limit
    )
    return TaggedPapers(
        label.id, label.title, label.definition, _papers(answers, numbers), answers.meta
    )


def _node(taxonomy: Taxonomy, label: Label, counts: dict[str, int]) -> TagNode:
    children = [_node(taxonomy, child, counts) for child in taxonomy.children(label.id)]
    return TagNode(label.id, label.title, label.definition, counts[label.id], children)


def _papers(answers: RequestAnswers, numbers: list[int]) -> list[TaggedPaper]:
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
