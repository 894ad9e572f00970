"""Typed links of a paper's page: FAIR Signposting (signposting.org/FAIR) and link sets (RFC 9264).

The page describes a paper at arXiv. The paper's DOI is therefore what to cite, and arXiv's PDF is
the content.
"""

from collections.abc import Iterator
from urllib.parse import quote

from api.formats.citations import CITATION_FORMATS, web_address
from api.formats.link_headers import Link
from index.arxiv.paper import Paper

MEDIA_TYPE = "application/linkset+json"


def signposts(paper: Paper, home: str) -> Iterator[Link]:
    """Yield the links of a paper's page; `home` is this server's URL, with a slash at its end."""
    page = page_url(paper, home)
    yield Link(f"https://doi.org/10.48550/arXiv.{paper.id}", "cite-as")
    yield Link("https://schema.org/AboutPage", "type")
    yield Link("https://schema.org/ScholarlyArticle", "type")
    for one in CITATION_FORMATS:
        yield Link(f"{page}.{one.suffix}", "describedby", one.media_types[0])
    yield Link(f"{home}v1/papers/{paper.id}", "describedby", "application/json")
    if licence := web_address(paper.license):
        yield Link(quote(licence, safe="/:?=&%#"), "license")
    if not paper.withdrawn:
        yield Link(f"https://arxiv.org/pdf/{paper.id}", "item", "application/pdf")
    yield Link(f"{page}/linkset.json", "linkset", MEDIA_TYPE)


def link_set(paper: Paper, home: str) -> dict[str, list[dict[str, object]]]:
    """Return the same links as JSON, and a link from each description back to the page."""
    page = page_url(paper, home)
    by_relation: dict[str, list[dict[str, str]]] = {}
    back: list[dict[str, object]] = []
    for link in signposts(paper, home):
        kind = {"type": link.media_type} if link.media_type else {}
        by_relation.setdefault(link.relation, []).append({"href": link.target, **kind})
        if link.relation == "describedby":
            target = [{"href": page, "type": "text/html"}]
            back.append({"anchor": link.target, "describes": target})
    del by_relation["linkset"]  # the link set itself
    return {"linkset": [{"anchor": page, **by_relation}, *back]}


def page_url(paper: Paper, home: str) -> str:
    """Return the URL of a paper's page."""
    return f"{home}papers/{paper.id}"
