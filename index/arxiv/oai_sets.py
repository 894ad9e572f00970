"""arXiv's OAI-PMH sets: their names, and which categories they contain.

A set is a group (`cs`, `physics`), an archive of it (`physics:hep-th`) or a category of an archive
(`cs:cs:CL`). It also contains the other name of each of its categories, as arXiv's server does:
aliases, such as cs.SY for eess.SY, and the closed archives that a category has replaced. Source:
arxiv/taxonomy/definitions.py of github.com/arXiv/arxiv-base, and `process_requested_subject` of
github.com/arXiv/oaipmh.
"""

from collections.abc import Sequence

from index.arxiv.categories import ARCHIVES, CATEGORIES, CLOSED_ARCHIVES
from index.did_you_mean import did_you_mean
from index.errors import BadInput

_MATH = "math alg-geom dg-ga funct-an q-alg".split()
_OWN_GROUPS = "cs econ eess q-bio q-fin stat".split()
_GROUPS = {
    **dict.fromkeys(ARCHIVES, "physics"),
    **dict.fromkeys(_MATH, "math"),
    **{archive: archive for archive in _OWN_GROUPS},
    "cmp-lg": "cs",
}

# Of two names of one category, an alias or closed archive comes first.
_PAIRS = [
    (pair.partition("=")[0], pair.partition("=")[2])
    for pair in (
        "math.MP=math-ph stat.TH=math.ST math.IT=cs.IT q-fin.EC=econ.GN cs.SY=eess.SY "
        "cs.NA=math.NA cmp-lg=cs.CL adap-org=nlin.AO comp-gas=nlin.CG chao-dyn=nlin.CD "
        "solv-int=nlin.SI patt-sol=nlin.PS alg-geom=math.AG dg-ga=math.DG funct-an=math.FA "
        "q-alg=math.QA mtrl-th=cond-mat.mtrl-sci supr-con=cond-mat.supr-con "
        "acc-phys=physics.acc-ph ao-sci=physics.ao-ph atom-ph=physics.atom-ph "
        "bayes-an=physics.data-an chem-ph=physics.chem-ph plasm-ph=physics.plasm-ph"
    ).split()
]
OTHER_NAMES = dict(_PAIRS) | {other: one for one, other in _PAIRS}
"""The other name of a category that has two, in both directions."""


def set_of(category: str) -> str:
    """Return the smallest set that contains a category: "cs:cs:CL" for "cs.CL"."""
    archive, _, subject = category.partition(".")
    return ":".join(filter(None, (_GROUPS.get(archive, archive), archive, subject)))


def is_in_set(categories: Sequence[str], selection: str) -> bool:
    """Return whether a paper with these categories is in an OAI set; all papers are in ""."""
    names = {*categories, *(OTHER_NAMES[one] for one in categories if one in OTHER_NAMES)}
    return not selection or any(_contains(selection, name) for name in names)


def _contains(selection: str, category: str) -> bool:
    archive, _, subject = category.partition(".")
    path = [_GROUPS.get(archive, archive), archive, subject]
    wanted = selection.split(":")
    return path[: len(wanted)] == wanted


def _known_sets() -> dict[str, str]:
    """Return the names of sets by what people write for them, in lower case."""
    groups = {*_GROUPS.values()}
    names = {
        f"{_GROUPS[archive]}:{archive}": f"{_GROUPS[archive]}:{archive}" for archive in ARCHIVES
    }
    for category in CATEGORIES:
        name = set_of(OTHER_NAMES[category] if category in CLOSED_ARCHIVES else category)
        archive, _, subject = category.partition(".")
        names[category] = names[set_of(category)] = name
        if subject:
            names[f"{archive}:{subject}"] = names[f"{archive}:{archive}:{subject}"] = name
            names[f"{_GROUPS[archive]}:{archive}.{subject}"] = name
    return {written.lower(): name for written, name in names.items()} | {g: g for g in groups}


_SETS = _known_sets()


def parse_set(text: str) -> str:
    """Return the name of the set that is meant: "cs:cs:CL" for "cs.CL" or "cs:CL"; "" for "".

    Raises BadInput, with similar sets, for any other text.
    """
    written = "".join(text.split()).lower().removeprefix("oai:").removeprefix("arxiv:")
    if not written:
        return ""
    if written in _SETS:
        return _SETS[written]
    same_subject = sorted({one for one in _SETS.values() if one.lower().endswith(f":{written}")})
    hint = (
        f"did you mean {' or '.join(same_subject)}?"
        if same_subject
        else did_you_mean(written, {*CATEGORIES, *_SETS.values()})
    )
    forms = "sets are groups, archives and categories, such as cs, physics:hep-th and cs:cs:CL"
    raise BadInput(f"arXiv has no OAI set {text!r}: {hint or forms}")


def selection_name(selection: str) -> str:
    """Return a set, or "" for all, in words."""
    return selection or "all of arXiv"
