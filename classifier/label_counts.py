"""The labels of a taxonomy as a tree, with the number of papers that carry each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from classifier.taxonomies.taxonomy import Label, Taxonomy
from index.catalogue.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class TagNode:
    """A label; `papers` counts those that carry it or a label below it."""

    id: str
    title: str
    definition: str
    papers: int
    children: list["TagNode"]


def counted_labels(catalogue: Catalogue, taxonomy: Taxonomy) -> list[TagNode]:
    """Return the topmost labels, each with the labels below it."""
    counts = {
        label.id: catalogue.tags.count_papers(taxonomy.name, taxonomy.with_descendants(label.id))
        for label in taxonomy.labels
    }
    return [_node(taxonomy, label, counts) for label in taxonomy.children(None)]


def tree_lines(nodes: Sequence[TagNode], depth: int = 1) -> Iterator[str]:
    """Yield a line for each label, indented below its parent."""
    for node in nodes:
        yield f"{'  ' * depth}{node.id}  {node.title}  ({node.papers} papers)"
        yield from tree_lines(node.children, depth + 1)


def _node(taxonomy: Taxonomy, label: Label, counts: dict[str, int]) -> TagNode:
    children = [_node(taxonomy, child, counts) for child in taxonomy.children(label.id)]
    return TagNode(label.id, label.title, label.definition, counts[label.id], children)
