"""Citations for reference managers and search engines: BibTeX, RIS, CSL-JSON, JSON-LD.

A paper is cited as an arXiv preprint with arXiv's own DOI. A journal publication is only a note,
because arXiv has it as free text by the authors.

BibTeX has titles as LaTeX, with their formulas; the other formats have them as plain text, with TeX
decoded.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

from api.records.works import Work
from api.rendering.latex import escape_latex, to_latex
from api.rendering.prose import to_plain_text
from index.arxiv.date_precision import DatePrecision, format_date
from index.arxiv.identifier import year_of_id
from index.arxiv.name_parts import NameParts, is_group
from index.arxiv.paper import Paper, to_single_line

_NEEDS_BRACES = re.compile(r",|\band\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CitationFormat:
    """A citation format: name, suffix, media types and writer.

    An answer is sent as the first of the media types; Accept may name any. A new format is one
    more entry of `CITATION_FORMATS`, and every paper and list then has it::

        CitationFormat("Titles", "titles", ("text/vnd.titles",), write_titles)
    """

    name: str
    suffix: str
    media_types: tuple[str, ...]
    write: Callable[[Sequence[Work]], str]


def bibtex(works: Sequence[Work]) -> str:
    """Return a BibTeX entry for each paper, with the fields that arXiv recommends."""
    from bibtexparser.entrypoint import write_string
    from bibtexparser.library import Library
    from bibtexparser.middlewares.parsestack import default_unparse_stack
    from bibtexparser.model import Entry, Field

    entries = [
        Entry("misc", _key(work.paper), [Field(*pair) for pair in _bibtex_fields(work)])
        for work in works
    ]
    # Nothing else refers to the entries, so that they need not be copied.
    in_place = default_unparse_stack(allow_inplace_modification=True)
    return write_string(Library([*entries]), in_place)


def _bibtex_fields(work: Work) -> list[tuple[str, str]]:
    paper = work.paper
    fields = {
        "title": f"{{{to_latex(paper.title)}}}",  # braces keep its capitals
        "author": " and ".join(_bibtex_name(author) for author in _authors(paper)),
        "year": str(_year(paper)),
        "eprint": paper.id,
        "archivePrefix": "arXiv",
        "primaryClass": to_latex(paper.primary_category or ""),
        "doi": _arxiv_doi(paper),
        "url": paper.url,
        "note": "; ".join(_notes(paper, to_latex, escape_latex)),
    }
    return [(name, value) for name, value in fields.items() if value]


def _bibtex_name(author: NameParts) -> str:
    if not author.given:
        return f"{{{to_latex(author.name)}}}"
    parts = [to_latex(part) for part in (author.family, author.suffix, author.given) if part]
    return ", ".join(f"{{{part}}}" if _NEEDS_BRACES.search(part) else part for part in parts)


def ris(works: Sequence[Work]) -> str:
    """Return a RIS record for each paper."""
    from rispy import RisWriter, dumps

    class Writer(RisWriter):  # type: ignore[misc]
        NEWLINE = "\r\n"

        def set_header(self, _count: int) -> str:
            return ""  # rispy numbers the records, which RIS does not know

    return str(dumps([_ris_record(work) for work in works], implementation=Writer))


def _ris_record(work: Work) -> dict[str, Any]:
    paper = work.paper
    record = {
        "type_of_reference": "UNPB",
        "id": _key(paper),
        "title": _plain(paper.title),
        "authors": [_ris_name(author) for author in _authors(paper)],
        "year": str(_year(paper)),
        "date": _ris_date(paper),
        "abstract": _plain(paper.abstract),
        "keywords": [to_single_line(category) for category in paper.categories],
        "publisher": "arXiv",
        "doi": _arxiv_doi(paper),
        "urls": [paper.url],
        "notes": _notes(paper, _plain),
    }
    return {name: value for name, value in record.items() if value}


def _ris_date(paper: Paper) -> str:
    """Return year/month/day/other, whose parts may be empty; "" if the date is unknown."""
    if paper.submitted is None:
        return ""
    return f"{paper.submitted:%Y/%m//}" if _only_month(paper) else f"{paper.submitted:%Y/%m/%d}"


def _ris_name(author: NameParts) -> str:
    if not author.given:
        return author.name
    return ", ".join(filter(None, (author.family, author.given, author.suffix)))


def csl(works: Sequence[Work]) -> str:
    """Return the papers as a list of CSL-JSON items."""
    return _json([_csl_item(work.paper) for work in works])


def _csl_item(paper: Paper) -> dict[str, Any]:
    item = {
        "id": _key(paper),
        "type": "article",
        "title": _plain(paper.title),
        "author": [_csl_name(author) for author in _authors(paper)],
        "issued": {"date-parts": [_date_parts(paper)]},
        "publisher": "arXiv",
        "number": f"arXiv:{paper.id}",
        "DOI": _arxiv_doi(paper),
        "URL": paper.url,
        "abstract": _plain(paper.abstract),
        "note": "; ".join(_notes(paper, _plain)),
    }
    return {name: value for name, value in item.items() if value}


def _date_parts(paper: Paper) -> list[int]:
    """Return year, month and day as far as they are known."""
    day = paper.submitted
    if day is None:
        return [_year(paper)]
    return [day.year, day.month] if _only_month(paper) else [day.year, day.month, day.day]


def _csl_name(author: NameParts) -> dict[str, str]:
    if not author.given:
        return {"literal": author.name}
    suffix = {"suffix": author.suffix} if author.suffix else {}
    return {"family": author.family, "given": author.given, **suffix}


def json_ld(works: Sequence[Work]) -> str:
    """Return a schema.org ScholarlyArticle, or a graph of them for several papers."""
    articles = [_article(work) for work in works]
    content = articles[0] if len(articles) == 1 else {"@graph": articles}
    return _json({"@context": "https://schema.org", **content})


def _article(work: Work) -> dict[str, Any]:
    paper = work.paper
    article = {
        "@type": "ScholarlyArticle",
        "@id": paper.url,
        "url": paper.url,
        "name": _plain(paper.title),
        "headline": _plain(paper.title),
        "abstract": _plain(paper.abstract),
        "author": [_json_ld_author(author) for author in _authors(paper)],
        "datePublished": _day(paper.submitted, paper.submitted_precision),
        "dateModified": _day(paper.updated, paper.updated_precision),
        "identifier": [
            {"@type": "PropertyValue", "propertyID": kind, "value": value}
            for kind, value in (("arXiv", paper.id), ("DOI", _arxiv_doi(paper)))
        ],
        "keywords": [to_single_line(category) for category in paper.categories],
        "license": web_address(paper.license),
        "about": [
            {
                "@type": "DefinedTerm",
                "termCode": label.id,
                "name": label.title,
                "inDefinedTermSet": taxonomy,
            }
            for taxonomy, label in work.labels
        ],
    }
    return {name: value for name, value in article.items() if value}


def _json_ld_author(author: NameParts) -> dict[str, str]:
    """Return a person, with the parts of the name only if the source gives them, or a group."""
    if is_group(author.name):
        return {"@type": "Organization", "name": author.name}
    parts = {
        "familyName": author.family,
        "givenName": author.given,
        "honorificSuffix": author.suffix,
    }
    known = {name: part for name, part in parts.items() if part and not author.is_guess}
    return {"@type": "Person", "name": author.name, **known}


def cited_doi(paper: Paper) -> str:
    """Return the DOI of the publication, the first if there are several, else arXiv's own."""
    return next(iter((paper.doi or "").split()), _arxiv_doi(paper))


def doi_address(doi: str) -> str:
    """Return the web address of a DOI, the first if there are several."""
    return f"https://doi.org/{quote(doi.split()[0], safe='/:;()')}"


def publication_date(paper: Paper) -> str:
    """Return year/month/day of submission as far as they are known."""
    return "/".join(f"{part:02}" for part in _date_parts(paper))


def web_address(text: str | None) -> str | None:
    """Return a text if it is a web URL; None for any other text, which could be a script."""
    return to_single_line(text) if text and text.startswith(("https://", "http://")) else None


CITATION_FORMATS = (
    CitationFormat("BibTeX", "bib", ("application/x-bibtex", "text/x-bibtex"), bibtex),
    CitationFormat("RIS", "ris", ("application/x-research-info-systems",), ris),
    CitationFormat("CSL-JSON", "csl.json", ("application/vnd.citationstyles.csl+json",), csl),
    CitationFormat("JSON-LD", "jsonld", ("application/ld+json",), json_ld),
)


def _json(content: object) -> str:
    """Return JSON that is safe inside an HTML script element."""
    return json.dumps(content, ensure_ascii=False, indent=1).replace("<", "\\u003c")


def _plain(text: str) -> str:
    """Return a text in full, with TeX decoded."""
    return to_plain_text(text, max_length=len(text))


def _authors(paper: Paper) -> list[NameParts]:
    return [author for author in paper.author_parts if author.name]


def _notes(
    paper: Paper, convert: Callable[[str], str], escape: Callable[[str], str] = str
) -> list[str]:
    """Return notes with the journal reference converted, and the DOI escaped: it has no TeX."""
    journal, doi = convert(paper.journal_ref or ""), escape(to_single_line(paper.doi))
    published = ", ".join(filter(None, (journal, doi)))
    return ["Withdrawn"] * paper.withdrawn + ([f"Published as {published}"] if published else [])


def _key(paper: Paper) -> str:
    return f"arXiv:{paper.id}"


def _arxiv_doi(paper: Paper) -> str:
    return f"10.48550/arXiv.{paper.id}"


def _year(paper: Paper) -> int:
    return paper.submitted.year if paper.submitted else year_of_id(paper.id)


def _only_month(paper: Paper) -> bool:
    return paper.submitted_precision is DatePrecision.MONTH


def _day(day: date | None, precision: DatePrecision | None) -> str | None:
    return format_date(day, precision) if day else None
