"""Where a paper's page leads to: typed links (signposting.org/FAIR), and a link set (RFC 9264).

The page is about a paper that stands at arXiv: that is what is cited, and its PDF is the content.
"""

from collections.abc import Iterator
from urllib.parse import quote

from api.formats.citations import CITATION_FORMATS, web_address
from api.formats.link_headers import Link
from index.arxiv.paper import Paper

MEDIA_TYPE = "application/linkset+json"


def signposts(paper: Paper, home: str) -> Iterator[Link]:
    """The links of a paper's page; `home` is this server's address, with a slash at its end."""
    page = page_of(paper, home)
    yield Link(f"https://doi.org/10.48550/arXiv.{paper.id}", "cite-as")
    yield Link("https://schema.org/AboutPage", "type")
    yield Link("https://schema.org/ScholarlyArticle", "type")
    for form in CITATION_FORMATS:
        yield Link(f"{page}.{form.suffix}", "describedby", form.media_types[0])
    yield Link(f"{home}v1/papers/{paper.id}", "describedby", "application/json")
    if licence := web_address(paper.license):
        yield Link(quote(licence, safe="/:?=&%#"), "license")
    if not paper.withdrawn:
        yield Link(f"https://arxiv.org/pdf/{paper.id}", "item", "application/pdf")
    yield Link(f"{page}/linkset.json", "linkset", MEDIA_TYPE)


def link_set(paper: Paper, home: str) -> dict[str, list[dict[str, object]]]:
    """The same links as JSON, and from each description the way back to the page."""
    page = page_of(paper, home)
    by_relation: dict[str, list[dict[str, str]]] = {}
    back: list[dict[str, object]] = []
    for link in signposts(paper, home):
        kind = {"type": link.media_type} if link.media_type else {}
        by_relation.setdefault(link.relation, []).append({"href": link.target, **kind})
        if link.relation == "describedby":
            described = [{"href": page, "type": "text/html"}]
            back.append({"anchor": link.target, "describes": described})
    del by_relation["linkset"]  # it is this one
    return {"linkset": [{"anchor": page, **by_relation}, *back]}


def page_of(paper: Paper, home: str) -> str:
    """The address of a paper's page."""
    return f"{home}papers/{paper.id}"
