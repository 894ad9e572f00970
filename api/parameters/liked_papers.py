"""Liked and disliked papers in an address, and the addresses with one paper more or less."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import starmap
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Query

from api.parameters.list_options import IdParameter, non_blank
from index.arxiv.identifier import canonical_id
from index.errors import BadIdentifier, BadInput

MAX_LIKED = 400
"""Maximum number of liked papers in an address."""
_MAX_ADDRESS = 8_050  # bytes: servers and proxies accept eight kilobytes
PAGE = "/recommended"
FEED = "/feeds/recommended.atom"


@dataclass(frozen=True, slots=True)
class LikedPapers:
    """Liked and disliked papers by canonical id, each once.

    papers = LikedPapers(("2401.08092",))
    papers.with_liked("2306.00978")  # "/recommended?liked=2401.08092&liked=2306.00978"
    """

    liked: tuple[str, ...] = ()
    disliked: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """The address of recommendations from these papers."""
        return self._address(self.liked, self.disliked)

    def with_liked(self, paper_id: str) -> str:
        """Return the address of recommendations with one more liked paper."""
        return self._address((*self.liked, paper_id), self.disliked)

    def with_disliked(self, paper_id: str) -> str:
        """Return the address of recommendations with one more disliked paper."""
        return self._address(self.liked, (*self.disliked, paper_id))

    def without(self, paper_id: str) -> str | None:
        """Return the address without a paper; None if no liked paper would be left."""
        liked = tuple(one for one in self.liked if one != paper_id)
        disliked = tuple(one for one in self.disliked if one != paper_id)
        return self._address(liked, disliked) if liked else None

    @property
    def full(self) -> bool:
        """Whether no more papers fit into an address."""
        return max(len(self.liked), len(self.disliked)) >= MAX_LIKED

    def _address(self, liked: Sequence[str], disliked: Sequence[str]) -> str:
        pairs = [("liked", one) for one in liked] + [("disliked", one) for one in disliked]
        return f"{PAGE}?{'&'.join(starmap(_parameter, pairs))}"


def feed_of(liked: Sequence[str]) -> str:
    """Return the address of the feed of recommendations from papers with these canonical ids."""
    return f"{FEED}?{urlencode([('liked', one) for one in liked])}"


def fit_into_address(liked: Sequence[str]) -> bool:
    """Return whether addresses can hold these papers; of older, longer identifiers fewer fit."""
    return len(liked) <= MAX_LIKED and len(feed_of(liked)) <= _MAX_ADDRESS


@lru_cache(maxsize=4096)
def _parameter(name: str, paper_id: str) -> str:
    """Return a query parameter; a page with ten entries has some of them twenty times."""
    return urlencode([(name, paper_id)])


def liked_in_address(
    liked: Annotated[tuple[IdParameter, ...], Query(description="arXiv identifiers")] = (),
    disliked: Annotated[tuple[IdParameter, ...], Query(description="arXiv identifiers")] = (),
) -> LikedPapers:
    """Return the papers that an address names.

    Raises BadInput if there are none or too many, or if a text is no identifier.
    """
    liked, disliked = non_blank(liked), non_blank(disliked)
    if not liked:
        raise BadInput(f"no liked paper was given: add one, as in {PAGE}?liked=2401.08092")
    for what, ids in (("liked", liked), ("disliked", disliked)):
        if len(ids) > MAX_LIKED:
            raise BadInput(
                f"the address has {len(ids)} {what} papers: at most {MAX_LIKED} are allowed; send "
                "more as a file to /library, or as JSON to /v1/recommend"
            )
    return LikedPapers(_canonical("liked", liked), _canonical("disliked", disliked))


def _canonical(what: str, ids: Sequence[str]) -> tuple[str, ...]:
    try:
        return tuple(dict.fromkeys(canonical_id(one) for one in ids))
    except BadIdentifier as error:
        raise BadInput(f"{what}: {error}") from error


LikedParameter = Annotated[LikedPapers, Depends(liked_in_address)]
