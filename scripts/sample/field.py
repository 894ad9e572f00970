"""The survey's field: the words that speak of it, and the papers that stand outside it."""

import re
from collections.abc import Collection, Iterable
from datetime import date

from scripts.sample.source import SURVEY_ID, Benchmarked, Data, Listed, Paper, lot, submitted

_OLD_OUTSIDERS = 900
_RECENT_OUTSIDERS = 1_100
# The field begins with the Transformer of June 2017; what was submitted before stands outside it.
_BEFORE_THE_FIELD = date(2017, 7, 1)

# The expressions below begin at a word's beginning and end anywhere in it, so a trailing space ends
# the word. They are sought in text brought down to lower-case words with one space between (see
# `_words`), hence no hyphens. The net is wide on purpose: losing a good negative costs nothing,
# calling a paper of the field an outsider teaches a wrong thing.
_AIM = (
    "(?:in)?efficien",
    "(?:light ?weight|(?:resource|compute) (?:constrain|aware|limit))",
    "(?:inference|training|decoding|generation) (?:speed|latency|throughput|cost|time |overhead)",
    "(?:accelerat|latency|throughput|speed ?ups? |faster (?!r ?cnn))",
    "(?:computational|compute|memory) (?:cost|overhead|budget|bottleneck|footprint|usage)",
)
_SMALLER_MODEL = (
    "(?:compress|quanti[sz]|prun|distill|spars[ei])",
    "(?:low rank|q?lora |parameter efficient|peft )",
)
_MODEL = (
    r"(?:(?:family|series|suite) of (?:\w+ ){0,4}models |technical report |billion parameter)",
    "(?:linear attention|flash ?attention|state space model|ssms? |mamba|rwkv)",
    "(?:early exit|mixtures? of experts|moes? |(?:llms?|models?) rout)",
    "(?:diffusion (?:(?:large )?language|ll?ms? )|language diffusion)",
)
_DECODING = (
    "(?:kv |key value )cach",
    "(?:speculative|parallel) (?:decod|sampl)",
    "tokens? (?:reduc|merg|drop|select)",
    "long(?:er)? (?:context|sequence)",
    "(?:few|one|single|sampling|denoising|diffusion) steps? (?:diffusion|generation|sampl)",
    "(?:fast|few|fewer|number of) (?:sampling|denoising|inference|diffusion) step",
)
_MACHINES = (
    "serving (?!as )",
    "(?:on device|edge (?:device|deploy|comput|ai |server|hardware)|mobile device)",
    "(?:federated|fl )",
    "(?:distributed|large scale|decentrali[sz]ed) (?:training|learning|pre ?training)",
    "parallelism",
    "(?:gpus? |cuda|npus? |fpga)",
)
_SPEAKS_OF_FIELD = (*_AIM, *_SMALLER_MODEL, *_MODEL, *_DECODING, *_MACHINES)
# Too common in abstracts to say what a paper is about.
_SPEAKS_OF_FIELD_IN_TITLE = (
    "(?:fine ?tun|adapter|pre ?train)",
    "(?:attention|transformer|vits? )",
    "(?:foundation model|scaling|fast|flash|tiny|small|compact)",
    r"(?:omni|unif(?:ied|ying) (?:\w+ )?(?:multi|vision|visual|auto))",
    "(?:open (?:source|weight)|large model)",
    r"(?:(?!chat)\w+gpt |(?:language|multimodal) model $|survey (?:of|on) (?:large )?language)",
)


def outsiders(data: Data, near_survey: Iterable[str]) -> list[Paper]:
    """Draw the papers that are to stand for everything outside the field."""
    unfit = _unfit_for_outsiders(data, near_survey)
    old = (paper for paper in data.old if submitted(paper) < _BEFORE_THE_FIELD)
    recent = (paper for paper in data.recent if not speaks_of_field(paper))
    return [*_draw(old, unfit, _OLD_OUTSIDERS), *_draw(recent, unfit, _RECENT_OUTSIDERS)]


def _unfit_for_outsiders(data: Data, near_survey: Iterable[str]) -> set[str]:
    """Gather identifiers and titles, the latter because some rows lack the former."""
    rows: list[Listed | Benchmarked] = [*data.listed, *data.benchmark]
    ids = {row["arxiv_id"] for row in rows if row["arxiv_id"]}
    return ids | {_title_key(row["title"]) for row in rows} | {SURVEY_ID, *near_survey}


def _draw(papers: Iterable[Paper], unfit: Collection[str], count: int) -> list[Paper]:
    """Draw papers at random, the same ones every time."""
    fit = (p for p in papers if p["id"] not in unfit and _title_key(p["title"]) not in unfit)
    return sorted(fit, key=lot)[:count]


def _title_key(title: str) -> str:
    """Reduce a title to what survives differences of spelling and typesetting."""
    return re.sub(r"[^a-z0-9]", "", title.lower())


def speaks_of_field(paper: Paper) -> bool:
    """Tell whether a paper has a word that papers of the field use."""
    title = _words(paper["title"])
    return bool(_FIELD.search(title + _words(paper["abstract"])) or _FIELD_TITLE.search(title))


def _words(text: str) -> str:
    """Bring text down to lower-case words, with a space before and after each."""
    return " " + re.sub(r"[\W_]+", " ", text.lower()).strip() + " "


def _any_of(beginnings: Iterable[str]) -> re.Pattern[str]:
    """Compile beginnings of words into one expression."""
    return re.compile(f" (?:{'|'.join(beginnings)})")


_FIELD = _any_of(_SPEAKS_OF_FIELD)
_FIELD_TITLE = _any_of(_SPEAKS_OF_FIELD_IN_TITLE)
