"""The problems that an operation can answer with, found from its method, parameters and body."""

from collections.abc import Iterator, Mapping
from typing import Any

from api.middleware.problems import MEDIA_TYPE, PROBLEM_REFERENCE, problem_document
from index.arxiv.identifier import FORMS
from index.errors import (
    BadIdentifier,
    BadInput,
    Contradiction,
    NoKnownPaper,
    NoSpaceLeft,
    NotAllowed,
    NotReady,
    SeeAlsoError,
    TooMuchWork,
    UnknownPaper,
    UnknownTag,
    UnknownTaxonomy,
    WritingDisabled,
)

_PAPER, _REQUEST_ID = "2401.08092", "3f2b9c4d5e6f7a81"
_TEXTS: dict[int, str] = {
    400: "An identifier, a cursor, or the name or value of a parameter is wrong",
    401: "The token of the server is missing or wrong",
    403: "Corrections are disabled: the server has no token",
    404: "The catalogue has no such paper, tag or taxonomy",
    406: "The header Accept allows none of the available formats",
    408: "The request did not arrive in time",
    409: "Parts of the request contradict each other or the current release",
    412: "`If-Match` lacks the ETag of the answer",
    413: "The body is larger than the server accepts",
    414: "Path and query are longer than the server accepts",
    415: "The body is not sent as `Content-Type: application/json`",
    416: "The range is outside the file",
    422: "A parameter or a member of the body is missing, of the wrong type or out of range",
    429: "Too many requests; the header Retry-After says when to retry",
    500: "Damaged data, or an error of the server",
    503: "No release exists yet, a component is unavailable, or the server is busy",
    507: "The disk is full; nothing stored before is lost",
}
_OF_EVERY_OPERATION = (400, 406, 414, 429, 500, 503)
_OF_BODIES = (408, 413, 415, 422)
_OF_CORRECTIONS = (401, 403, 507)
_LIST_PARAMETERS = {"since", "cursor", "fields"}

_PROBLEMS: dict[str, SeeAlsoError | tuple[int, str]] = {
    "unknown parameter": BadInput("unknown query parameter 'limt'; did you mean limit?"),
    "wrong identifier": BadIdentifier(
        f"'nonsense' is not an arXiv identifier. Accepted forms: {FORMS}"
    ),
    "unreadable cursor": BadInput("the cursor 'x' cannot be read: start over with cursor=*"),
    "no token": NotAllowed("send the token of the server as `Authorization: Bearer TOKEN`"),
    "corrections disabled": WritingDisabled(
        "this server accepts no corrections: set SEEALSO_TOKEN to allow them"
    ),
    "unknown paper": UnknownPaper("2401.99999"),
    "unknown papers only": NoKnownPaper(
        "none of the liked papers can be used: 2401.99999: arXiv:2401.99999 has not been harvested"
    ),
    "unknown tag": UnknownTag(
        "no label 'model-compresion' in the taxonomy efficient-foundation-models; did you mean "
        "model-compression?"
    ),
    "unknown taxonomy": UnknownTaxonomy("no taxonomy 'newts' is in use"),
    "no format": (406, "this is available as application/json; Accept allows none of them"),
    "slow body": (408, "the request did not arrive within 30 s"),
    "period": Contradiction("since=2024-02-01 is after until=2024-01-01: swap them"),
    "cursor of another query": Contradiction(
        "the cursor belongs to another query: start over with cursor=*"
    ),
    "other ETag": (412, "the answer has another ETag than If-Match"),
    "long body": (413, "the body has more than 6,000,000 bytes: send a smaller one"),
    "long address": (414, "path and query have more than 32,768 bytes: send a shorter text"),
    "no content type": (415, "the header Content-Type is missing: send application/json"),
    "out of range": (422, "limit is '501': it must be at most 500"),
    "missing member": (422, "ids is missing"),
    "rate": (429, "more than 60 requests within a minute: retry in 12 seconds"),
    "server": (500, "the server failed; its log has the details"),
    "no release": NotReady("there is no release yet: run `seealso update`"),
    "busy": TooMuchWork("the request needs more work than this server allows: ask for less"),
    "full disk": NoSpaceLeft("the disk is full; everything already stored is intact"),
}


def problem_responses(texts: Mapping[int, str]) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` for problems of one operation alone, by status with a text."""
    return {status: _response(text, {}) for status, text in texts.items()}


def add_problems(path: str, method: str, operation: dict[str, Any]) -> None:
    """Add the problems of an operation to its responses; those that it has are kept."""
    responses = operation["responses"]
    names = {one["name"] for one in operation.get("parameters", ())}
    if "HTTPValidationError" in str(responses.get("422")):  # FastAPI's form of it
        del responses["422"]
    own = set(responses)
    where = path.replace("{paper_id}", _PAPER).replace("{tag}", "model-compression")
    examples = list(_examples(names, operation))
    for status in sorted(_statuses(method, names, operation)):
        shown = {
            name: {"value": _document(_PROBLEMS[name], where)}
            for name in examples
            if _status(_PROBLEMS[name]) == status
        }
        if str(status) not in own:
            responses[str(status)] = _response(_TEXTS[status], shown)
    if method == "get" and "304" not in responses:
        responses["304"] = {"description": "`If-None-Match` has the ETag of the answer"}
    operation["responses"] = dict(sorted(responses.items()))


def _statuses(method: str, names: set[str], operation: dict[str, Any]) -> set[int]:
    """Return the statuses of the problems that an operation can answer with."""
    found = {*_OF_EVERY_OPERATION}
    if method == "get":
        found.add(412)
    if names & {"paper_id", "tag", "taxonomy"}:
        found.add(404)
    if names & _LIST_PARAMETERS:
        found.add(409)
    if names - {"paper_id", "tag"}:
        found.add(422)
    if "requestBody" in operation:
        found.update(_OF_BODIES)
    if "security" in operation:
        found.update((*_OF_CORRECTIONS, 404, 409))
    if operation["operationId"] in ("recommend", "open_reading_list"):
        found.update((404, 409))
    return found


def _examples(names: set[str], operation: dict[str, Any]) -> Iterator[str]:
    """Yield the names of the problems that are shown as examples."""
    yield from ("unknown parameter", "no format", "long address", "rate", "server", "no release")
    yield from ("other ETag", "slow body", "long body", "no content type", "busy")
    yield from ("no token", "corrections disabled", "full disk")
    if "paper_id" in names:
        yield from ("wrong identifier", "unknown paper")
    if "tag" in names:
        yield "unknown tag"
    if "taxonomy" in names:
        yield "unknown taxonomy"
    if "since" in names:
        yield "period"
    if "cursor" in names:
        yield from ("unreadable cursor", "cursor of another query")
    if "limit" in names:
        yield "out of range"
    if operation["operationId"] == "batch":
        yield "missing member"
    if operation["operationId"] == "recommend":
        yield "unknown papers only"


def _response(text: str, examples: dict[str, Any]) -> dict[str, Any]:
    shown = {"examples": examples} if examples else {}
    return {
        "description": text,
        "content": {MEDIA_TYPE: {"schema": PROBLEM_REFERENCE, **shown}},
    }


def _status(problem: SeeAlsoError | tuple[int, str]) -> int:
    return problem.status if isinstance(problem, SeeAlsoError) else problem[0]


def _document(problem: SeeAlsoError | tuple[int, str], path: str) -> dict[str, Any]:
    if isinstance(problem, SeeAlsoError):
        return problem_document(problem.status, str(problem), problem.title, path, _REQUEST_ID)
    status, detail = problem
    return problem_document(status, detail, None, path, _REQUEST_ID)
