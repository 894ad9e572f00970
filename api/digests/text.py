"""A digest as plain text, also the plain part of a mail."""

import textwrap
from collections.abc import Iterator

from api.digests.wording import (
    authors_of,
    closing,
    facts_text,
    group_facts,
    group_title,
    heading,
    more_text,
    nothing_text,
    pdf_address,
    reason_text,
    score_text,
    summary_of,
    title_text,
)
from index.digests.digest import Digest
from index.digests.groups import DigestGroup
from index.lists.entries import FoundPaper

_WIDTH = 76  # of mails, RFC 5322 recommends up to 78


def digest_text(digest: Digest) -> str:
    """Return a digest as plain text, in lines of up to 76 characters."""
    parts = [heading(digest)]
    place = 0
    for group in digest.groups:
        parts += _group_parts(group, digest, place)
        place += len(group.papers)
    return "\n\n".join([*parts, "-- \n" + "\n".join(map(_filled, closing(digest)))]) + "\n"


def _group_parts(group: DigestGroup, digest: Digest, place: int) -> Iterator[str]:
    title = _filled(group_title(group))
    yield f"{title}\n{'-' * max(map(len, title.splitlines()))}"
    if facts := group_facts(group):
        yield _filled(" ".join(facts))
    for number, paper in enumerate(group.papers, place + 1):
        yield _entry(paper, digest, number)
    yield from filter(None, [more_text(group) if group.papers else nothing_text(group)])


def _entry(paper: FoundPaper, digest: Digest, number: int) -> str:
    score = score_text(paper)
    first = f"{number}. "
    indent = " " * len(first)
    reason = reason_text(paper, digest)
    paragraphs = [
        authors_of(paper),
        facts_text(paper),
        paper.url,
        pdf_address(paper),
        summary_of(paper),
        reason and f"Why: {reason}",
    ]
    lines = [_filled(title_text(paper) + (score and f" [{score}]"), first, indent)]
    lines += [_filled(one, indent, indent) for one in paragraphs if one]
    return "\n".join(lines)


def _filled(text: str, first: str = "", indent: str = "") -> str:
    return textwrap.fill(
        text, _WIDTH, initial_indent=first, subsequent_indent=indent, break_on_hyphens=False
    )
