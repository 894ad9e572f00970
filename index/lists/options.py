"""What a reader may ask of a list: how long, in which order, of which papers, how near."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Literal

from index.errors import BadInput
from index.lists import diversity
from index.lists.entries import score
from index.lists.selection import UNRESTRICTED, Selection
from index.releases.release import Release
from index.search.nearness import Near, percentile

Sort = Literal["score", "date"]
When = Literal["any", "newer", "older"]
ReasonDetail = Literal["brief", "full"]
MAX_LIMIT = 500


@dataclass(frozen=True, slots=True)
class ListOptions:
    """The first `limit` papers by score, then put in the order of `sort`.

    Only papers of the `selection`, of at least `min_score` (0 to 100) and `min_percentile` (0 to
    100), and, where `when` says so, submitted after or before the paper asked about. `diversity`
    from 0 to 1 takes papers that resemble those before them less. Full reasons need the model.
    Raises BadInput for what cannot be.
    """

    limit: int = 10
    sort: Sort = "score"
    selection: Selection = UNRESTRICTED
    min_score: float = 0
    min_percentile: float = 0
    diversity: float = 0
    when: When = "any"
    reasons: ReasonDetail = "brief"

    def __post_init__(self) -> None:
        for name, most in (("min_score", 100), ("min_percentile", 100), ("diversity", 1)):
            value = getattr(self, name)
            if not (isfinite(value) and 0 <= value <= most):
                raise BadInput(f"{name}={value}: must be from 0 to {most}")
        if not 1 <= self.limit <= MAX_LIMIT:
            raise BadInput(f"limit={self.limit}: must be from 1 to {MAX_LIMIT}")

    @property
    def candidate_count(self) -> int:
        """How many papers the list is chosen from."""
        return self.limit * diversity.POOL_FACTOR if self.diversity else self.limit


DEFAULT_OPTIONS = ListOptions()


def select_hits(near: Sequence[Near], options: ListOptions, release: Release) -> list[Near]:
    """Those of the nearest papers, best first, that the options leave, in the order of taking."""
    chosen = [
        one
        for one in near
        if score(one.similarity) >= options.min_score
        and percentile(one.similarity, release.random_similarities) >= options.min_percentile
    ]
    if options.diversity:
        return diversity.rerank_by_mmr(chosen, options.limit, options.diversity, release.nearness)
    return chosen[: options.limit]
