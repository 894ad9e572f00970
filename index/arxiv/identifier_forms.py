"""The canonical form of arXiv identifiers, and the keys of NASA ADS and dblp that contain one.

Source: https://info.arxiv.org/help/arxiv_identifier.html and …_for_services.html.
New scheme: YYMM.NNNN from April 2007, YYMM.NNNNN since January 2015.
Old scheme: archive/YYMMNNN, in old data with a subject class (math.GT/0309136).
"""

import re

_OLD_ARCHIVES = frozenset(
    "acc-phys adap-org alg-geom ao-sci astro-ph atom-ph bayes-an chao-dyn chem-ph cmp-lg comp-gas "
    "cond-mat cs dg-ga funct-an gr-qc hep-ex hep-lat hep-ph hep-th math math-ph mtrl-th nlin "
    "nucl-ex nucl-th patt-sol physics plasm-ph q-alg q-bio quant-ph solv-int supr-con".split()
)
# arXiv's own addresses have been written without the hyphen: hepth/9901001.
_ARCHIVE_BY_LETTERS = {archive.replace("-", ""): archive for archive in _OLD_ARCHIVES}

OLD_ARCHIVES = "|".join(sorted(_OLD_ARCHIVES, key=len)[::-1])
"""The archives of old identifiers, as a pattern."""
CATEGORY = rf"(?:{OLD_ARCHIVES}|econ|eess|q-fin|stat)(?:\.[a-z-]{{2,20}})?"
NEW = r"\d{4}\.\d{4,5}"
OLD = r"[a-z]+(?:-[a-z]+)?(?:\.[a-z-]{2,20})?/\d{7}"
_NUMBER_4 = "(?:[1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])"
_NUMBER_5 = "(?:[1-9][0-9]{4}|0[1-9][0-9]{3}|00[1-9][0-9]{2}|000[1-9][0-9]|0000[1-9])"
_NUMBER_3 = "(?:[1-9][0-9]{2}|0[1-9][0-9]|00[1-9])"
_MONTH = "(?:0[1-9]|1[0-2])"
USUAL_FORMS = (
    r"^(?:arXiv:|https?://arxiv\.org/(?:abs|pdf|html)/|(?:https://doi\.org/)?10\.48550/arXiv\.)?"
    rf"(?:(?:07(?:0[4-9]|1[0-2])|(?:0[89]|1[0-4]){_MONTH})\.{_NUMBER_4}"
    rf"|(?:1[5-9]|[2-8][0-9]|90){_MONTH}\.{_NUMBER_5}"
    rf"|(?:{'|'.join(sorted(_OLD_ARCHIVES))})/(?:(?:9[1-9]|0[0-6]){_MONTH}|070[1-3]){_NUMBER_3})"
    r"(?:v[1-9][0-9]{0,2})?$"
)
"""A pattern of identifiers as arXiv writes them, in the dialect of JSON Schema."""
_DBLP = re.compile(
    rf"\bcorr/(?:abs-(\d{{4}})-(\d{{4,5}})|abs/({NEW}|{OLD})"
    r"|([a-z]+(?:-[a-z]+)?)-(?:[a-z]{2}-)?(\d{7}))(?!\d)",
    re.IGNORECASE | re.ASCII,
)
_BIBCODE = re.compile(r"(?:19|20)\d\darXiv(\d{4})(\d{5}|\.\d{4})[A-Z]", re.A)
_OLD_BIBCODE = re.compile(r"(?:19|20)(\d\d)([a-z]+(?:\.[a-z]+)?)\.{1,8}(1?\d)(\d{3})[A-Z]", re.A)


def canonical_form(written: str) -> str | None:
    """Return the canonical id of text in the form of an id; None if arXiv assigned no such id."""
    archive, slash, number = written.lower().rpartition("/")
    year, month = number[:2], number[2:4]
    serial = number[4:].lstrip(".")
    if not "01" <= month <= "12" or not serial.strip("0"):
        return None
    if slash:
        archive = _ARCHIVE_BY_LETTERS.get(archive.partition(".")[0].replace("-", ""), "")
        in_use = year >= "91" or year + month <= "0703"
        return f"{archive}/{number}" if archive and in_use else None
    in_use = "0704" <= year + month < "91"
    digits = 4 if year < "15" else 5
    return number if in_use and len(serial) == digits else None


def id_of_bibcode(text: str) -> str | None:
    """Return the canonical id of a bibcode of NASA ADS for a preprint: `2024arXiv240108092X`."""
    if match := _BIBCODE.fullmatch(text):
        return canonical_form(f"{match[1]}.{match[2].lstrip('.')}")
    if match := _OLD_BIBCODE.fullmatch(text):
        year, archive, month, number = match.groups()
        return canonical_form(f"{archive.replace('.', '-')}/{year}{int(month):02d}{number}")
    return None


def id_of_dblp(text: str) -> str | None:
    """Return the canonical id in a key or an address of dblp in a text: `corr/abs-2401-08092`."""
    if match := _DBLP.search(text):
        month, number, whole, archive, serial = match.groups()
        return canonical_form(whole or (f"{month}.{number}" if month else f"{archive}/{serial}"))
    return None
