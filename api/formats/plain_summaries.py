"""Summaries in JSON: plain text. Pages get them with TeX, to show formulas."""

from dataclasses import replace
from typing import Any, TypeVar, cast

from api.rendering.prose import to_plain_text

_Answer = TypeVar("_Answer")
_LISTS = ("related", "results", "found_by_words", "papers")


def with_plain_summaries(answer: _Answer) -> _Answer:
    """Return a list of papers, such as a Listing, with the TeX of its summaries decoded."""
    lists = {
        name: [_with_plain_summary(one) for one in getattr(answer, name)]
        for name in _LISTS
        if hasattr(answer, name)
    }
    return cast(_Answer, replace(cast(Any, answer), **lists))


def _with_plain_summary(paper: Any) -> Any:
    plain = to_plain_text(paper.summary)
    return paper if plain == paper.summary else replace(paper, summary=plain)
