"""The status of the data folder for agents, with limited lists."""

from dataclasses import dataclass
from datetime import date, datetime

from pydantic import BaseModel

from api.agents.limits import LINE, OTHERS, SENTENCE, cut
from index.health.embedding import EmbeddingState
from index.health.status import Status


@dataclass(frozen=True, slots=True)
class FollowedSelection:
    """A harvest scope, and how many gaps are known in it."""

    selection: str
    since: date
    complete: datetime | None
    late: bool
    gaps: int


class State(BaseModel):
    """The catalogue's size and freshness; `problem` says what is wrong, null if nothing is.

    `released` counts the papers that lists can contain. `embedding` says how many papers have a
    vector and, while an update embeds them, how fast, how many seconds are left, and when the next
    release is due. `taken_from` lists the sources of papers.
    """

    papers: int
    released: int
    embedding: EmbeddingState
    release: str | None
    search: str | None
    model: str | None
    problem: str | None
    newest_announcement: date | None
    next_announcement: datetime | None
    stale: bool | None
    taken_from: list[str]
    following: list[FollowedSelection]

    @classmethod
    def of(cls, status: Status) -> "State":
        """Return the status without days, runs and single gaps."""
        return cls(
            papers=status.papers,
            released=status.released,
            embedding=status.embedding,
            release=status.release,
            search=status.search,
            model=status.model,
            problem=status.problem and cut(status.problem, SENTENCE),
            newest_announcement=status.newest_announcement,
            next_announcement=status.next_announcement,
            stale=status.stale,
            taken_from=[cut(source, LINE) for source in status.taken_from[:OTHERS]],
            following=[
                FollowedSelection(
                    one.selection, one.since, one.complete, one.late, gaps=len(one.gaps)
                )
                for one in status.following[:OTHERS]
            ],
        )
