"""The tags of a paper with their reasons and corrections."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from api.service import ReadSession
from classifier.tag_reasons import ExplainedTag, ExplainedTags, Judgement, explained_tags
from index.arxiv.survey_titles import is_survey_title
from index.catalogue.rows import Entry
from index.catalogue.tags import Tag
from index.errors import DamagedTagger, NotReady
from index.health.freshness import Meta

_log = logging.getLogger(__name__)
_FAULTS = {
    DamagedTagger: "the tagger cannot be read; `seealso doctor` on the server says what to do",
    NotReady: "a taxonomy has no tagger yet; `seealso update` on the server trains it",
}


@dataclass(frozen=True, slots=True)
class SaidTags:
    """A correction: the labels that a person gave a paper; an empty list means no label fits."""

    taxonomy: str
    labels: list[str]
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class PaperTags:
    """A paper's tags, the surest first, and their corrections, the latest first.

    `judgements` has one item per taxonomy: which tagger judged the paper, whether it is a survey of
    the whole taxonomy, and why it has no tag.
    """

    id: str
    title: str
    tags: list[ExplainedTag]
    judgements: list[Judgement]
    corrections: list[SaidTags]
    meta: Meta


def explain_tags(session: ReadSession, entry: Entry, tags: Sequence[Tag]) -> ExplainedTags:
    """Return the tags of a paper with their reasons; raises as `explained_tags` does."""
    data = session.service.settings.data
    return explained_tags(session.catalogue, data, session.taxonomies, entry, tags)


@dataclass(frozen=True, slots=True)
class TagsOnPage:
    """What a page explains of a paper's tags; `fault` says why the reasons are missing."""

    tags: list[ExplainedTag] = field(default_factory=list)
    judgements: list[Judgement] = field(default_factory=list)
    fault: str = ""


def explain_tags_for_page(session: ReadSession, entry: Entry, tags: Sequence[Tag]) -> TagsOnPage:
    """Return the tags of a paper with their reasons, or nothing if there is nothing to explain.

    A paper without tags is explained only if it is a survey, which may be about a whole taxonomy.
    The tags are in the catalogue: a tagger that is missing or cannot be read costs the reasons, not
    the page.
    """
    judged = all(
        session.catalogue.tags.tagging(taxonomy.name, entry.number)
        for taxonomy in session.taxonomies
    )
    if not tags and not (judged and is_survey_title(entry.paper.title)):
        return TagsOnPage()
    try:
        explained = explain_tags(session, entry, tags)
    except (DamagedTagger, NotReady) as error:
        _log.warning("no reasons for the tags of %s: %s", entry.paper.id, error)
        return TagsOnPage(fault=_FAULTS[type(error)])
    return TagsOnPage(explained.tags, explained.judgements)


def paper_tags_record(session: ReadSession, entry: Entry) -> PaperTags:
    """Return the record of a paper's tags; raises as `explained_tags` does."""
    tags = session.catalogue.tags.of([entry.number])[entry.number]
    explained = explain_tags(session, entry, tags)
    return PaperTags(
        id=entry.paper.id,
        title=entry.paper.title,
        tags=explained.tags,
        judgements=explained.judgements,
        corrections=[
            SaidTags(one.taxonomy, list(one.labels), one.by, one.at)
            for one in explained.corrections
        ],
        meta=session.meta,
    )
