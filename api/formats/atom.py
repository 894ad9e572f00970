"""Papers as an Atom feed (RFC 4287).

Titles and abstracts are plain text in it, without TeX, and whatever is no character of XML is gone.
A paper's entry has the same id in every feed, of every release and every server: its address at
arXiv.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from lxml.etree import Element, _Element, tostring

from api.records.works import Work
from api.rendering.prose import MAX_TITLE_LENGTH, prose
from index.arxiv.identifier import year_of_id
from index.arxiv.paper import Paper, to_single_line

MEDIA_TYPE = "application/atom+xml"
_NAMESPACE = "http://www.w3.org/2005/Atom"
_CATEGORIES = "http://arxiv.org/schemas/atom"


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed says of itself; `home` is the address of this server, with a slash at its end.

    `made` stands for the feed's day while no paper is in it.
    """

    id: str
    title: str
    subtitle: str
    address: str
    home: str
    made: str


def atom(feed: Feed, works: Sequence[Work]) -> bytes:
    """The feed as XML, its papers in this order."""
    return tostring(
        _holding(
            "feed",
            _text("id", feed.id),
            _text("title", feed.title),
            _text("subtitle", feed.subtitle),
            _text("updated", max((_changed(work.paper) for work in works), default=feed.made)),
            _link("self", feed.address, MEDIA_TYPE),
            _holding("author", _text("name", "seealso")),
            _text("generator", "seealso"),
            *(_entry(work, feed.home) for work in works),
        ),
        encoding="utf-8",
        xml_declaration=True,
    )


def _entry(work: Work, home: str) -> _Element:
    paper = work.paper
    return _holding(
        "entry",
        _text("id", paper.url),
        _text("title", prose(paper.title, MAX_TITLE_LENGTH)),
        _text("updated", _changed(paper)),
        *([_text("published", _time(paper.submitted))] if paper.submitted else []),
        _link("alternate", paper.url, "text/html"),
        _link("related", f"{home}papers/{paper.id}", "text/html"),
        *(
            _holding("author", _text("name", name))
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
        *([_text("summary", prose(work.summary))] if work.summary else []),
        *([_text("content", prose(paper.abstract))] if paper.abstract else []),
    )


def _holding(name: str, *parts: _Element) -> _Element:
    element = _empty(name)
    element.extend(parts)
    return element


def _text(name: str, text: str) -> _Element:
    """An element of plain text, on one line of printable characters, all of which are XML's."""
    element = _empty(name)
    element.text = to_single_line(text)
    return element


def _link(relation: str, address: str, kind: str) -> _Element:
    return _empty("link", rel=relation, href=address, type=kind)


def _empty(name: str, **attributes: str) -> _Element:
    # The stubs know of no default namespace.
    spaces: Any = {None: _NAMESPACE}
    return Element(f"{{{_NAMESPACE}}}{name}", attributes, nsmap=spaces)


def _changed(paper: Paper) -> str:
    """When a paper last changed; where arXiv did not say, the month that its id tells.

    Atom demands a day, and that of the release would make every paper new with each.
    """
    month = int(paper.id.rpartition("/")[2][2:4])
    return _time(paper.updated or paper.submitted or date(year_of_id(paper.id), month, 1))


def _time(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"
