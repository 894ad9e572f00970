"""The file of vectors that this server offers to other catalogues, and its checksum."""

import os
import stat
from pathlib import Path
from typing import BinaryIO, cast

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from api.formats.file_download import FileDownload
from api.openapi.problems import problem_responses
from api.service import Service
from index.errors import BadInput, NotFound, Unavailable
from index.vector_files.checksum import MAX_CHECKSUM, checksum_path, parse_checksum

_PARQUET = "application/vnd.apache.parquet"
_MAGIC = b"PAR1"  # at the start and at the end of a Parquet file

router = APIRouter(tags=["vectors"])


_OWN_PROBLEMS = {404: "The server does not offer vectors"}
_FILE_PROBLEMS = {**_OWN_PROBLEMS, 416: "The file has no byte of `Range`"}
_DIGEST = f"{'3f2b9c4d5e6f7a81' * 4}  vectors\n"
_BYTES = {_PARQUET: {"schema": {"type": "string", "format": "binary"}}}


@router.get(
    "/v1/vectors",
    response_class=Response,
    responses={
        200: {"description": "The file", "content": _BYTES},
        206: {"description": "The bytes of `Range`", "content": _BYTES},
        **problem_responses(_FILE_PROBLEMS),
    },
)
def vectors(request: Request) -> Response:
    """Download the vectors of this server, for `seealso vectors import`; see docs/vectors.md."""
    return FileDownload(_open(_offered(request)), _PARQUET)


@router.get(
    "/v1/vectors.sha256",
    response_class=PlainTextResponse,
    responses={
        200: {"description": "The checksum", "content": {"text/plain": {"example": _DIGEST}}},
        **problem_responses(_OWN_PROBLEMS),
    },
)
def vectors_checksum(request: Request) -> PlainTextResponse:
    """Show the SHA-256 of the file of vectors, as `sha256sum` prints it."""
    file = checksum_path(_offered(request))
    try:
        with file.open("rb") as lines:
            text = lines.read(MAX_CHECKSUM).decode(errors="replace")
        digest = parse_checksum(text, file.name)
    except OSError as error:
        raise _unreadable(file, error.strerror) from error
    except BadInput as error:
        raise Unavailable(str(error)) from error
    return PlainTextResponse(f"{digest}  vectors\n", headers={"Cache-Control": "no-cache"})


def _offered(request: Request) -> Path:
    """Return the file of the settings; raises NotFound without one."""
    settings = cast(Service, request.app.state.service).settings
    if settings.vectors is None:
        raise NotFound(
            "vectors are not offered here: the operator of a server can offer a file of `seealso "
            "vectors export` with the setting SEEALSO_VECTORS"
        )
    return settings.vectors


def _open(file: Path) -> BinaryIO:
    """Open the file; raises Unavailable unless it can be read and is a Parquet file.

    A file of another kind in the settings is probably a mistake, and should not be published.
    """
    try:
        # A named pipe without O_NONBLOCK would wait for its writer.
        opened = os.fdopen(os.open(file, os.O_RDONLY | os.O_NONBLOCK), "rb", buffering=0)
    except OSError as error:
        raise _unreadable(file, error.strerror) from error
    try:
        found = os.fstat(opened.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise _unreadable(file, "not a file")
        ends = [
            os.pread(opened.fileno(), len(_MAGIC), offset)
            for offset in (0, max(found.st_size - len(_MAGIC), 0))
        ]
        if ends != [_MAGIC, _MAGIC]:
            raise _unreadable(file, "not a Parquet file, or incomplete")
    except BaseException:
        opened.close()
        raise
    return cast(BinaryIO, opened)


def _unreadable(file: Path, reason: str | None) -> Unavailable:
    return Unavailable(
        f"the file {file.name} that SEEALSO_VECTORS offers cannot be read ({reason}): the operator "
        "can write it with `seealso vectors export`"
    )
