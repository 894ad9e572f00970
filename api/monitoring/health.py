"""Liveness and readiness checks for process managers and load balancers."""

from dataclasses import dataclass

from fastapi import APIRouter

from api.service import Session

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Health:
    """The health of the server; `release` is the release in use, for a readiness check."""

    status: str
    release: str | None = None


@router.get("/healthz")
async def healthz() -> Health:
    """Report that the process responds, even without data or with all threads busy."""
    return Health("ok")


@router.get("/readyz")
def readyz(session: Session) -> Health:
    """Report that there are a catalogue and a release; respond with 503 if not.

    If the vectors of the release are on a Milvus server, that server must respond too.
    """
    session.release.check_vectors()
    return Health("ok", session.release.manifest.name)
