"""Split abstracts into sentences with nupunkt, whose abbreviations are adapted to science."""

import re
from functools import cache
from typing import Any

from index.arxiv.paper import to_single_line
from index.arxiv.tex.tokens import MATHS

_ABBREVIATIONS = (
    # references
    "alg algs app apps ch chap chaps conj cor cors def defs eq eqs eqn eqns ex exs fig figs lem no "
    "nos pp prop props ref refs rem sec secs sect sects suppl tab tabs tbl thm thms vol vols "
    # journals and publishers
    "acad acta am amer anal ann appl arch assoc astron astrophys biol bull chem class combin comm "
    "commun comp comput conf crystallogr discrete ed eds eksp electron eng eur europhys exp fiz "
    "funct gen geom grav inst int instrum intl j jpn lett lond mag mat mater math mech meth mod "
    "natl neurophys nucl num numer philos phys proc probab publ quant rep res rev ser sci soc "
    "solid sov stat struct symp technol teor theor top topol trans univ zh "
    # others
    "al approx avg ca cf dept dim eg est et etal etc expt freq ie incl max min param params "
    "prob resp sim st temp viz vs yu ya kh zh a.a a.a.s a.e a.s a.u b.c c.d.f c.m d.o.f e.g "
    "f.o.r.m i.e i.i.d i.n.i.d n.b o.d.e o.o.d p.d.e p.d.f p.m p.p q.e.d r.h.s l.h.s r.m.s r.v "
    "s.d.o.f s.p.d s.t w.h.p w.l.g w.l.o.g w.p w.r.t"
).split()
# The library learned these from legal texts, where they are abbreviations.
_WORDS = (
    "age all alone ant app arrows art ban bed bias black bold bond book broad bus cancer cap "
    "car cars cell century chain chaos chase chip city close code cold cons consume day days "
    "diodes diffraction divide elasticities end enter equal est excitation extant fed fish flag "
    "flip found free galaxies gracefully ground hand hard helper how human ill instabilities "
    "inverter just lab lack lazy lead leg life lives lock low magnetically manipulator mass "
    "means met metro mod month more multiprocessor offline ore park pin port quantified rank "
    "raw rest revisited rich roll rounds ruin row sand saw scatter scattering sent series shape "
    "sinks sleep south stake stars stock story sub sum super tables talent task tasks tax taxis "
    "ten threads time tins toll town truncation use variates vein vert wall ware wave weave "
    "webs week wheel will win wings works add aims call can chi com computationally reports "
    "inhomogeneities deblurring encyclopedia photoluminescence magnetosphere accelerometer "
    "anarchy bialgebras hyperplane walk war"
).split()
_STARTER = (
    r"(?:A|All|Also|An|Another|Any|As|At|Based|Besides|Both|But|By|Consider|Each|Every|Examples|"
    r"Finally|First|Following|For|From|Further|Furthermore|Given|Hence|Here|How|However|If|In|It|Its|"
    r"Let|Many|More|Moreover|Most|Motivated|No|Numerical|On|One|Our|Previous|Proof|Recent|Recently|"
    r"Results|Second|Several|Similar|Since|So|Some|Such|Suppose|That|The|Their|Then|There|Therefore|"
    r"These|They|This|Those|Thus|To|Two|Under|Using|We|What|When|Where|Whether|While|With|Without)"
)
_BREAKS = re.compile(r"[.?!]")
_UNBREAKABLE = re.compile(rf"{MATHS}|\[[^][]{{1,200}}\](?=[\s,;:)])")  # formulas and citations
# No sentence ends before a small word after w.r.t. or a question mark, nor before a closing sign.
_INSIDE = re.compile(
    r"(?<![\w.])(?:[A-Za-z]\.){2,}(?=\s+[a-z$(\\])"
    r"|[?!][\"')\]]{0,3}(?=\s+[a-z]+\b)"
    r"|[.?!][\"']{0,2}(?=\s+[,;:)\]}])"
    r"|\b[A-Z]\.-[A-Z]\.(?=\s)"
    r"|(?<=[.:;?!]\s)\d{1,2}\.(?=\s+[A-Z])"  # the number of an item
    r"|\b(?:[Ff]igs?|[Ee]qn?s?|[Rr]efs?|[Ss]ecs?|[Tt]abs?|[Tt]hms?|[Pp]rops?|[Cc]h|[Aa]lgs?|[Nn]os?"
    r"|[Vv]ol|pp|cf|vs|resp|approx|etal)\.(?=\s+(?:\d|[({\[]|\\))"
    r"|\b(?:approx|cf|dim|etal|expt|incl|max|min|params?|pp|resp|sim|temp|vols?|vs)\.(?=\s+[a-z])"
)
# A letter that names something, not an initial: "of type B. We", "of order p. Other groups".
_SYMBOL = re.compile(
    rf"(?<=[a-z0-9)])\s(?=[A-Z]\.\s+{_STARTER}\b)|(?<=[a-z])\s(?=[b-z]\.\s+[A-Z][a-z])"
)


def sentences(text: str) -> list[str]:
    """Split text into sentences; full stops in formulas and after abbreviations are ignored."""
    line, spans = sentence_spans(text)
    return [line[start:end] for start, end in spans]


def sentence_spans(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Return a text as a single line, and where the sentences of the line start and end."""
    line = to_single_line(text)
    masked = _INSIDE.sub(_mask, _SYMBOL.sub("x", line))
    if "$" in line or "\\" in line or "[" in line:
        masked = _UNBREAKABLE.sub(_mask, masked)
    return line, [_stripped(line, *span) for _, span in _splitter().tokenize_with_spans(masked)]


def _stripped(line: str, start: int, end: int) -> tuple[int, int]:
    """Return where a part of a line starts and ends without the blanks around it."""
    part = line[start:end]
    start += len(part) - len(part.lstrip())
    return start, start + len(part.strip())


def _mask(match: re.Match[str]) -> str:
    return _BREAKS.sub("x", match[0])


@cache
def _splitter() -> Any:
    """Return nupunkt's splitter with its own abbreviations and ours; takes 0.3 seconds."""
    from nupunkt.models import load_default_model  # loads its model on import

    splitter = load_default_model()
    for word in splitter.abbreviations.intersection(_WORDS):
        splitter.remove_abbreviation(word)
    splitter.add_abbreviations(_ABBREVIATIONS)
    return splitter
