"""The taxonomies that papers are tagged with, and the labels of each as a tree."""

from dataclasses import dataclass

from api.service import ReadSession
from classifier.label_counts import TagNode, counted_labels
from classifier.taxonomies.taxonomy import Taxonomy
from index.health.freshness import Meta


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
    """A taxonomy that papers are tagged with, and the number of its labels."""

    name: str
    title: str
    source: str
    version: str
    labels: int


@dataclass(frozen=True, slots=True)
class TaxonomyList:
    """The taxonomies that papers are tagged with, the bundled survey taxonomy first."""

    taxonomies: list[TaxonomyRecord]
    meta: Meta


def taxonomy_list(session: ReadSession) -> TaxonomyList:
    """Return the taxonomies that papers are tagged with."""
    records = [
        TaxonomyRecord(one.name, one.title, one.source, one.version, len(one.labels))
        for one in session.taxonomies
    ]
    return TaxonomyList(records, session.meta)


def tag_tree(session: ReadSession, taxonomy: Taxonomy) -> TagTree:
    """Return a taxonomy as a tree, with the number of papers for each label."""
    return TagTree(
        taxonomy=taxonomy.name,
        title=taxonomy.title,
        source=taxonomy.source,
        version=taxonomy.version,
        tags=counted_labels(session.catalogue, taxonomy),
        meta=session.meta,
    )
