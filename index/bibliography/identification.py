"""Find the arXiv id and the DOI of a reference in its fields.

Fields have BibTeX's names; other formats are translated to them. A library says in many fields
where a paper is, and some of them name other papers. The first of these gives the arXiv id:

1. a field whose name says that it has one: `eprint` (unless its archive is another one), `arxiv`;
2. a DOI that arXiv assigned;
3. an address: in `url`, then in any other field, also of dblp and NASA ADS;
4. a mention of arXiv with an id, in a field that describes where the paper was published;
5. such a mention in a note, unless the words before it say that it is another paper;
6. the key of the entry.

A mention in a title or an abstract is of another paper, and is not read.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from index.arxiv.bibliographic_text import dois_in, without_markup
from index.arxiv.identifier import canonical_id
from index.arxiv.identifier_forms import OLD_ARCHIVES, id_of_bibcode, id_of_dblp
from index.errors import BadIdentifier

Fields = Sequence[tuple[str, str]]
"""Names in lower case and values of the fields of a reference, in their order."""

_EPRINT = ("eprint", "eprintid", "eprints", "archiveid", "archive_location", "archivelocation")
_ARCHIVE = ("archiveprefix", "eprinttype", "archive", "repository", "librarycatalog")
_CLASS = ("primaryclass", "eprintclass")
_DOI = ("doi",)
_ADDRESS = ("url", "link", "links", "pdf", "html", "ee", "epub", "urls", "uri", "biburl", "adsurl")
_PUBLISHED_IN = (
    "journal journaltitle booktitle publicationtitle publisher institution organization school "
    "series"
).split()
_VENUE = (
    *_PUBLISHED_IN,
    *"howpublished type number volume issue eid pages page articleno reportnumber report "
    "report-number report_number archiveprefix eprinttype archive repository librarycatalog "
    "archive_location version source genre slaccitation custom edition chapter pubstate".split(),
)
_NUMBERS = (
    "number volume issue eid pages page articleno reportnumber report archive_location "
    "archivelocation version custom".split()
)
_NOTES = ("note", "addendum", "extra")
_REMARKS = ("annote", "annotation", "comment", "comments")  # of readers, about many papers
_NOT_READ = frozenset(
    "abstract abstractnote title shorttitle titleaddon subtitle maintitle author editor keywords "
    "tags related relatedstring relations references cites citedby cited-by crossref xref review "
    "mrreviewer tldr summary description rss-description creators collections".split()
)
_NAMED = re.compile(r"arxiv")
_ARXIV = re.compile(r"\barxiv\b|\bcorr\b", re.IGNORECASE)
_NOT_AN_ID = re.compile(
    r"class|categor|subject|prefix|type|version|date|year|month|comment|abstract|relat|cit|reply"
)

_OLD = rf"(?<![\w.-])(?:{OLD_ARCHIVES})(?:\.[a-z-]{{2,20}})?/\d{{7}}(?!\d)"
_ID = rf"(?:(?<![\d.])\d{{4}}\.\d{{4,5}}(?!\d)(?!\.\d)|{_OLD})"
_MENTION = re.compile(
    r"(?:(?:ar[x5χ]iv|\bcorr\b|(?<![\w./])abs/|\be-?print\b|\bxxx\.lanl|\bhf\.co/papers|/papers/"
    rf"|\b10\.48550/).{{0,40}}?({_ID})|({_OLD}))",
    re.IGNORECASE | re.ASCII,
)
_IN_ADDRESS = re.compile(
    r"(?:ar[x5]iv\.org|alphaxiv\.org|xxx\.lanl\.gov|(?:huggingface|hf)\.co/papers"
    rf"|\b10\.48550/|[/.]arxiv[:/.])[^\s]{{0,60}}?((?<![\d.])\d{{4}}\.\d{{4,5}}(?!\d)|{_OLD})",
    re.IGNORECASE | re.ASCII,
)
_SAYS_ADDRESS = re.compile(r"xiv|ar5iv|xxx\.|/papers/|10\.48550|dblp|harvard\.edu", re.I)
_BIBCODE = re.compile(r"\b(?:19|20)\d\d[A-Za-z][A-Za-z.]{3,14}[\d.]{4,11}[A-Z]\b", re.ASCII)
_DOI_IN_NOTE = re.compile(
    r"(?:\A|;\s)\W{0,3}(?:doi\b|https?://(?:dx\.)?doi\.org/)?\W{0,3}(10\.\d{4,9}/\S+)", re.I
)
_END_OF_ADDRESS = re.compile(r"(?:\.pdf|\.html?|/(?:full|abstract|pdf|epdf|meta|html|fulltext))+\Z")
_SERIAL = re.compile(r"\d{7}", re.ASCII)
_BARE = re.compile(_ID, re.IGNORECASE | re.ASCII)

# Words that say that what they are followed by is another paper than this one.
_ANOTHER = re.compile(
    r"""\b(?: repl(?:y|ies|ying)\ (?:to|by) | respon(?:se|ses|ds?|ding)\ (?:to|by)
      | rebuttal\ (?:to|of|by) | comment(?:s|ary|ing)?\ (?:on|to|about|by) | remarks?\ on
      | discuss(?:ion\ of|ed\ in) | critique\ of | errat(?:um|a) | corrigend(?:um|a)
      | companion | sequels? | prequels?
      | (?:corrections?|addend(?:um|a)|supplements?|appendix|follow-?\s?up|continuation|successor
          |answers?|counter-?examples?)\ (?:to|of|for)
      | versions?\ of\b(?!\ (?:this|the\ (?:present|paper|article)|our|an?)\b)
      | supersed\w+ | replac(?:es|ed|ing) | generali[sz](?:es|ed|ing|ations?\ of)
      | improv(?:es|ing|ements?\ (?:of|on)) | extend(?:s|ing) | extensions?\ of | expands\ on
      | corrects | complement(?:s|ing) | (?:material|results?|taken|adapted)\ from
      | contradict\w* | refut\w+ | disprov\w+ | retract(?:s|ion\ of)
      | buil(?:ds?|t|ding)\ (?:up)?on | based\ (?:up)?on | inspired\ by | motivated\ by
      | following | follows | continues | part\ (?:of|one|two|[ivx]+|\d)
      | (?:see|compare|refer)\ (?:also|to|with) | also\ see
      | see,?\ e\.?g\.? | cf | compare | unlike | contrast
      | cit(?:es|ed|ing) | related\ (?:to|works?|papers?|articles?)
      | similar\ to | analog\w+ | translation\ of
      | review\ of(?!\ (?-i:[A-Z][a-z]))  # but Review of Economic Studies
      | summary\ of | code\ (?:for|of) | data(?:set)?\ (?:for|of|from) | accompan(?:ies|ying)
      | overlap(?:s|ping)? | merg(?:es|ed|ing)\ (?:with|into) | joint\ with | split\ (?:from|off)
      | subsum\w+ | (?:reproduc|replicat)(?:es|ing|ions?\ of)
      | (?:fix|us|solv|prov|answer)(?:es|s) | related(?=:)
      | (?:earlier|previous|first|second|other)\ papers?
      | in\ proceedings(?!\ of\b)  # the proceedings have an id too
    )\b
    | \b(?:of|for|than|into)\ (?:the\ |our\ |their\ )?
      (?:paper\ |preprint\ |article\ |work\ )?[\s(\[]*\Z
    """,
    re.IGNORECASE | re.VERBOSE,
)
_SAME = re.compile(r"\b(?:published|journal|final|accepted|preprint|print) version of\b", re.I)
# Zotero keeps the author's comments, in which any id is that of another paper.
_COMMENTS = re.compile(r"\b(?:comments?:|arxiv admin note).*?(?=; arxiv:|\Z)", re.IGNORECASE)
_CLAUSE = re.compile(r";|(?<!\bcf)(?<!\be\.g)(?<!\bi\.e)(?<!\bal)(?<!\bvol)(?<!\bno)\.\s", re.I)
_BEFORE = 160  # characters before a mention in which words can be about it


def arxiv_id_of(key: str, fields: Fields) -> str | None:
    """Return the canonical arXiv id of a reference, by the order above; None if it has none."""
    named = ((name.removeprefix("tex."), value) for name, value in fields)
    # JabRef has a field of comments for each user: comment-alice.
    read = ((n, value) for n, value in named if not (n in _NOT_READ or n.startswith("comment-")))
    texts = [(name, _plain(value)) for name, value in read]
    texts = [(name, text) for name, text in texts if text]
    return next(
        chain_of(
            _in_named(texts),
            _in_dois(texts),
            _in_addresses(texts),
            _in_venue(texts),
            _in_notes(texts),
            _in_key(key),
        ),
        None,
    )


def doi_of(fields: Fields) -> str | None:
    """Return the DOI of a reference in lower case, also from an address or from `DOI: …` in a note.

    A publisher's DOI comes before that of arXiv.
    """
    dois: list[str] = []
    for value in _values(fields, _DOI):
        dois += dois_in(without_markup(value))
    for value in _values(fields, _ADDRESS, also="bdsk-url"):
        dois += [_END_OF_ADDRESS.sub("", doi) for doi in dois_in(without_markup(value))]
    for value in _values(fields, (*_NUMBERS, *_NOTES)):
        if match := _DOI_IN_NOTE.search(without_markup(value)):
            dois += dois_in(match[1])
    published = [doi for doi in dois if not doi.startswith("10.48550/")]
    return next(iter(published or dois), None)


def chain_of(*candidates: Iterable[str | None]) -> Iterator[str]:
    """Yield the ids of all candidates in order."""
    for group in candidates:
        yield from (paper_id for paper_id in group if paper_id)


def _values(fields: Fields, names: Sequence[str], also: str | None = None) -> Iterator[str]:
    """Yield the values of these fields, in the order of the names."""
    for name in names:
        yield from (value for other, value in fields if other == name)
    if also:
        yield from (value for other, value in fields if other.startswith(also))


def _plain(value: str) -> str:
    r"""Return a value without TeX; both arguments of \href{…}{…} remain, apart."""
    for written, read in (
        ("}{", "} {"),
        ("\\href", " "),
        ("\\arxiv", "arXiv "),
        ("\\arXiv", "arXiv "),
        ("\\eprint", "eprint "),
        ("\\-", ""),
        ("\\/", ""),
    ):
        value = value.replace(written, read)
    return without_markup(value)


def _parsed(text: str) -> str | None:
    try:
        return canonical_id(text)
    except BadIdentifier:
        return None


def _in_named(texts: Fields) -> Iterator[str | None]:
    archives = " ".join(_values(texts, _ARCHIVE))
    classes = [*_values(texts, _CLASS), *archives.split()]
    for value in _values(texts, _EPRINT):
        if not archives or "arxiv" in archives.lower() or _is_archive(archives):
            yield _in_id_field(value, classes)
        else:
            yield _mentioned(value)
    for name, value in texts:
        if _NAMED.search(name) and not _NOT_AN_ID.search(name):
            yield _in_id_field(value, classes)


def _in_id_field(value: str, classes: Sequence[str]) -> str | None:
    if _SERIAL.fullmatch(value):
        return next(chain_of(_parsed(f"{one}/{value}") for one in classes), None)
    bare = None if "://" in value else _BARE.search(value)
    return _parsed(value) or _mentioned(value) or (_parsed(bare[0]) if bare else None)


def _is_archive(text: str) -> bool:
    return _parsed(f"{text.strip()}/0001001") is not None


def _in_dois(texts: Fields) -> Iterator[str | None]:
    for value in _values(texts, _DOI):
        yield _parsed(value)
        yield from map(_parsed, (doi for doi in dois_in(value) if doi.startswith("10.48550/")))


def _in_addresses(texts: Fields) -> Iterator[str | None]:
    described = {*_ADDRESS, *_VENUE, *_NOTES, *_REMARKS}  # or read already
    others = (value for name, value in texts if name not in described)
    for value in (*_values(texts, _ADDRESS), *others):
        if _SAYS_ADDRESS.search(value):
            yield from map(
                _parsed, (value, *(word for word in value.split() if _SAYS_ADDRESS.search(word)))
            )
            yield from map(_parsed, _IN_ADDRESS.findall(value))
            yield id_of_dblp(value)
        yield from map(id_of_bibcode, _BIBCODE.findall(value))


def _in_venue(texts: Fields) -> Iterator[str | None]:
    for name in _VENUE:
        # A journal may well be called "Comments on …" or "Annual Review of …".
        for value in _values(texts, (name,)):
            yield _mentioned(value, guarded=name not in _PUBLISHED_IN)
    venue = " ".join(_values(texts, (*_VENUE, *_NOTES)))
    if _ARXIV.search(venue):  # journal = {arXiv}, number = {2401.08092}
        yield from map(_parsed, _values(texts, _NUMBERS))


def _in_notes(texts: Fields) -> Iterator[str | None]:
    for value in _values(texts, _NOTES):
        yield _mentioned(_COMMENTS.sub("", value))
    for value in _values(texts, _REMARKS):
        yield _mentioned(_COMMENTS.sub("", value)[:40])


def _mentioned(text: str, *, guarded: bool = True) -> str | None:
    """Return the id that a text is as a whole, or the first one after a mention of arXiv.

    If `guarded`, a mention is left out if the words before it say that it is of another paper.
    """
    if _ARXIV.search(text) and (whole := _parsed(text)):
        return whole
    for match in _MENTION.finditer(text):
        clauses = _CLAUSE.split(text[max(0, match.start() - _BEFORE) : match.start()])
        paper_id = _parsed(match[1] or match[2])
        another = guarded and _ANOTHER.search(_SAME.sub("", clauses[-1]))
        if paper_id and not another:
            return paper_id
    return None


def _in_key(key: str) -> Iterator[str | None]:
    yield id_of_dblp(key)  # also of one that was changed, as in DBLP:journals/corr/abs-…_copy
    yield _parsed(key)
