"""The tags of a paper with their reasons, and their correction, as JSON under /v1."""

import hmac
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import Field

from api.openapi.examples import PAPER_TAGS, example
from api.parameters.bodies import StrictBody
from api.parameters.json_schemas import NAME_PATTERN, PaperId
from api.records.paper_tags import PaperTags, paper_tags_record
from api.service import Service, Session
from classifier.corrections import MAX_NAME_LENGTH, correct_tags
from classifier.taxonomies.taxonomy import DEFAULT_TAXONOMY
from index.arxiv.identifier import canonical_id
from index.catalogue.catalogue import open_catalogue
from index.errors import NotAllowed, WritingDisabled

router = APIRouter(tags=["tags"])
_MAX_LABELS = 20
_TOKEN_NEEDED = "send the token of the server as `Authorization: Bearer TOKEN`"  # noqa: S105
_NO_TOKEN = "this server accepts no corrections: set SEEALSO_TOKEN to allow them"  # noqa: S105


class TagCorrection(StrictBody):
    """A correction of a paper's tags in one taxonomy; an empty list of labels if none fits."""

    labels: list[str] = Field(max_length=_MAX_LABELS, description="The labels that fit the paper")
    by: str = Field(
        min_length=1,
        max_length=MAX_NAME_LENGTH,
        description="Name of the person who corrects",
        json_schema_extra={"pattern": NAME_PATTERN, "examples": ["Ada"]},
    )
    taxonomy: str = Field(DEFAULT_TAXONOMY, description="The taxonomy of the labels")


_Bearer = Annotated[
    HTTPAuthorizationCredentials | None,
    Depends(
        HTTPBearer(
            auto_error=False,
            scheme_name="token",
            bearerFormat="the value of the setting SEEALSO_TOKEN",
            description="The token of the server, in the header `Authorization: Bearer TOKEN`. It "
            "is the value of the setting SEEALSO_TOKEN; the operator of the server knows it",
        )
    ),
]


def _check_token(request: Request, credentials: _Bearer) -> None:
    token = request.app.state.service.settings.token
    if not credentials:
        raise NotAllowed(_TOKEN_NEEDED if token else f"{_TOKEN_NEEDED}; {_NO_TOKEN}")
    if not token:
        raise WritingDisabled(_NO_TOKEN)
    if not hmac.compare_digest(credentials.credentials.encode(), token.encode()):
        raise NotAllowed(f"wrong token: {_TOKEN_NEEDED}")


@router.get("/v1/papers/{paper_id:path}/tags", responses=example(PAPER_TAGS))
def paper_tags(paper_id: PaperId, session: Session) -> PaperTags:
    """List a paper's tags: the probability of each, its strongest terms and nearest examples."""
    return paper_tags_record(session, session.catalogue.entry(canonical_id(paper_id)))


@router.post(
    "/v1/papers/{paper_id:path}/tags",
    responses=example(PAPER_TAGS),
    dependencies=[Depends(_check_token)],
)
def correct(request: Request, paper_id: PaperId, correction: TagCorrection) -> PaperTags:
    """Correct a paper's tags; the correction applies at once and is used in training."""
    service: Service = request.app.state.service
    # Not one session for all: its transaction would read the state before the correction.
    with service.open_session() as before:
        entry = before.catalogue.entry(canonical_id(paper_id))
        taxonomy = before.taxonomies.get(correction.taxonomy)
    # Report Busy while the request can still be answered, before the time limit does.
    wait = service.settings.request_timeout / 2
    with service.corrections.waiting(), open_catalogue(service.settings.data, wait) as catalogue:
        correct_tags(catalogue, taxonomy, entry, correction.labels, correction.by)
    with service.open_session() as after:
        return paper_tags_record(after, entry)
