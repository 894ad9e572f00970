"""Completions of a query that is being typed: titles, authors, tags and categories.

The work is bounded: the full text of titles and names is read until a few papers are found, the
newest first, and the names of at most 200 papers are compared with what is typed.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from index.arxiv.categories import CATEGORIES
from index.arxiv.tex.folding import fold, searchable_text
from index.catalogue.catalogue import Catalogue
from index.queries.tokens import FIELD_OF, OPERATORS

CompletionKind = Literal["title", "author", "tag", "category"]
MAX_TYPED = 200
"""Characters of a query that are completed."""
MIN_LETTERS = 2
"""Letters that are completed; one letter has too many completions."""
_MAX_COMPARED = 200  # papers whose authors are compared with a name
_LAST_OPERATOR = re.compile(
    r"(?P<before>.*?)(?P<name>-?\b(?a:"
    + "|".join(
        name for field in ("author", "title", "tag", "cat") for name in (field, *OPERATORS[field])
    )
    + r'):)\s*(?:"(?P<quoted>[^"]*)|(?P<bare>[^\s"]*))',
    re.IGNORECASE | re.DOTALL,
)
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Completion:
    """A completion: its kind, its text, and the query with it.

    `id` is the arXiv identifier of the paper with a title, null for other kinds.
    """

    kind: CompletionKind
    text: str
    query: str
    id: str | None = None


class Completer:
    """Completes queries in one catalogue.

        completer = Completer(catalogue, lambda: {"tags/pruning": "Pruning"})
        completer.complete("mengw", limit=8)  # [Completion("author", "Mengwei Xu", ...), ...]
        completer.complete("pruning author:meng", limit=8)  # authors alone

    The tags are given by the value of `tag:`, with their titles.
    """

    def __init__(self, catalogue: Catalogue, tags: Callable[[], Mapping[str, str]]) -> None:
        self._catalogue = catalogue
        self._tags = tags

    def complete(self, typed: str, limit: int) -> list[Completion]:
        """Return the completions of a query: at most `limit` of each kind.

        If the query ends with an operator and part of its value, that value is completed.
        """
        typed = typed[:MAX_TYPED]
        if found := _LAST_OPERATOR.fullmatch(typed):
            value = found["quoted"] or found["bare"] or ""
            name = found["name"].lstrip("-").rstrip(":").lower()
            before = found["before"] + found["name"]
            return list(self._values(FIELD_OF[name], value, before, limit))
        return [
            *self._titles(typed, limit),
            *self._values("author", typed, "author:", limit),
            *self._values("tag", typed, "tag:", limit),
        ]

    def _values(self, field: str, value: str, before: str, limit: int) -> Iterator[Completion]:
        letters = sum(map(str.isalnum, value))
        if letters < MIN_LETTERS:
            return
        if field == "title":
            for one in self._titles(value, limit):
                quoted = one.text.replace('"', " ")
                yield Completion("title", one.text, f'{before}"{quoted}"', one.id)
        elif field == "author":
            for name in self._authors(value, limit):
                yield Completion("author", name, f'{before}"{name.replace(chr(34), " ")}"')
        elif field == "tag":
            for tag, title in _starting(value, self._tags().items(), limit):
                yield Completion("tag", title, f"{before}{tag}")
        else:
            names = ((name, name) for name in sorted(CATEGORIES))
            for name, _ in _starting(value, names, limit, whole=True):
                yield Completion("category", name, f"{before}{name}")

    def _titles(self, typed: str, limit: int) -> list[Completion]:
        words, last = _typed_words(typed)
        if sum(map(len, [*words, last])) < MIN_LETTERS:
            return []
        found = self._catalogue.names.titles(words, last, limit)
        return [Completion("title", title, title, paper_id) for paper_id, title in found.items()]

    def _authors(self, typed: str, limit: int) -> list[str]:
        words, last = _typed_words(typed)
        if sum(map(len, [*words, last])) < MIN_LETTERS:
            return []
        counts: Counter[str] = Counter()
        for papers in self._catalogue.names.authors(words, last, _MAX_COMPARED):
            for authors in papers:
                counts.update({name for name in authors if _begins(name, words, last)})
            if len(counts) >= limit:
                break
        return [name for name, _ in counts.most_common(limit)]


def _typed_words(typed: str) -> tuple[list[str], str]:
    """Return the whole words of a text as the full text has them, and the one being typed."""
    words = _WORD.findall(searchable_text(typed))
    is_whole = not typed[-1:].isalnum()
    return (words, "") if is_whole or not words else (words[:-1], words[-1])


def _begins(name: str, words: list[str], last: str) -> bool:
    """Return whether a name has all words, and another one that begins with the last."""
    left = _WORD.findall(fold(name))
    for word in words:
        if word not in left:
            return False
        left.remove(word)
    return any(one.startswith(last) for one in left) if last else True


def _starting(
    typed: str, pairs: Iterable[tuple[str, str]], limit: int, *, whole: bool = False
) -> list[tuple[str, str]]:
    """Return the pairs of a name and a title of which one has a word that begins as typed.

    If `whole`, the name itself must begin so.
    """
    start = fold(typed.strip())
    found = []
    for name, title in pairs:
        texts = [name] if whole else [title, name, name.rpartition("/")[2]]
        if any(
            fold(one).startswith(start) or (not whole and f" {start}" in fold(one)) for one in texts
        ):
            found.append((name, title))
    return found[:limit]
