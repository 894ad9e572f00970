"""A digest as an HTML document, also the HTML part of a mail.

Mail programs drop scripts, external styles and MathML, and often the style element. So every
element has its style inline, formulas are plain text, and the style element has the dark colours
alone.
"""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from api.digests import wording
from index.digests.digest import Digest
from index.digests.groups import DigestGroup
from index.lists.entries import FoundPaper


def digest_page(digest: Digest) -> str:
    """Return a digest as an HTML document without images, scripts and external styles."""
    return _template().render(
        subject=wording.subject(digest),
        heading=wording.heading(digest),
        groups=[_group(group, digest) for group in digest.groups],
        closing=wording.closing(digest),
    )


@cache
def _template() -> Template:
    loader = FileSystemLoader(Path(__file__).parent)
    environment = Environment(
        autoescape=True,
        loader=loader,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("digest.html")


def _group(group: DigestGroup, digest: Digest) -> dict[str, object]:
    return {
        "title": wording.group_title(group),
        "facts": wording.group_facts(group),
        "papers": [_paper(paper, digest) for paper in group.papers],
        "more": wording.more_text(group) if group.papers else wording.nothing_text(group),
    }


def _paper(paper: FoundPaper, digest: Digest) -> dict[str, str]:
    return {
        "id": paper.id,
        "title": wording.title_text(paper),
        "score": wording.score_text(paper),
        "authors": wording.authors_of(paper),
        "facts": wording.facts_text(paper),
        "url": paper.url,
        "pdf": wording.pdf_address(paper),
        "summary": wording.summary_of(paper),
        "reason": wording.reason_text(paper, digest),
    }
