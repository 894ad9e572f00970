"""The survey's field: terms that its papers use, and a draw of papers out of its scope."""

import re
from collections.abc import Collection, Iterable
from datetime import date

from scripts.sample.source import (
    SURVEY_ID,
    BenchmarkRow,
    Data,
    Listed,
    Paper,
    sort_key,
    submitted,
)

_OLD_OUT_OF_SCOPE = 900
_RECENT_OUT_OF_SCOPE = 1_100
# The field begins with the Transformer of June 2017, so earlier papers are out of its scope.
_BEFORE_THE_FIELD = date(2017, 7, 1)

# Each expression matches from the beginning of a word, and a trailing space in it means the end of
# the word. Text is first reduced to lower-case words separated by one space (`_words`), so there
# are no hyphens. The expressions are broad on purpose: to lose a good negative example costs
# nothing, but a paper of the field among the negative examples teaches the classifier an error.
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
_TERMS = (*_AIM, *_SMALLER_MODEL, *_MODEL, *_DECODING, *_MACHINES)
# These are too common in abstracts to indicate the subject of a paper, but not in titles.
_TITLE_TERMS = (
    "(?:fine ?tun|adapter|pre ?train)",
    "(?:attention|transformer|vits? )",
    "(?:foundation model|scaling|fast|flash|tiny|small|compact)",
    r"(?:omni|unif(?:ied|ying) (?:\w+ )?(?:multi|vision|visual|auto))",
    "(?:open (?:source|weight)|large model)",
    r"(?:(?!chat)\w+gpt |(?:language|multimodal) model $|survey (?:of|on) (?:large )?language)",
)


def out_of_scope_papers(data: Data, near_survey: Iterable[str]) -> list[Paper]:
    """Draw papers that represent everything out of the field's scope.

    `near_survey` are identifiers of papers that must not be drawn.
    """
    excluded = _excluded(data, near_survey)
    old = (paper for paper in data.old if submitted(paper) < _BEFORE_THE_FIELD)
    recent = (paper for paper in data.recent if not mentions_field(paper))
    return [
        *_draw(old, excluded, _OLD_OUT_OF_SCOPE),
        *_draw(recent, excluded, _RECENT_OUT_OF_SCOPE),
    ]


def _excluded(data: Data, near_survey: Iterable[str]) -> set[str]:
    """Return identifiers and title keys of papers that must not be drawn.

    Titles are needed because some rows have no identifier.
    """
    rows: list[Listed | BenchmarkRow] = [*data.listed, *data.benchmark]
    ids = {row["arxiv_id"] for row in rows if row["arxiv_id"]}
    return ids | {_title_key(row["title"]) for row in rows} | {SURVEY_ID, *near_survey}


def _draw(papers: Iterable[Paper], excluded: Collection[str], count: int) -> list[Paper]:
    """Draw papers at random, the same ones in every run."""
    candidates = (
        paper
        for paper in papers
        if paper["id"] not in excluded and _title_key(paper["title"]) not in excluded
    )
    return sorted(candidates, key=sort_key)[:count]


def _title_key(title: str) -> str:
    """Reduce a title to letters and digits, to ignore differences of spelling and typesetting."""
    return re.sub(r"[^a-z0-9]", "", title.lower())


def mentions_field(paper: Paper) -> bool:
    """Return whether title or abstract contain a term that papers of the field use."""
    title = _words(paper["title"])
    return bool(_FIELD.search(title + _words(paper["abstract"])) or _FIELD_TITLE.search(title))


def _words(text: str) -> str:
    """Reduce text to lower-case words, with a space before and after each."""
    return " " + re.sub(r"[\W_]+", " ", text.lower()).strip() + " "


def _any_of(beginnings: Iterable[str]) -> re.Pattern[str]:
    """Compile expressions for the beginnings of words into one expression."""
    return re.compile(f" (?:{'|'.join(beginnings)})")


_FIELD = _any_of(_TERMS)
_FIELD_TITLE = _any_of(_TITLE_TERMS)
