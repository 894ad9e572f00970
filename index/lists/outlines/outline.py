"""The outline of a text: where its sentences are, and which words each of them has.

Reasons compare sentences by their words. To split an abstract takes a fifth of a millisecond or
more, so `seealso update` outlines each paper once and stores the result. A list of ten papers then
reads eleven outlines.
"""

import json
import struct
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version

import numpy as np

from index.arrays import Rows
from index.arxiv.summaries.sentences import sentence_spans
from index.arxiv.tex.folding import as_written, folding_form
from index.lists.boilerplate import is_boilerplate
from index.search.tfidf import words

_FORM = 1
# CRC-32 of the abstract and of the words, number of words, of sentences, bytes of a word's set
_HEADER = struct.Struct("<IIHBB")
_SIZES = (1, 2, 4, 8)  # bytes of a set of sentences
_MAX_SENTENCES, _MAX_LENGTH = 64, 0xFFFF  # of a stored outline


@cache
def outline_form() -> str:
    """Return what stored outlines depend on: the rules here, and those of other libraries.

    If a change of sentences, boilerplate or words alters outlines, increase `_FORM`.
    """
    return f"{_FORM}, {folding_form()}, nupunkt {version('nupunkt')}"


@dataclass(frozen=True, slots=True)
class Outline:
    """The sentences of a text as `spans` of its single line, with the number of words in each.

    `sets` has, for each distinct folded word of the text in alphabetical order, the set of
    sentences that have it, as bits: 8-bit integers of shape (words, bytes), the lowest bits first.
    `words` has these words. It is None in a stored outline, whose words a release has, in the same
    order. `forms` maps the words that the text writes otherwise ("schrodinger") to what it writes.
    """

    spans: Sequence[tuple[int, int]]
    lengths: Sequence[int]
    sets: np.ndarray
    forms: Mapping[str, str]
    words: Sequence[str] | None = None

    def members(self, terms: Collection[str], places: Rows | None) -> np.ndarray:
        """Return which sentences have each term, 0 or 1, shape (terms, sentences).

        `places` are those of the terms among the words of the text in a release.
        """
        sets = self.sets
        if self.words is not None:
            place_of = {word: place for place, word in enumerate(self.words)}
            places = np.array([place_of.get(term, len(self.words)) for term in terms], np.int64)
            sets = np.concatenate([sets, np.zeros((1, sets.shape[1]), np.uint8)])
        assert places is not None
        sets = sets.take(places, axis=0)
        return np.unpackbits(sets, axis=1, count=len(self.spans), bitorder="little")


def outline_text(text: str) -> Outline:
    """Outline a free text, such as a query."""
    return _outline(text, text, leave_out_boilerplate=False)


def outline_paper(title: str, abstract: str) -> Outline:
    """Outline a paper; its sentences are those of the abstract.

    Sentences about its publication, such as "Code is available at ...", are left out.
    """
    return _outline(abstract, f"{title} {abstract}", leave_out_boilerplate=True)


def _outline(text: str, whole: str, *, leave_out_boilerplate: bool) -> Outline:
    line, spans = sentence_spans(text)
    if leave_out_boilerplate:
        spans = [(start, end) for start, end in spans if not is_boilerplate(line[start:end])]
    own = [words(line[start:end]) for start, end in spans]
    every = sorted(set(words(whole)))
    sentences_of = dict.fromkeys(every, 0)
    for place, found in enumerate(own):
        for word in found:
            if word in sentences_of:
                sentences_of[word] |= 1 << place
    size = _size_of_sets(len(spans))
    sets = b"".join(one.to_bytes(size, "little") for one in sentences_of.values())
    forms = zip(every, as_written(every, whole), strict=True)
    return Outline(
        spans,
        list(map(len, own)),
        np.frombuffer(sets, np.uint8).reshape(len(every), size),
        {word: one for word, one in forms if word != one},
        every,
    )


def encode_outline(outline: Outline, abstract: str) -> bytes:
    """Return an outline of a paper with this abstract as bytes, about 200; b"" if it is too large.

    Words are left out: a release has them, in the same order.
    """
    count = len(outline.spans)
    bounds = [place for span in outline.spans for place in span]
    if count > _MAX_SENTENCES or max(bounds, default=0) > _MAX_LENGTH:
        return b""
    if len(outline.sets) > _MAX_LENGTH:
        return b""
    forms = json.dumps(outline.forms, ensure_ascii=False).encode() if outline.forms else b""
    return b"".join(
        (
            _HEADER.pack(
                _checksum(abstract),
                _checksum(" ".join(outline.words or ())),
                len(outline.sets),
                count,
                _size_of_sets(count),
            ),
            struct.pack(f"<{3 * count}H", *bounds, *outline.lengths),
            outline.sets.tobytes(),
            forms,
        )
    )


def decode_outline(content: bytes, abstract: str, words_in_release: int) -> Outline | None:
    """Return the outline that `encode_outline` wrote; None if it does not belong to this text.

    The release must have the same text of the paper, with this number of distinct words.
    """
    if len(content) < _HEADER.size:
        return None
    of_abstract, _, word_count, count, size = _HEADER.unpack_from(content)
    sets_start = _HEADER.size + 6 * count
    forms_start = sets_start + size * word_count
    if (
        word_count != words_in_release
        or size != _size_of_sets(count)
        or len(content) < forms_start
        or of_abstract != _checksum(abstract)
    ):
        return None
    numbers = struct.unpack_from(f"<{3 * count}H", content, _HEADER.size)
    sets = np.frombuffer(content, np.uint8, size * word_count, sets_start)
    return Outline(
        list(zip(numbers[: 2 * count : 2], numbers[1 : 2 * count : 2], strict=True)),
        numbers[2 * count :],
        sets.reshape(word_count, size),
        json.loads(content[forms_start:]) if len(content) > forms_start else {},
    )


def _size_of_sets(sentences: int) -> int:
    """Return the number of bytes of a set of sentences: 1, 2, 4 or 8 if it can be stored."""
    return next((size for size in _SIZES if sentences <= 8 * size), -(-sentences // 8))


def _checksum(text: str) -> int:
    return zlib.crc32(text.encode())
