"""The files that pages load, under /static."""

from fastapi import APIRouter
from fastapi.responses import Response

from api.rendering.static_files import STATIC_FILES
from index.errors import NotFound

router = APIRouter(include_in_schema=False)
_A_YEAR = "public, max-age=31536000, immutable"


@router.get("/static/{name}")
async def static_file(name: str, v: str = "") -> Response:
    """Return a file; caches may keep it if the address names its content."""
    file = STATIC_FILES.get(name)
    if file is None:
        raise NotFound(f"there is no file {name[:80]!r}: the files are {', '.join(STATIC_FILES)}")
    headers = {"Cache-Control": _A_YEAR} if v == file.digest else {}
    return Response(file.content, headers=headers, media_type=file.media_type)
