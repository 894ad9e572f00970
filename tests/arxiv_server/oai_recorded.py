"""Records parsed from recorded pages of arXiv's OAI-PMH server."""

import re
from datetime import date
from email.utils import parsedate_to_datetime
from html import unescape

from tests.arxiv_server.oai_pages import RECORDED, Announced, RawVersion


def last_page(prefix: str) -> str:
    """Return the last page of a recorded list in a format."""
    return (RECORDED / f"ListRecords_{prefix}_lastpage.xml").read_text()


def recorded_records() -> list[Announced]:
    """Return the records of that page, each parsed from both formats."""
    pairs = zip(blocks(last_page("arXiv")), blocks(last_page("arXivRaw")), strict=True)
    return [_announced(*pair) for pair in pairs]


def blocks(page: str) -> list[str]:
    """Return the record elements of a page, sorted, with the whitespace around them."""
    return sorted(re.findall(r" *<record>.*?</record>\n\n", page, re.DOTALL))


def one(tag: str, page: str) -> str | None:
    """Return the text of the first element with this tag, None if there is none."""
    found = re.search(rf"<{tag}(?: [^>]*)?>(.*?)</{tag}>", page, re.DOTALL)
    return unescape(found[1]) if found else None


def every(tag: str, page: str) -> list[str]:
    """Return the text of every element with this tag and without attributes."""
    return [unescape(text) for text in re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)]


def _announced(arxiv: str, raw: str) -> Announced:
    """Return a record parsed from its elements in both formats."""
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
