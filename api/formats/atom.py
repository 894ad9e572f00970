"""Atom feeds of papers (RFC 4287).

Titles and abstracts are plain text without TeX and without characters that XML does not allow. The
id of an entry is the paper's URL at arXiv: the same in every feed, release and server.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from lxml.etree import Element, _Element, tostring

from api.records.works import Work
from api.rendering.prose import MAX_TITLE_LENGTH, to_plain_text
from index.arxiv.date_precision import DatePrecision
from index.arxiv.identifier import month_of_id
from index.arxiv.paper import Paper, to_single_line

MEDIA_TYPE = "application/atom+xml"
_NAMESPACE = "http://www.w3.org/2005/Atom"
_CATEGORIES = "http://arxiv.org/schemas/atom"


@dataclass(frozen=True, slots=True)
class Feed:
    """The metadata of a feed.

    `address` is that of the feed and `home` this server's URL, with a slash at its end; a feed in a
    file has neither. `made` is the time that an empty feed was updated; one with papers takes that
    of the latest.
    """

    id: str
    title: str
    subtitle: str
    made: str
    address: str | None = None
    home: str | None = None


def atom(feed: Feed, works: Sequence[Work]) -> bytes:
    """Return the feed as XML, with the papers in this order."""
    return tostring(
        _parent(
            "feed",
            _text("id", feed.id),
            _text("title", feed.title),
            _text("subtitle", feed.subtitle),
            _text("updated", max((_updated(work.paper) for work in works), default=feed.made)),
            *([_link("self", feed.address, MEDIA_TYPE)] if feed.address else []),
            _parent("author", _text("name", "seealso")),
            _text("generator", "seealso"),
            *(_entry(work, feed.home) for work in works),
        ),
        encoding="utf-8",
        xml_declaration=True,
    )


def _entry(work: Work, home: str | None) -> _Element:
    paper = work.paper
    return _parent(
        "entry",
        _text("id", paper.url),
        _text("title", to_plain_text(paper.title, MAX_TITLE_LENGTH)),
        _text("updated", _updated(paper)),
        *(
            [_text("published", _time(paper.submitted))]
            if paper.submitted and paper.submitted_precision is DatePrecision.DAY
            else []
        ),
        _link("alternate", paper.url, "text/html"),
        _link("related", f"{home}papers/{paper.id}", "text/html")
        if home
        else _link("related", f"https://arxiv.org/pdf/{paper.id}", "application/pdf"),
        *(
            _parent("author", _text("name", name))
            for name in filter(None, map(to_single_line, paper.authors))
        ),
        *(
            _empty("category", term=to_single_line(category), scheme=_CATEGORIES)
            for category in paper.categories
        ),
        *(
            _empty(
                "category",
                term=label.id,
                scheme=f"urn:seealso:taxonomy:{taxonomy}",
                label=label.title,
            )
            for taxonomy, label in work.labels
        ),
        *([_text("summary", summary)] if (summary := _summary(work)) else []),
        *([_text("content", to_plain_text(paper.abstract))] if paper.abstract else []),
    )


def _summary(work: Work) -> str:
    """Return reason and summary of a paper, without a summary that is the whole abstract.

    RFC 4287 advises against an abstract as both summary and content.
    """
    summary = "" if work.summary_is_abstract else to_plain_text(work.summary)
    return " ".join(filter(None, (work.reason, summary)))


def _parent(name: str, *parts: _Element) -> _Element:
    element = _empty(name)
    element.extend(parts)
    return element


def _text(name: str, text: str) -> _Element:
    """Return an element with text on one line, of printable characters that XML allows."""
    element = _empty(name)
    element.text = to_single_line(text)
    return element


def _link(relation: str, address: str, kind: str) -> _Element:
    return _empty("link", rel=relation, href=address, type=kind)


def _empty(name: str, **attributes: str) -> _Element:
    # The type stubs do not allow None, lxml's key of the default namespace.
    spaces: Any = {None: _NAMESPACE}
    return Element(f"{{{_NAMESPACE}}}{name}", attributes, nsmap=spaces)


def _updated(paper: Paper) -> str:
    """Return when a paper last changed; if the day is unknown, the first of the month.

    If the month is unknown too, that of the id is taken.

    Atom requires a date. With the date of the release, each release would mark all papers as new.
    """
    return _time(paper.updated or paper.submitted or month_of_id(paper.id))


def _time(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"
