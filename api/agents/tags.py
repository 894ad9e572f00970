"""A paper's tags, and the labels of a taxonomy, for agents: as over REST, but limited."""

from dataclasses import dataclass, replace

from pydantic import BaseModel

from api.agents.limits import LABELS, LINE, OTHERS, SENTENCE, cut
from api.records.paper_tags import PaperTags, SaidTags
from api.records.taxonomies import TagTree
from api.rendering.prose import to_plain_text
from classifier.label_counts import TagNode
from classifier.tag_reasons import ExplainedTag, Judgement
from classifier.taxonomies.followed import Taxonomies
from index.health.freshness import Meta


class TagsOfPaper(BaseModel):
    """A paper's tags with their reasons, its judgements, and the latest corrections."""

    id: str
    title: str
    tags: list[ExplainedTag]
    judgements: list[Judgement]
    corrections: list[SaidTags]
    meta: Meta

    @classmethod
    def of(cls, record: PaperTags) -> "TagsOfPaper":
        """Return a record with the latest corrections only."""
        return cls(
            id=record.id,
            title=cut(to_plain_text(record.title), LINE),
            tags=[_with_plain_titles(tag) for tag in record.tags],
            judgements=record.judgements,
            corrections=record.corrections[:OTHERS],
            meta=record.meta,
        )


def _with_plain_titles(tag: ExplainedTag) -> ExplainedTag:
    nearest = [replace(near, title=cut(to_plain_text(near.title), LINE)) for near in tag.nearest]
    return replace(tag, nearest=nearest)


@dataclass(frozen=True, slots=True)
class ListedLabel:
    """A label; `papers` counts those that carry it or a label below it."""

    tag: str
    title: str
    definition: str
    parent: str | None
    papers: int


class LabelList(BaseModel):
    """A taxonomy's labels, each after its parent; at most 200 of `labels_in_all`.

    `taxonomies` has the names of all taxonomies in use here.
    """

    taxonomy: str
    title: str
    labels: list[ListedLabel]
    labels_in_all: int
    taxonomies: list[str]
    meta: Meta

    @classmethod
    def of(cls, tree: TagTree, followed: Taxonomies) -> "LabelList":
        """Return a tree as a list."""
        labels = [label for node in tree.tags for label in _labels(tree.taxonomy, node, None)]
        return cls(
            taxonomy=tree.taxonomy,
            title=cut(tree.title, LINE),
            labels=labels[:LABELS],
            labels_in_all=len(labels),
            taxonomies=[taxonomy.name for taxonomy in followed],
            meta=tree.meta,
        )


def _labels(taxonomy: str, node: TagNode, parent: str | None) -> list[ListedLabel]:
    tag = f"{taxonomy}/{node.id}"
    definition = cut(node.definition, SENTENCE)
    label = ListedLabel(tag, cut(node.title, LINE), definition, parent, node.papers)
    return [label, *(one for child in node.children for one in _labels(taxonomy, child, tag))]
