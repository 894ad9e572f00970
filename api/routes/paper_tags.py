"""The tags of a paper with their reasons, and a person's word on them, as JSON under /v1."""

import hmac
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import Field

from api.openapi.examples import PAPER_TAGS, example
from api.parameters.bodies import StrictBody
from api.service import ReadSession, Session
from classifier.corrections import MAX_NAME_LENGTH, correct_tags
from classifier.tag_reasons import ExplainedTag, ExplainedTags, Judgement, explained_tags
from classifier.taxonomies.taxonomy import DEFAULT_TAXONOMY
from index.arxiv.identifier import canonical_id
from index.catalogue.catalogue import open_catalogue
from index.catalogue.rows import Entry
from index.errors import BadInput, NotAllowed, UnknownTag, WritingOff
from index.health.freshness import Meta

router = APIRouter(tags=["tags"])
_MAX_LABELS = 20


@dataclass(frozen=True, slots=True)
class SaidTags:
    """What someone said that a paper's tags are; no labels: it stands on no shelf."""

    taxonomy: str
    labels: list[str]
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class PaperTags:
    """The tags of a paper, the surest first, and the corrections of them, the latest first.

    `judgements` say for each taxonomy which tagger judged the paper, and why there is no tag.
    """

    id: str
    title: str
    tags: list[ExplainedTag]
    judgements: list[Judgement]
    corrections: list[SaidTags]
    meta: Meta


class TagCorrection(StrictBody):
    """What a paper's tags are by someone's word; no labels for a paper on no shelf."""

    labels: list[str] = Field(max_length=_MAX_LABELS)
    by: str = Field(min_length=1, max_length=MAX_NAME_LENGTH)
    taxonomy: str = Field(DEFAULT_TAXONOMY, description="The labels' taxonomy")


_Bearer = Annotated[
    HTTPAuthorizationCredentials | None,
    Depends(HTTPBearer(auto_error=False, scheme_name="token", description="SEEALSO_TOKEN")),
]


def _may_write(session: Session, given: _Bearer) -> None:
    token = session.service.settings.token
    if not token:
        raise WritingOff("this server takes no corrections: its SEEALSO_TOKEN is not set")
    if not given or not hmac.compare_digest(given.credentials.encode(), token.encode()):
        raise NotAllowed("send the server's token as `Authorization: Bearer TOKEN`")


@router.get("/v1/papers/{paper_id:path}/tags", responses=example(PAPER_TAGS))
def paper_tags(paper_id: str, session: Session) -> PaperTags:
    """List a paper's tags: how sure each is, the terms that spoke for it, its nearest examples."""
    return _paper_tags(session, session.catalogue.entry(canonical_id(paper_id)))


@router.post(
    "/v1/papers/{paper_id:path}/tags",
    responses=example(PAPER_TAGS),
    dependencies=[Depends(_may_write)],
)
def correct(paper_id: str, said: TagCorrection, session: Session) -> PaperTags:
    """Correct a paper's tags: your word holds at once, and counts in the next training."""
    entry = session.catalogue.entry(canonical_id(paper_id))
    taxonomy = session.taxonomies.named(said.taxonomy)
    with open_catalogue(session.service.settings.data) as catalogue:
        try:
            correct_tags(catalogue, taxonomy, entry, said.labels, said.by)
        except UnknownTag as error:
            raise BadInput(str(error)) from error
    return _paper_tags(session, entry)


def explanations(session: ReadSession, entry: Entry) -> ExplainedTags:
    """The tags of a paper with their reasons; raises as `explained_tags`."""
    data = session.service.settings.data
    return explained_tags(session.catalogue, data, session.taxonomies, entry)


def _paper_tags(session: ReadSession, entry: Entry) -> PaperTags:
    found = explanations(session, entry)
    return PaperTags(
        id=entry.paper.id,
        title=entry.paper.title,
        tags=found.tags,
        judgements=found.judgements,
        corrections=[
            SaidTags(one.taxonomy, list(one.labels), one.by, one.at) for one in found.corrections
        ],
        meta=session.meta,
    )
