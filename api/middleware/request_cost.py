"""Which requests are heavy: those whose work exceeds that of a few lists.

The work of a request grows with what its client sends. It is estimated from the request alone, so
that a heavy one can be computed apart from the others. The costs are those of a list with ten
papers, measured in docs/measured.md.
"""

import json
import re
from collections.abc import Sequence
from urllib.parse import parse_qs

_LIST_POSTS = {"/v1/recommend", "/recommendations/v1/papers"}
_BATCH_POSTS = {"/v1/papers/batch", "/graph/v1/paper/batch"}
_FILE_PAGES = {"/library", "/list"}
HEAVY_POSTS = frozenset({*_LIST_POSTS, *_BATCH_POSTS, *_FILE_PAGES, "/v1/list"})
"""Paths of POST requests that may be heavy, without a slash at the end."""

_MAX_SEEDS = 5  # papers of a recommendation
_MAX_LOOKED_UP = 100  # papers of a batch or an export
_MAX_LISTED = 100  # papers of a list
_MAX_DIVERSE = 20  # papers of a list with diversity, which is chosen from five times as many
_MAX_LIBRARY = 1_000  # characters of a file of references, or bytes of its form
_MAX_TEXT = 2_000  # characters of a text or a query
_MAX_PHRASES = 20  # words of all phrases and authors
_MAX_JSON = 50_000  # bytes of a body that is read to estimate its work
_SEEDS = ("liked", "disliked", "positivePaperIds", "negativePaperIds")
_QUOTED = re.compile(r'"[^"]*"')
_WORD = re.compile(r"[^\W_]+")  # as the full text separates them
_PLAIN_NUMBER = re.compile("[0-9]{1,3}")


def is_heavy(path: str, query: str, body: bytes = b"") -> bool:
    """Return whether a request is heavy, given its path, its query string and its body.

    Example::

        is_heavy("/v1/papers/2401.08092/related", "limit=10")  # False
        is_heavy("/v1/papers/2401.08092/related", "limit=500&reasons=full")  # True
    """
    path = path.rstrip("/")
    return _has_heavy_query(query) or (path in HEAVY_POSTS and _is_heavy_body(path, body))


def _has_heavy_query(query: str) -> bool:
    values = parse_qs(query, errors="replace")
    text = " ".join(values.get("q", []) + values.get("query", []))
    phrases = [*_QUOTED.findall(text)]
    for name in ("with", "without", "author"):
        phrases += values.get(name, [])
    listed = _MAX_DIVERSE if _is_given(values.get("diversity")) else _MAX_LISTED
    seeds = len(values.get("liked", [])) + len(values.get("disliked", []))
    return (
        _has_above(listed, values.get("limit", []))
        # A page of a list ranks all 500 papers of the list.
        or (listed == _MAX_DIVERSE and "cursor" in values)
        or "full" in values.get("reasons", [])
        or seeds > _MAX_SEEDS
        or len(values.get("id", [])) > _MAX_LOOKED_UP
        or sum(one.count(",") + 1 for one in values.get("papers", [])) > _MAX_LOOKED_UP
        or len(text) > _MAX_TEXT
        or sum(len(_WORD.findall(phrase)) for phrase in phrases) > _MAX_PHRASES
    )


def _is_given(values: Sequence[str] | None) -> bool:
    return bool(values) and values != ["0"]


def _has_above(most: int, numbers: Sequence[str]) -> bool:
    """Return whether a number is above `most`, or not plain: " 500" and "500.0" are 500 too."""
    return any(not _PLAIN_NUMBER.fullmatch(one) or int(one) > most for one in numbers)


def _is_heavy_body(path: str, body: bytes) -> bool:
    if path in _FILE_PAGES:
        return len(body) > _MAX_LIBRARY
    if len(body) > _MAX_JSON:
        return True
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return False  # it will be refused
    if not isinstance(content, dict):
        return False
    if path in _BATCH_POSTS:
        return _length(content.get("ids")) > _MAX_LOOKED_UP
    return (
        sum(_length(content.get(name)) for name in _SEEDS) > _MAX_SEEDS
        or _length(_content_of(content.get("library"))) > _MAX_LIBRARY
        or _length(content.get("text")) > _MAX_TEXT
    )


def _content_of(library: object) -> object:
    return library.get("content") if isinstance(library, dict) else None


def _length(value: object) -> int:
    return len(value) if isinstance(value, list | str) else 0
