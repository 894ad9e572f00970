"""The outline of a text: where its sentences are, and which words each of them has.

Reasons compare sentences by their words. To split an abstract takes a fifth of a millisecond or
more, so `seealso update` outlines each paper once and stores the result. A list of ten papers then
reads eleven outlines.
"""

import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version

import numpy as np

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

    `sentences_of` maps a folded word to the set of sentences that have it, as the bits of a number.
    `forms` maps the folded words that the text writes otherwise ("schrodinger") to what it writes.
    """

    spans: Sequence[tuple[int, int]]
    lengths: Sequence[int]
    sentences_of: Mapping[str, int]
    forms: Mapping[str, str]


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
    forms = zip(every, as_written(every, whole), strict=True)
    return Outline(
        spans, list(map(len, own)), sentences_of, {word: one for word, one in forms if word != one}
    )


def encode_outline(outline: Outline, abstract: str) -> bytes:
    """Return an outline of a paper with this abstract as bytes, about 200; b"" if it is too large.

    Words are left out: a release has them, in the same order.
    """
    count, size = len(outline.spans), _size_of_sets(len(outline.spans))
    bounds = [place for span in outline.spans for place in span]
    if count > _MAX_SENTENCES or max(bounds, default=0) > _MAX_LENGTH:
        return b""
    if len(outline.sentences_of) > _MAX_LENGTH:
        return b""
    forms = json.dumps(outline.forms, ensure_ascii=False).encode() if outline.forms else b""
    return b"".join(
        (
            _HEADER.pack(
                _checksum(abstract),
                _words_checksum(outline.sentences_of),
                len(outline.sentences_of),
                count,
                size,
            ),
            struct.pack(f"<{3 * count}H", *bounds, *outline.lengths),
            np.array(list(outline.sentences_of.values()), f"<u{size}").tobytes(),
            forms,
        )
    )


def decode_outline(content: bytes, abstract: str, known_words: Sequence[str]) -> Outline | None:
    """Return the outline that `encode_outline` wrote; None if it does not belong to these texts.

    `known_words` are the distinct words of title and abstract, sorted. They differ if the paper
    has another text in the release than in the catalogue.
    """
    if len(content) < _HEADER.size:
        return None
    of_abstract, of_words, word_count, count, size = _HEADER.unpack_from(content)
    sets_start = _HEADER.size + 6 * count
    forms_start = sets_start + size * word_count
    if (
        word_count != len(known_words)
        or size not in _SIZES
        or len(content) < forms_start
        or of_abstract != _checksum(abstract)
        or of_words != _words_checksum(known_words)
    ):
        return None
    numbers = struct.unpack_from(f"<{3 * count}H", content, _HEADER.size)
    sets = np.frombuffer(content, f"<u{size}", word_count, sets_start).tolist()
    return Outline(
        list(zip(numbers[: 2 * count : 2], numbers[1 : 2 * count : 2], strict=True)),
        numbers[2 * count :],
        dict(zip(known_words, sets, strict=True)),
        json.loads(content[forms_start:]) if len(content) > forms_start else {},
    )


def _size_of_sets(sentences: int) -> int:
    return next((size for size in _SIZES if sentences <= 8 * size), _SIZES[-1])


def _checksum(text: str) -> int:
    return zlib.crc32(text.encode())


def _words_checksum(words_of_text: Sequence[str] | Mapping[str, int]) -> int:
    return _checksum(" ".join(words_of_text))
