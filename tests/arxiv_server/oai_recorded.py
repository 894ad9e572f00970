"""Recorded pages of arXiv's OAI-PMH server, read back into records."""

import re
from datetime import date
from email.utils import parsedate_to_datetime
from html import unescape

from tests.arxiv_server.oai_pages import RECORDED, Announced, RawVersion


def last_page(prefix: str) -> str:
    """The last page of a list in a format."""
    return (RECORDED / f"ListRecords_{prefix}_lastpage.xml").read_text()


def recorded_records() -> list[Announced]:
    """The records of that page, each from both of its formats."""
    pairs = zip(blocks(last_page("arXiv")), blocks(last_page("arXivRaw")), strict=True)
    return [_announced(*pair) for pair in pairs]


def blocks(page: str) -> list[str]:
    """The record elements of a page with the spacing around them, by id."""
    return sorted(re.findall(r" *<record>.*?</record>\n\n", page, re.DOTALL))


def one(tag: str, page: str) -> str | None:
    """The text of the first such element."""
    found = re.search(rf"<{tag}(?: [^>]*)?>(.*?)</{tag}>", page, re.DOTALL)
    return unescape(found[1]) if found else None


def every(tag: str, page: str) -> list[str]:
    """The text of every such element that has no attributes."""
    return [unescape(text) for text in re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)]


def _announced(arxiv: str, raw: str) -> Announced:
    """A record read from its page in either format."""
    authors = re.findall(r"<author>(.*?)</author>", arxiv, re.DOTALL)
    versions = re.findall(r'<version version="v(\d+)">(.*?)</version>', raw, re.DOTALL)
    return Announced(
        id=one("id", arxiv) or "",
        datestamp=date.fromisoformat(one("datestamp", arxiv) or ""),
        title=one("title", arxiv) or "",
        abstract=one("abstract", arxiv) or "",
        authors=[(one("keyname", text) or "", one("forenames", text) or "") for text in authors],
        categories=(one("categories", arxiv) or "").split(),
        versions=[
            RawVersion(
                int(number),
                parsedate_to_datetime(one("date", text) or ""),
                one("size", text) or "",
                one("source_type", text),
            )
            for number, text in versions
        ],
        license=one("license", arxiv),
        comments=one("comments", arxiv),
        doi=one("doi", arxiv),
        journal_ref=one("journal-ref", arxiv),
        msc_class=one("msc-class", arxiv),
        report_no=one("report-no", arxiv),
        proxy=one("proxy", arxiv),
        submitter=one("submitter", raw) or "",
        raw_authors=one("authors", raw),
    )
