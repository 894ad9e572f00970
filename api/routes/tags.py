"""Tags: the taxonomies, and the tree of each with counts, as JSON under /v1."""

from dataclasses import dataclass

from fastapi import APIRouter

from api.openapi.examples import TAGS, TAXONOMIES, example
from api.parameters.list_options import TaxonomyName
from api.service import ReadSession, Session
from classifier.taxonomies.taxonomy import DEFAULT_TAXONOMY, Label, Taxonomy
from index.health.freshness import Meta

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


@router.get("/v1/taxonomies", responses=example(TAXONOMIES))
def taxonomies(session: Session) -> TaxonomyList:
    """List the taxonomies that papers are filed in here."""
    found = [
        TaxonomyRecord(one.name, one.title, one.source, one.version, len(one.labels))
        for one in session.taxonomies
    ]
    return TaxonomyList(found, session.meta)


@router.get("/v1/tags", responses=example(TAGS))
def tags(session: Session, taxonomy: TaxonomyName = DEFAULT_TAXONOMY) -> TagTree:
    """Show a taxonomy as a tree, with the number of papers on each shelf."""
    return tree_of(session, session.taxonomies.named(taxonomy))


def tree_of(session: ReadSession, taxonomy: Taxonomy) -> TagTree:
    """A taxonomy as a tree, with the number of papers on each shelf."""
    counts = {
        label.id: session.catalogue.tags.count_papers(
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
        meta=session.meta,
    )


def _node(taxonomy: Taxonomy, label: Label, counts: dict[str, int]) -> TagNode:
    children = [_node(taxonomy, child, counts) for child in taxonomy.children(label.id)]
    return TagNode(label.id, label.title, label.definition, counts[label.id], children)
