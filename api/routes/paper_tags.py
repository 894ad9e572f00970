"""The tags of a paper with their reasons, and a person's word on them, as JSON under /v1."""

import hmac
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import Field

from api.openapi.examples import PAPER_TAGS, example
from api.parameters.bodies import StrictBody
from api.records.paper_tags import PaperTags, paper_tags_record
from api.service import Session
from classifier.corrections import MAX_NAME_LENGTH, correct_tags
from classifier.taxonomies.taxonomy import DEFAULT_TAXONOMY
from index.arxiv.identifier import canonical_id
from index.catalogue.catalogue import open_catalogue
from index.errors import BadInput, NotAllowed, UnknownTag, WritingOff

router = APIRouter(tags=["tags"])
_MAX_LABELS = 20


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
    return paper_tags_record(session, session.catalogue.entry(canonical_id(paper_id)))


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
    return paper_tags_record(session, entry)
