"""The labels of a taxonomy as a tree, with the number of papers that carry each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from classifier.taxonomies.taxonomy import Taxonomy
from index.catalogue.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class TagNode:
    """A label; `papers` counts those that carry it or a label below it."""

    id: str
    title: str
    definition: str
    papers: int
    children: list["TagNode"]


def counted_labels(
    catalogue: Catalogue, taxonomy: Taxonomy, above: str | None = None
) -> list[TagNode]:
    """Return the labels below `above`, by default the topmost, each with those below it."""
    return [
        TagNode(
            label.id,
            label.title,
            label.definition,
            catalogue.tags.count_papers(taxonomy.name, taxonomy.with_descendants(label.id)),
            counted_labels(catalogue, taxonomy, label.id),
        )
        for label in taxonomy.children(above)
    ]


def tree_lines(nodes: Sequence[TagNode], depth: int = 1) -> Iterator[str]:
    """Yield a line for each label, indented below its parent."""
    for node in nodes:
        yield f"{'  ' * depth}{node.id}  {node.title}  ({node.papers} papers)"
        yield from tree_lines(node.children, depth + 1)
