"""Responses of export.arxiv.org at /api/query, in the format of the recorded feeds.

Supports this part of the query language: `cat:X`, `all:word` and `submittedDate:[A TO B]`, joined
by ` AND `.
"""

import hashlib
import re
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from xml.sax.saxutils import escape

from tests.arxiv_server.oai_pages import Announced, RawVersion

_ID = re.compile(r"((?:[a-z-]+(?:\.[A-Z]{2})?/\d{7})|(?:\d{4}\.\d{4,5}))(?:v(\d+))?")
_RANGE = re.compile(r"submittedDate:\[(\d{12}) TO (\d{12})\]")
_SORTED_BY: dict[str, Callable[[tuple[Announced, RawVersion]], object]] = {
    "submittedDate": lambda entry: entry[0].versions[0].created,
    "lastUpdatedDate": lambda entry: entry[1].created,
}
_HEAD = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" \
xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom">
"""


class _Refused(Exception):
    pass


def answer(records: list[Announced], query: dict[str, str], now: datetime) -> tuple[int, bytes]:
    """Return status and feed for a query; an invalid one gets 400 and a feed with one error."""
    try:
        start, most = _number(query, "start", 0), _number(query, "max_results", 10)
        found = _found(records, query)
    except _Refused as refusal:
        return 400, _error(str(refusal), now)
    if sort := _SORTED_BY.get(query.get("sortBy", "")):
        found.sort(key=sort, reverse=query.get("sortOrder") != "ascending")  # type: ignore[arg-type]
    feed = _feed(query, start, most, now)
    entries = "".join(_entry(*entry) for entry in found[start : start + most])
    return 200, (feed + _counts(most, len(found), start) + entries + "</feed>\n").encode()


def _number(query: dict[str, str], name: str, default: int) -> int:
    text = query.get(name, str(default))
    if not text.isdecimal():
        raise _Refused(f"{name} must be a non-negative integer")
    return int(text)


def _found(records: list[Announced], query: dict[str, str]) -> list[tuple[Announced, RawVersion]]:
    here = {record.id: record for record in records if record.versions and not record.deleted}
    wanted = [(record.id, "") for record in here.values()]
    if id_list := query.get("id_list"):
        wanted = [_id_and_version(text.strip()) for text in id_list.split(",")]
    conditions = [_condition(text) for text in _terms(query)]
    entries = [
        (here[paper_id], version)
        for paper_id, number in wanted
        if paper_id in here
        for version in here[paper_id].versions
        if (str(version.number) == number if number else version == here[paper_id].versions[-1])
    ]
    return [e for e in entries if all(condition(e[0]) for condition in conditions)]


def _terms(query: dict[str, str]) -> list[str]:
    searched = query.get("search_query", "")
    if not searched and not query.get("id_list"):
        raise _Refused("search_query or id_list is required")
    return searched.split(" AND ") if searched else []


def _id_and_version(text: str) -> tuple[str, str]:
    match = _ID.fullmatch(text)
    if match is None:
        raise _Refused(f"incorrect id format for {text}")
    return match[1], match[2] or ""


def _condition(term: str) -> Callable[[Announced], bool]:
    field, _, value = term.partition(":")
    if field == "cat" and re.fullmatch(r"[\w.*-]+", value):
        return lambda record: any(fnmatchcase(name, value) for name in record.categories)
    if field == "all" and re.fullmatch(r"[\w-]+", value):
        word = re.compile(rf"\b{value}\b", re.IGNORECASE)
        return lambda record: bool(
            word.search("\n".join([record.title, record.abstract, *record.names]))
        )
    if dates := _RANGE.fullmatch(term):
        first, last = (datetime.strptime(d + "+0000", "%Y%m%d%H%M%z") for d in dates.groups())
        return lambda record: first <= record.versions[0].created <= last
    raise _Refused(f"cannot understand {term}")


def _feed(query: dict[str, str], start: int, most: int, now: datetime) -> str:
    searched, ids = query.get("search_query", ""), query.get("id_list", "")
    asked = f"search_query={searched}&id_list={ids}&start={start}&max_results={most}"
    link = f"search_query={searched}&start={start}&max_results={most}&id_list={ids}"
    mark = b64encode(hashlib.sha1(asked.encode()).digest()).decode().rstrip("=")
    return f"""{_HEAD}  <id>https://arxiv.org/api/{mark}</id>
  <title>arXiv Query: {escape(asked)}</title>
  <updated>{_moment(now)}</updated>
  <link href="https://arxiv.org/api/query?{_attribute(link)}" type="application/atom+xml"/>
"""


def _counts(most: int, total: int, start: int) -> str:
    return f"""  <opensearch:itemsPerPage>{most}</opensearch:itemsPerPage>
  <opensearch:totalResults>{total}</opensearch:totalResults>
  <opensearch:startIndex>{start}</opensearch:startIndex>
"""


def _entry(record: Announced, version: RawVersion) -> str:
    name = f"{record.id}v{version.number}"
    lines = [
        f"<id>http://arxiv.org/abs/{name}</id>",
        f"<title>{escape(' '.join(record.title.split()))}</title>",
        f"<updated>{_moment(version.created)}</updated>",
        f'<link href="https://arxiv.org/abs/{name}" rel="alternate" type="text/html"/>',
        f'<link href="https://arxiv.org/pdf/{name}" rel="related" type="application/pdf" '
        'title="pdf"/>',
        f"<summary>{escape(record.abstract)}</summary>",
        *(
            f'<category term="{category}" scheme="http://arxiv.org/schemas/atom"/>'
            for category in record.categories
        ),
        f"<published>{_moment(record.versions[0].created)}</published>",
    ]
    if record.comments:
        lines.append(f"<arxiv:comment>{escape(record.comments)}</arxiv:comment>")
    lines += [f'<arxiv:primary_category term="{c}"/>' for c in record.categories[:1]]
    if record.journal_ref:
        lines.append(f"<arxiv:journal_ref>{escape(record.journal_ref)}</arxiv:journal_ref>")
    for author in record.names:
        lines += ["<author>", f"  <name>{escape(author)}</name>", "</author>"]
    if record.doi:
        address = f"https://doi.org/{_attribute(record.doi)}"
        lines.append(f"<arxiv:doi>{escape(record.doi)}</arxiv:doi>")
        lines.append(f'<link rel="related" href="{address}" title="doi"/>')
    return "  <entry>\n" + "".join(f"    {line}\n" for line in lines) + "  </entry>\n"


def _error(reason: str, now: datetime) -> bytes:
    address = f"https://arxiv.org/api/errors#{_attribute(reason.replace(' ', '_'))}"
    return f"""{_HEAD}  <id>https://arxiv.org/</id>
  <title>arXiv Search Results</title>
  <updated>{_moment(now)}</updated>
{_counts(1, 1, 0)}  <entry>
    <id>{address}</id>
    <title>Error</title>
    <updated>{_moment(now)}</updated>
    <link href="{address}" rel="alternate" type="text/html"/>
    <summary>{escape(reason)}</summary>
    <author>
      <name>arXiv api core</name>
    </author>
  </entry>
</feed>
""".encode()


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _attribute(text: str) -> str:
    return escape(text, {'"': "&quot;"})
