"""Whether the server lives, and whether it can answer: for whoever starts and watches it."""

from dataclasses import dataclass

from fastapi import APIRouter

from api.service import Session

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Health:
    """That it lives; `release` is the one that lists are answered from."""

    status: str
    release: str | None = None


@router.get("/healthz")
async def healthz() -> Health:
    """Say that the process answers, whatever its data, and though all threads be at work."""
    return Health("ok")


@router.get("/readyz")
def readyz(session: Session) -> Health:
    """Say that there is a catalogue and a release to answer from; a problem, 503, where not.

    A release whose vectors lie with a server is one only while that server answers.
    """
    session.release.check_vectors()
    return Health("ok", session.release.manifest.name)
