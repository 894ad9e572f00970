"""Summarise an abstract in at most three of its sentences: problem, contribution, result."""

import re
from collections.abc import Callable, Sequence

from index.arxiv.paper import to_single_line
from index.arxiv.tex.tokens import MATHS

_UNBREAKABLE = re.compile(
    rf"{MATHS}|\b(?:Tab|Eqs?|Secs?|Refs?|Figs?|No|cf|vs|resp|approx|i\.e|e\.g|et al)\.(?=\s)"
)
_ENDS = re.compile(r"[.?!]")
_MAX_SENTENCES = 3

_PROBLEM = re.compile(
    r"\b(?:however|but|yet|challeng\w+|difficult\w*|problem|remains?|lack\w*|limit\w+|costly|"
    r"expensive|bottleneck|unclear|open question|understudied|despite|although|struggl\w+)\b",
    re.IGNORECASE,
)
_CONTRIBUTION = re.compile(
    r"\b(?:we|this (?:paper|work|article|survey|study|letter|thesis|report|review|note)|"
    r"the (?:paper|article|present paper|present work)|our)\b.{0,60}?\b(?:propos|present|introduc|"
    r"develop|stud|show|survey|review|describ|investigat|prov|design|offer|provid|"
    r"deriv|construct|examin|analy[sz]|address|delve|consider|report|find|argue|explor)",
    re.IGNORECASE,
)
_ADVERT = re.compile(r"https?://|\b(?:code|data|models?)\b.*\bavailable\b", re.IGNORECASE)
_REFERS_BACK = re.compile(
    r"(?:however|moreover|furthermore|in addition|additionally|therefore|thus|hence|besides|"
    r"also|nevertheless|consequently|in particular|for (?:example|instance)|similarly)\b",
    re.IGNORECASE,
)
_RESULT = re.compile(
    r"\b(?:experiment\w*|results?|outperform\w*|achiev\w+|improv\w+|demonstrat\w+|"
    r"state-of-the-art|we (?:show|find|found|observe|prove|conclude)|findings?|evaluat\w+|"
    r"reduc\w+|faster|accuracy|conclu\w+|times)\b|\d+(?:\.\d+)?\s*(?:\\?%|x\b|times\b)",
    re.IGNORECASE,
)


def sentences(text: str) -> list[str]:
    """Split text into sentences; full stops in formulas and after abbreviations are ignored."""
    import nupunkt  # loads its model on import

    line = to_single_line(text)
    masked = _UNBREAKABLE.sub(lambda match: _ENDS.sub("x", match.group()), line)
    return [line[start:end].strip() for start, end in nupunkt.sent_spans(masked)]


def summarise(abstract: str) -> str:
    """Return up to three sentences of the abstract, in their order.

    Abstracts usually present the problem first and the result last, with the contribution in
    between. A sentence is chosen for each part by cue words and by its position.
    """
    parts = sentences(abstract)
    if len(parts) <= _MAX_SENTENCES:
        return " ".join(parts)
    contribution = _best(parts, range(len(parts)), _weigh(_CONTRIBUTION, early=0.6))
    before = range(contribution) or range(1, len(parts))
    problem = _best(parts, before, _weigh(_PROBLEM, early=0.3))
    rest = [i for i in range(len(parts)) if i not in (problem, contribution)]
    after = [i for i in rest if i > contribution] or rest
    result = _best(parts, after, _weigh(_RESULT, early=-0.5))
    return " ".join(parts[i] for i in sorted({problem, contribution, result}))


def _weigh(cue: re.Pattern[str], early: float) -> Callable[[str, float], float]:
    """Return a function that weighs a sentence; it takes the sentence and its position, 0 to 1.

    A match of the pattern `cue` adds 1. `early` is the penalty at position 1; if it is negative,
    late sentences gain weight.
    """

    def weight(sentence: str, position: float) -> float:
        uninformative = len(sentence) < 25 or bool(_ADVERT.search(sentence))
        refers_back = bool(_REFERS_BACK.match(sentence))  # to a sentence that may be left out
        return bool(cue.search(sentence)) - early * position - uninformative - refers_back

    return weight


def _best(
    parts: Sequence[str], candidates: Sequence[int], weight: Callable[[str, float], float]
) -> int:
    return max(candidates, key=lambda i: (weight(parts[i], i / len(parts)), -i))
