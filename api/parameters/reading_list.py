"""Reading lists: the papers and the title of a personal list, which its address holds."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import quote

from api.parameters.json_schemas import JsonSchema
from api.parameters.liked_papers import MAX_LIKED, LikedPapers, feed_of, fit_into_address
from index.arxiv.identifier import canonical_id
from index.arxiv.identifier_forms import USUAL_FORMS
from index.arxiv.paper import to_single_line
from index.errors import BadIdentifier, BadInput

PAGE = "/list"
MAX_LISTED = MAX_LIKED
"""Maximum number of papers of a list, if all its addresses fit into eight kilobytes."""
MAX_TITLE = 100
"""Maximum number of characters of a list's title."""
MAX_CARRIED = 60
"""Maximum number of papers of a list that the links of other pages carry."""
_ONE = f"(?:{USUAL_FORMS[1:-1]})"
PAPERS: JsonSchema = {
    "type": "string",
    "pattern": f"^{_ONE}(?:,{_ONE}){{0,{MAX_LISTED - 1}}}$",
    "examples": ["2401.08092,2306.00978"],
}
"""The papers of a list in an address, for the OpenAPI description."""
PAPER: JsonSchema = {"type": "string", "pattern": USUAL_FORMS, "examples": ["2401.08092"]}
"""A paper of a list in a body, for the OpenAPI description."""
_MAX_WORDS = 10 * MAX_LISTED
_MAX_FAULTS = 10
_PART = re.compile(r"[,;\n\r]+")


@dataclass(frozen=True, slots=True)
class ReadingList:
    """The canonical ids of a list's papers, each once, in the order in which they were added.

    `faults` say what of an address could not be read, and `others` are the papers of it that do not
    fit into a list.

    mine = read_list("2401.08092v2, arXiv:2306.00978", "Reading group")
    mine.address()  # "/list?papers=2401.08092,2306.00978&title=Reading+group"
    """

    ids: tuple[str, ...] = ()
    title: str = ""
    faults: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def papers(self) -> str:
        """The ids as one parameter of an address."""
        return ",".join(self.ids)

    @property
    def query(self) -> str:
        """The query string of the list's own addresses."""
        return self._query("papers", "title")

    @property
    def carried(self) -> str:
        """The query string by which other pages carry the list; "" if it is empty or too long."""
        return self._query("list", "list_title") if len(self.ids) <= MAX_CARRIED else ""

    def address(self, suffix: str = "") -> str:
        """Return the address of the list's page, or of the list in the format of a suffix."""
        query = self.query
        return f"{PAGE}{suffix}{'?' if query else ''}{query}"

    @property
    def recommendations(self) -> str:
        """The address of recommendations from the papers."""
        return LikedPapers(self.ids).address

    @property
    def feed(self) -> str:
        """The address of the feed of recommendations from the papers."""
        return feed_of(self.ids)

    def adding(self, ids: Iterable[str]) -> "ReadingList":
        """Return the list with these papers at its end; raises BadInput if they are too many."""
        return replace(self, ids=_checked(dict.fromkeys((*self.ids, *ids))))

    def titled(self, title: str) -> "ReadingList":
        """Return the list with another title, cut to the longest allowed."""
        return replace(self, title=to_single_line(title)[:MAX_TITLE].strip())

    def removing(self, ids: Iterable[str]) -> "ReadingList":
        """Return the list without these papers."""
        gone = set(ids)
        return replace(self, ids=tuple(one for one in self.ids if one not in gone))

    def _query(self, papers: str, title: str) -> str:
        pairs = [(papers, self.papers), (title, self.title)]
        # Neither a comma nor a slash needs an escape in a query (RFC 3986, section 3.4).
        return "&".join(f"{name}={quote(value, safe='/,')}" for name, value in pairs if value)


def read_list(papers: str, title: str = "") -> ReadingList:
    """Read a list from identifiers in any form with commas or blanks, and from its title.

    What is no identifier is a fault of the list; the others are kept. Raises BadInput if there are
    too many.
    """
    found = read_beginning(papers, title)
    _checked((*found.ids, *found.others))
    return found


def read_beginning(papers: str, title: str = "") -> ReadingList:
    """Read a list like `read_list`, but keep as many papers as fit; that others do not is a fault.

    Raises BadInput if there are more words than identifiers could fit into an address.
    """
    title = to_single_line(title)
    faults = []
    if len(title) > MAX_TITLE:
        faults.append(f"the title is cut: it can have {MAX_TITLE} characters")
    ids, wrong = _read_ids(papers)
    faults += [f"{one[:80]!r} is not an arXiv identifier" for one in wrong[:_MAX_FAULTS]]
    if len(wrong) > _MAX_FAULTS:
        faults.append(f"{len(wrong) - _MAX_FAULTS} more are not arXiv identifiers")
    every = tuple(ids)
    fitting = every[:MAX_LISTED]
    while not fit_into_address(fitting):
        fitting = fitting[:-1]
    others = every[len(fitting) :]
    if others:
        faults.append(str(_too_many(len(every))))
    return ReadingList(fitting, title[:MAX_TITLE].strip(), tuple(faults), others)


def _read_ids(text: str) -> tuple[dict[str, None], list[str]]:
    """Return the canonical ids of a text, each once, and what is no identifier."""
    ids: dict[str, None] = {}
    wrong = []
    parts = dict.fromkeys(filter(None, map(str.strip, _PART.split(text))))
    _check_words(len(parts))
    for part in parts:
        # "arXiv:2401.08092 [cs.CL]" is one identifier, "2401.08092 2306.00978" are two.
        whole = _parsed(part)
        words = [part] if whole else part.split()
        _check_words(len(words))
        for word in words:
            if paper_id := whole or _parsed(word):
                ids[paper_id] = None
            else:
                wrong.append(word)
    return ids, wrong


def _check_words(count: int) -> None:
    if count > _MAX_WORDS:
        raise _too_many(count)


def _parsed(text: str) -> str | None:
    try:
        return canonical_id(text)
    except BadIdentifier:
        return None


def _checked(ids: Iterable[str]) -> tuple[str, ...]:
    checked = tuple(ids)
    if not fit_into_address(checked):
        raise _too_many(len(checked))
    return checked


def _too_many(count: int) -> BadInput:
    return BadInput(
        f"the list would have {count:,} papers, and an address holds at most {MAX_LISTED}, or 320 "
        "with identifiers from before 2007: make two lists of it. Recommendations from a file with "
        "up to 10,000 references are at /library"
    )
