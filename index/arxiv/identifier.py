"""arXiv identifiers: parse any common form and return one canonical id without a version.

Source: https://info.arxiv.org/help/arxiv_identifier.html and …_for_services.html.
New scheme since April 2007: YYMM.NNNN, since 2015 YYMM.NNNNN (six digits are reserved).
Old scheme: archive/YYMMNNN, in old data with a subject class (math.GT/0309136).
"""

import re
from dataclasses import dataclass
from datetime import date
from urllib.parse import unquote

from index.errors import BadIdentifier

_OLD_ARCHIVES = frozenset(
    "acc-phys adap-org alg-geom ao-sci astro-ph atom-ph bayes-an chao-dyn chem-ph cmp-lg comp-gas "
    "cond-mat cs dg-ga funct-an gr-qc hep-ex hep-lat hep-ph hep-th math math-ph mtrl-th nlin "
    "nucl-ex nucl-th patt-sol physics plasm-ph q-alg q-bio quant-ph solv-int supr-con".split()
)
_BEFORE = re.compile(
    r"""^(?: (?:https?://)? (?:[a-z0-9-]+\.)? arxiv\.org/ (?:abs|pdf|html|format|src|e-print)/
         | (?:https?://)? (?:dx\.)? doi\.org/ 10\.48550/ (?:arxiv\.)?
         | (?:doi:\s*)? 10\.48550/ (?:arxiv\.)?
         | oai:arxiv\.org:
         | arxiv:\s*
        )""",
    re.IGNORECASE | re.VERBOSE,
)
_AFTER = re.compile(r"(?:[?#].*|\s*\[[\w.-]+\].*)$", re.DOTALL)
_NEW = re.compile(r"(\d\d)(0[1-9]|1[0-2])\.(\d{4,6})(?:v([1-9]\d{0,3}))?", re.A | re.I)
_OLD = re.compile(
    r"([a-z-]+)(?:\.[a-z]{2})?/(\d\d)(0[1-9]|1[0-2])(\d{3})(?:v([1-9]\d{0,3}))?", re.A | re.I
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
    """Parse an arXiv id, DOI, OAI identifier or arxiv.org address.

    Raises BadIdentifier, with the accepted forms, for any other text.
    """
    core = _BEFORE.sub("", unquote(text).strip())
    core = _AFTER.sub("", core).strip().rstrip("/")
    core = re.sub(r"\.pdf$", "", core, flags=re.IGNORECASE)
    return _new_scheme(core) or _old_scheme(core) or _refuse(text)


def canonical_id(text: str) -> str:
    """Return the canonical id without a version; raises BadIdentifier as `parse_identifier`."""
    return parse_identifier(text).id


def year_of_id(paper_id: str) -> int:
    """Return the year in which arXiv assigned this canonical id."""
    year = int(paper_id.rpartition("/")[2][:2])
    return year + (1900 if year >= 91 else 2000)


def month_of_id(paper_id: str) -> date:
    """Return the first day of the month in which arXiv assigned this canonical id."""
    return date(year_of_id(paper_id), int(paper_id.rpartition("/")[2][2:4]), 1)


def _new_scheme(core: str) -> Identifier | None:
    match = _NEW.fullmatch(core)
    if match is None:
        return None
    year, month, number, version = match.groups()
    in_use = (year, month) >= ("07", "04")
    digits_fit = len(number) == 4 if int(year) < 15 else len(number) >= 5
    if not (in_use and digits_fit) or not number.strip("0"):
        return None
    return Identifier(f"{year}{month}.{number}", int(version) if version else None)


def _old_scheme(core: str) -> Identifier | None:
    match = _OLD.fullmatch(core)
    if match is None:
        return None
    archive, year, month, number, version = match.groups()
    archive = archive.lower()
    in_use = year >= "91" or (year, month) <= ("07", "03")
    if archive not in _OLD_ARCHIVES or not in_use:
        return None
    return Identifier(f"{archive}/{year}{month}{number}", int(version) if version else None)


def _refuse(text: str) -> Identifier:
    shown = text if len(text) <= 80 else text[:77] + "..."
    raise BadIdentifier(f"{shown!r} is not an arXiv identifier. Accepted forms: {FORMS}")
