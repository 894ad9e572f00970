"""A paper's tags, and the tags that there are, as agents are told: as over REST, but bounded."""

from dataclasses import dataclass

from pydantic import BaseModel

from api.agents.limits import LABELS, LINE, OTHERS, SENTENCE, cut
from api.records.paper_tags import PaperTags, SaidTags
from api.records.taxonomies import TagNode, TagTree
from classifier.tag_reasons import ExplainedTag, Judgement
from classifier.taxonomies.followed import Taxonomies
from index.health.freshness import Meta


class TagsOfPaper(BaseModel):
    """A paper's tags with their reasons, how it was judged, and the latest corrections."""

    id: str
    title: str
    tags: list[ExplainedTag]
    judgements: list[Judgement]
    corrections: list[SaidTags]
    meta: Meta

    @classmethod
    def of(cls, found: PaperTags) -> "TagsOfPaper":
        """The tags without the corrections of long ago."""
        return cls(
            id=found.id,
            title=cut(found.title, LINE),
            tags=found.tags,
            judgements=found.judgements,
            corrections=found.corrections[:OTHERS],
            meta=found.meta,
        )


@dataclass(frozen=True, slots=True)
class ListedLabel:
    """A label; `papers` counts those that carry it or a label below it."""

    tag: str
    title: str
    definition: str
    parent: str | None
    papers: int


class LabelList(BaseModel):
    """A taxonomy's labels, each after its parent, at most 200 of `labels_in_all`.

    `taxonomies` names all that papers are filed in here.
    """

    taxonomy: str
    title: str
    labels: list[ListedLabel]
    labels_in_all: int
    taxonomies: list[str]
    meta: Meta

    @classmethod
    def of(cls, tree: TagTree, followed: Taxonomies) -> "LabelList":
        """A tree as a list."""
        labels = [found for node in tree.tags for found in _below(tree.taxonomy, node, None)]
        return cls(
            taxonomy=tree.taxonomy,
            title=cut(tree.title, LINE),
            labels=labels[:LABELS],
            labels_in_all=len(labels),
            taxonomies=[taxonomy.name for taxonomy in followed],
            meta=tree.meta,
        )


def _below(taxonomy: str, node: TagNode, parent: str | None) -> list[ListedLabel]:
    tag = f"{taxonomy}/{node.id}"
    definition = cut(node.definition, SENTENCE)
    label = ListedLabel(tag, cut(node.title, LINE), definition, parent, node.papers)
    return [label, *(found for child in node.children for found in _below(taxonomy, child, tag))]
