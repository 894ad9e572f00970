"""Parse arXiv identifiers in any common form, and return the canonical id without a version."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from urllib.parse import unquote

from index.arxiv.identifier_forms import (
    CATEGORY,
    NEW,
    OLD,
    OLD_ARCHIVES,
    canonical_form,
    id_of_bibcode,
    id_of_dblp,
)
from index.errors import BadIdentifier

MAX_LENGTH = 2_000
"""The number of characters of the longest text that can be an identifier, as an address."""

_PLAIN = re.compile(rf"(?P<id>{NEW}|{OLD})(?:v(?P<version>[1-9]\d{{0,3}}))?", re.A | re.I)

# Characters that other software puts in the place of ASCII ones: full-width forms, hyphens,
# slashes. Superscript digits are no such characters: they are footnotes.
_ASCII = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | dict.fromkeys(
    [*range(0x2010, 0x2016), 0x2212], ord("-")
)
_ASCII |= dict.fromkeys([0x2044, 0x2215, 0x29F8], ord("/")) | {0x3002: ord("."), 0x3001: ord(",")}
_MARKDOWN_LINK = re.compile(r"!?\[[^\[\]]*\]\(<?([^\s()<>]+)>?(?: [^()]*)?\)")
_TEX_LINK = re.compile(r"\\(?:url|href|path|nolinkurl)\{([^{}\s]+)\}(?:\{(?:[^{}]|\{[^{}]*\})*\})?")

# Words before an identifier that say what follows, and nothing else.
_LABEL = re.compile(
    rf"""(?: (?:the\ )? (?:doi|urls?|uri|(?:paper\ |pdf\ )?link|e-?prints?|(?:arxiv_?)?id(?:_list)?
              |identifier|pdf|html|abs|paper|preprint|see|cite\ as|available
              |link\ to\ (?:the\ )?paper) \s*[:=]\s*
          | (?:doi|urls?|link|pdf|cite\ as|preprint(?:\ at)?|available\ (?:at|from|as|on|online\ at)
              |retrieved\ from|accessed\ at|e-?print|(?:the\ )?paper|id) \s+
              (?=10\.|https?:|\W?ar[x5]iv|[a-z.-]+/\d{{7}}|\d{{4}}\.\d{{4}})
          | (?:https?:/{{1,2}}|//)? (?:(?:dx|www)\.)? doi\.org/ (?=10\.48550/)
          | (?:info:)?doi[:/] (?=10\.48550/)
          | 10\.48550/ (?:arxiv[.:/])?
          | oai:arxiv(?:\.org)?: | (?:urn:|info:)arxiv[:/]
          | -\s | \d{{1,3}}[.)\]]\s | \#\s | corr \W{{1,3}} (?=abs/) | /?(?:abs|pdf|html)/
          | (?:pdf|online)\][.,]?\s | \[?(?:{CATEGORY})[]:/\s]{{1,2}}(?=\d{{4}}\.)
          | arxiv \s* (?:(?:e-?prints?|preprints?|papers?|ids?|identifiers?|nr|no|number)\b)?
              [\s:.,\#/_=-]{{0,4}}
        )""",
    re.IGNORECASE | re.VERBOSE,
)
_MAX_LABELS = 4
_SUFFIX = re.compile(
    r"(?:(?:\s?\(\d\))?\.(?:pdf|ps|dvi|html?|bib|ris|txt|tex|tar|t?gz|zip|md)){1,2}$", re.I
)
# The version may be set apart; arXiv's own citation and stamp end with a category and a day.
_AFTER = rf"""
    (?: [\s.,;_(\[-]{{0,3}} v(?:er(?:sion)?\b\.?)?\s? (?P<version>[1-9]\d{{0,3}})\b [)\]]? )?
    (?: [\s,]{{0,2}} [(\[]\s?(?:{CATEGORY})(?:[,;\s]{{1,2}}(?:{CATEGORY})){{0,9}}\s?[)\]]?
        (?: [\s,]{{0,2}} \(?\d{{1,2}}\ [a-z]{{3,9}}\.?\ \d{{4}}\)? )?
    )?
    (?: [\s,]{{0,2}} \((?:[a-z]{{3,9}}\.?\ )?(?:19|20)\d\d\)?
      | ,?\s (?:[a-z]{{3,9}}\.?\ )?(?:19|20)\d\d )?
"""
_SET_APART = re.compile(
    rf"(?P<id>{NEW}|{OLD}) /? {_AFTER} /? (?:[?\#]\S*)?", re.A | re.I | re.VERBOSE
)
# What arXiv's pages and catalogues write after an identifier, about the same paper.
_REMARKS = re.compile(
    r"\s(?:\(or arxiv:[^()]{9,80} for this version\)|focus to learn more"
    r"|[(\[](?:(?:pdf|ps|html|other|tex|txt|src|view)(?:, )?)+[)\]]"
    r"|\((?:replaced|cross-list(?:ed)? from [^()]{2,80})\))|: n\. ?pag\b",
    re.IGNORECASE,
)
_AFTER_ADDRESS = re.compile(_AFTER, re.A | re.I | re.VERBOSE)

_ADDRESS = re.compile(
    r"(?:[a-z]{0,8}:?/{1,2}){0,2}(?P<host>(?:[a-z0-9-]{1,63}\.){1,9}[a-z]{2,24})"
    r"(?::\d{1,5})?(?P<path>[/?].*)",
    re.I | re.S,
)
_ID_AT_END = rf"(?P<id>{NEW}|{OLD})(?:v(?P<version>[1-9]\d{{0,3}}))?(?:[?&#/].*)?"
# `arxiv/ID`, `arxiv:ID` and `arxiv=ID`, which catalogues and mirrors of every kind have in their
# addresses, and an address of arXiv within another one, as in web.archive.org.
_NAMES_ARXIV = re.compile(
    rf".*?[/=?&:] (?: arxiv(?:\.org|_?id)? (?:[:/=+]|\.(?=\d)) (?:arxiv[:/])?"
    rf"            (?:(?:abs|pdf|html|papers?|format|ps|src|e-print|abstract)/)?"
    rf"          | (?:[a-z0-9-]+\.)+ arxiv\.org/ (?:[a-z-]+/)? ) {_ID_AT_END}",
    re.A | re.I | re.S | re.X,
)
_ANY_ID = re.compile(rf"(?<![a-z\d])(?:{NEW}|{OLD})(?!\d)", re.A | re.I)
_BIBCODE_IN_PATH = re.compile(r"/(?:abs|pdf|link_gateway)/([^/?#\s]+)", re.I)
# Folders of full texts: /ftp/hep-th/papers/9901/9901001.pdf, /PS_cache/arxiv/pdf/0704/0704.0001v1.
_FOLDERS = re.compile(
    r"/(?:ftp|ps_cache)/(?P<archive>[a-z-]+)/(?:papers|pdf|ps|html)/\d{4}/"
    rf"(?P<number>{NEW}|\d{{7}})(?:v(?P<version>[1-9]\d{{0,3}}))?(?:[?&#].*)?",
    re.A | re.I | re.S,
)
_ON_HOST = tuple(
    (re.compile(host, re.I), re.compile(f"(?:{path}){_ID_AT_END}", re.A | re.I | re.S | re.X))
    for host, path in (
        (
            # Mirrors of arXiv, and readers that are named after it.
            r".*ar[x5]iv.*|xxx\..+|babbage\.sissa\.it",
            r"/+ (?:(?:abs|abstract|pdf|html|ps|dvi|format|src|e-print|eprint|bibtex|cits|refs"
            r"   |other|tb|trackback|show-email|auth/show-endorsers|papers)/+)? (?:arxiv:)?"
            r"|/search/? \? (?:.*&)? query= (?:arxiv:)?"
            r"|/(?:api/query|oai2?) \? (?:.*&)? (?:id_list|identifier)= (?:oai:arxiv\.org:)?",
        ),
        (r"(?:www\.|beta\.)?alphaxiv\.org", r"/ (?:[a-z-]{2,20}/){0,3}"),
        (r"(?:www\.)?(?:huggingface\.co|hf\.co)", r"/ (?:[a-z]{2}/)? papers/"),
        (r"(?:www\.)?arxiv-sanity(?:-lite)?\.com", r"/ (?:[a-z]*/?\?.*?\b(?:pid|id|q)=)?"),
        (r"(?:www\.)?emergentmind\.com", r"/papers/"),
        (r"(?:www\.)?front\.math\.ucdavis\.edu", r"/"),
    )
)
_DBLP_KEY = re.compile(r"(?:dblp:)?(?:journals/)?corr/\S+\Z", re.IGNORECASE)
_TITLE_OF_PAGE = re.compile(rf"\[((?:{NEW}|{OLD})(?:v\d+)?)\] .+", re.A | re.I | re.S)
_ALIAS = re.compile(r"\|[^|<>\[\]]*(?=[>\]])|</?a\b[^<>]{0,20}>")  # <https://…|text> of messengers
_BREAK = re.compile(r"(?<=\w) ?(://|[./:-]) ?(?=\w)")
_ID_LIKE = re.compile(
    rf"(?:\d{{4}}\.\d{{4,6}}|(?:{OLD_ARCHIVES})(?:\.[a-z-]+)?/\d{{4,8}})(?:v\d+)?"
    r"|(?:https?://)?(?:[\w-]+\.)*arxiv\.org(?:/\S*)?",
    re.IGNORECASE | re.ASCII,
)

FORMS = (
    "2401.08092, 2401.08092v2, hep-th/9901001, arXiv:2401.08092, "
    "https://arxiv.org/abs/2401.08092, 10.48550/arXiv.2401.08092"
)


@dataclass(frozen=True, slots=True)
class Identifier:
    """A canonical id such as `2401.08092` or `hep-th/9901001`, and the version if one was given."""

    id: str
    version: int | None = None


def parse_identifier(text: str) -> Identifier:
    """Parse an arXiv id, DOI, OAI identifier or address, as people paste them.

    The whole text must be the identifier. What copying leaves around it does not matter: blanks
    and invisible characters, quotes, brackets, punctuation, a label such as `DOI:`, the category.
    Addresses may be those of arXiv and its mirrors, or of other sites that name arXiv's id.
    Raises BadIdentifier, with the accepted forms, for any other text.
    """
    plain = _PLAIN.fullmatch(text)
    found = _identifier(plain["id"], plain["version"]) if plain else None
    if found is None and len(text) <= MAX_LENGTH:
        found = _read(_cleaned(text))
    if found is None:
        shown = text if len(text) <= 80 else text[:77] + "..."
        raise BadIdentifier(f"{shown!r} is not an arXiv identifier. Accepted forms: {FORMS}")
    return found


def canonical_id(text: str) -> str:
    """Return the canonical id without a version; raises BadIdentifier as `parse_identifier`."""
    return parse_identifier(text).id


def looks_like_identifiers(text: str) -> bool:
    """Return whether each word has the form of an arXiv id or address, if also of a wrong one."""
    unlabelled = re.sub(r"\barxiv\s*:", " ", _cleaned(text), flags=re.IGNORECASE)
    words = [_trimmed(word) for word in re.split(r"[\s,;]+", unlabelled)]
    return any(words) and all(_ID_LIKE.fullmatch(word) for word in words if word)


def year_of_id(paper_id: str) -> int:
    """Return the year in which arXiv assigned this canonical id."""
    year = int(paper_id.rpartition("/")[2][:2])
    return year + (1900 if year >= 91 else 2000)


def month_of_id(paper_id: str) -> date:
    """Return the first day of the month in which arXiv assigned this canonical id."""
    return date(year_of_id(paper_id), int(paper_id.rpartition("/")[2][2:4]), 1)


def _cleaned(text: str) -> str:
    """Return the text in ASCII forms, without invisible characters and runs of blanks."""
    for _ in range(2):  # an address within an address is encoded twice
        text = unquote(text)
    visible = "".join(char for char in text if unicodedata.category(char) != "Cf")
    return " ".join(visible.translate(_ASCII).split())


def _trimmed(text: str) -> str:
    """Return the text without the punctuation, symbols and blanks around it; 5 % stays 5 %."""
    begin, end = 0, len(text)
    while begin < end and _is_ornament(text[begin]):
        begin += 1
    while end > begin and _is_ornament(text[end - 1]):
        end -= 1
    return text[begin:end]


def _is_ornament(char: str) -> bool:
    category = unicodedata.category(char)
    return category[0] in "CMPSZ" and category != "Sc" and char not in "%+"


def _read(text: str) -> Identifier | None:
    if (tab := _TITLE_OF_PAGE.fullmatch(text)) and len(set(_ANY_ID.findall(text))) == 1:
        return _read_set_apart(tab[1])
    addresses = _ALIAS.sub("", _TEX_LINK.sub(r"\1", _MARKDOWN_LINK.sub(r"\1", text)))
    core = _trimmed(_REMARKS.sub("", addresses))
    return _read_labelled(core) or _read_repeated(core) or _read_broken(core)


def _read_labelled(core: str) -> Identifier | None:
    for _ in range(_MAX_LABELS):
        if found := _read_address(core) or _read_set_apart(core):
            return found
        label = _LABEL.match(core)
        if label is None:
            return None
        core = _trimmed(core[label.end() :])
    return _read_set_apart(core)


def _read_broken(core: str) -> Identifier | None:
    """Return the identifier of a text that a line of print or of a mail broke at punctuation."""
    joined = _BREAK.sub(r"\1", core)
    return _read_labelled(joined) if len(set(_ANY_ID.findall(joined))) == 1 else None


def _read_repeated(core: str) -> Identifier | None:
    """Return the identifier of a text that ends with an address of the same paper."""
    first, _, last = core.rpartition(" ")
    first = first.rstrip("- ")
    address = _read_address(_trimmed(last))
    found = _read(first) if address else None
    return found if address and found and found.id == address.id else None


def _read_set_apart(core: str) -> Identifier | None:
    match = _SET_APART.fullmatch(_SUFFIX.sub("", core))
    if match:
        return _identifier(match["id"], match["version"])
    dblp = id_of_dblp(core) if _DBLP_KEY.match(core) else None
    paper_id = dblp or id_of_bibcode(core)
    return Identifier(paper_id) if paper_id else None


def _read_address(core: str) -> Identifier | None:
    """Return the identifier that an address names; None if it is no address or names none."""
    written, _, rest = core.partition(" ")
    address, after = _ADDRESS.fullmatch(_trimmed(written)), _AFTER_ADDRESS.fullmatch(rest)
    if address is None or after is None:
        return None
    found = _named_by(address["host"], _without_suffix(address["path"]))
    if found and after["version"]:
        return Identifier(found.id, int(after["version"]))
    return found


def _named_by(host: str, path: str) -> Identifier | None:
    for host_pattern, pattern in _ON_HOST:
        if host_pattern.fullmatch(host):
            if folders := _FOLDERS.fullmatch(path):
                old = "" if "." in folders["number"] else f"{folders['archive']}/"
                return _identifier(old + folders["number"], folders["version"])
            if match := pattern.fullmatch(path):
                return _identifier(match["id"], match["version"])
    match = _NAMES_ARXIV.fullmatch(path)
    if match and len(set(_ANY_ID.findall(path))) == 1:
        return _identifier(match["id"], match["version"])
    if host.startswith("dblp.") and (paper_id := id_of_dblp(path)):
        return Identifier(paper_id)
    if host.endswith("harvard.edu") and (bibcode := _BIBCODE_IN_PATH.match(path)):
        paper_id = id_of_bibcode(bibcode[1])
        return Identifier(paper_id) if paper_id else None
    return None


def _without_suffix(path: str) -> str:
    """Return the path of an address without file suffixes: /pdf/2401.08092v2.pdf#page=3."""
    end = re.search(r"[?#]|$", path)
    assert end is not None
    return _SUFFIX.sub("", path[: end.start()]) + path[end.start() :]


def _identifier(written: str, version: str | None) -> Identifier | None:
    paper_id = canonical_form(written)
    return Identifier(paper_id, int(version) if version else None) if paper_id else None
