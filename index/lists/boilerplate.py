"""Recognise sentences about the publication of a paper: where its code is, who paid, and so on.

The kinds were collected from the sentences of real abstracts (docs/measured.md).
"""

import re

from index.arxiv.withdrawal.words import sentence_states

# A sentence without any of these is not boilerplate; most sentences need no further check.
_CUES = (
    *("http", "www.", "github", "availab", "releas", "sourc", "accessible", "publish", "be found"),
    *("page", "site", "accepted", "to appear", "in press", "under review", "under consideration"),
    *("supported by", "funded", "sponsored", "grant", "thank", "acknowledg", "licen", "copyright"),
    *(
        "all rights",
        "personal use",
        "©",
        "abridged",
        "version",
        "withdr",
        "retracted",
        "removed",
        "superseded",
        "comment",
    ),
)
_ADDRESS = re.compile(
    r"\\(?:href|url)\s*\{[^{}]*\}(?:\s*\{(?:[^{}]|\{[^{}]*\})*\})?|(?:https?://|www\.)\S+|"
    r"\b[\w.-]+\.(?:com|org|net|io|edu|ai|gov|dev)\b(?:/\S*)?",
    re.IGNORECASE,
)
# Words of a sentence that says more about the paper than where something is.
_CONTENT = re.compile(
    r"\b(?:introduc|present|propos|develop|evaluat|show|achiev|outperform|demonstrat|analy[sz])\w*",
    re.IGNORECASE,
)
_THING = (
    r"\b(?:codes?|code ?base|data|data[ -]?sets?|models?|weights|checkpoints|implementations?|"
    r"software|packages?|librar(?:y|ies)|demos?|videos?|supplement\w*|materials?|references|"
    r"resources|repositor(?:y|ies)|benchmarks?|page|site|website|artifacts?|artefacts?|scripts?|"
    r"prompts?|toolkit|annotations?|corpus|corpora|leaderboard|appendix)\b"
)
_OFFERED = (
    r"(?:(?:made |be |been )?(?:publicly |freely |openly |also |now )*"
    r"(?:available|released|open[- ]?sourced|accessible|published|public|found|updated))"
)
_KINDS = {
    # "Our code and data will be made publicly available soon."
    "availability": re.compile(
        rf"^(?:\S+ ){{0,9}}?\S*{_THING}(?: \S+){{0,4}}? "
        rf"(?:is|are|was|were|be|been|being) {_OFFERED}"
        r"(?: (?:at|on|in|from|via|here|under|upon|soon|online|as|through|for|to|after|with|by)\b"
        r"(?!.*\b(?:can|must|may|than)\b).*|\W*)$",
        re.IGNORECASE,
    ),
    "release": re.compile(
        r"(?:\bwe|^we\b.*\band)(?: \w+ly| will| also| have| plan to| are| further| hope to){0,3} "
        rf"(?:(?:releas|open[- ]?sourc|publish)(?:e|ed|ing)(?: \S+){{0,6}}? \S*{_THING}|"
        rf"mak(?:e|ing)(?: \S+){{0,6}}? \S*{_THING}(?: \S+){{0,3}} available)",
        re.IGNORECASE,
    ),
    "project page": re.compile(
        r"^\W*(?:please )?(?:see|visit|refer to|check out)\b.*"
        r"\b(?:project|home|web|demo)\s?-?(?:page|site)s?\b",
        re.IGNORECASE,
    ),
    "publication": re.compile(
        r"^\W*(?:this (?:paper|work|article|manuscript) (?:(?:is|was|has been|will be) )?)?"
        r"(?:accepted|to appear|to be published|published|appeared|in press|camera[- ]ready|"
        r"under review|under consideration)\b(?: for \w+)? (?:at|in|by|to)\b",
        re.IGNORECASE,
    ),
    "funding": re.compile(
        r"\b(?:this|the|our) (?:work|research|project|study|material) (?:is|was|has been) "
        r"(?:\w+ ){0,2}(?:supported|funded|sponsored|financed) by\b|"
        r"\bgrant (?:no\b|number|agreement|#|n°)|"
        r"^\W*(?:the )?(?:authors?|we) (?:would like to |wish to |gratefully )?"
        r"(?:thank|acknowledge)",
        re.IGNORECASE,
    ),
    "licence": re.compile(
        r"\b(?:available|released?|licen[sc]ed|distributed|published)\b.* under (?:an? |the )?"
        r"(?:\S+ ){0,5}licen[sc]e|\blicen[sc]ed under\b|\ball rights reserved\b|©|"
        r"\bpersonal use of this material\b|\bcopyright (?:\(c\)|\d{4}|by)",
        re.IGNORECASE,
    ),
    "version": re.compile(
        r"^\W*(?:this|the present)(?: paper| work| article| manuscript| document| note)? "
        r"(?:is|was|has been) (?:an? |the )?(?:\w+ ){0,2}?(?:(?:\w+ )?(?:version|abstract) of\b|"
        r"superseded)|^\W*(?:abridged\W*$|abstract (?:shortened|truncated|abridged)|"
        r"comments?:)",
        re.IGNORECASE,
    ),
}
_MIN_WORDS, _MAX_WORDS = 4, 30  # around an address
_WORD = re.compile(r"[^\W\d_]{2,}")


def is_boilerplate(sentence: str) -> bool:
    """Return whether a sentence is about the publication of a paper, not about its subject."""
    return boilerplate_kind(sentence) is not None


def boilerplate_kind(sentence: str) -> str | None:
    """Return the kind of boilerplate that a sentence is; None if it is none."""
    lower = sentence.lower()
    if not any(cue in lower for cue in _CUES):
        return None
    text, addresses = _ADDRESS.subn(" ", sentence)
    if addresses:
        count = len(_WORD.findall(text))
        if count < _MIN_WORDS or (count <= _MAX_WORDS and not _CONTENT.search(text)):
            return "address"
    text = " ".join(text.split())
    if sentence_states(text):
        return "version"
    return next((kind for kind, pattern in _KINDS.items() if pattern.search(text)), None)
