"""An abstract in at most three of its own sentences: the problem, the contribution, the result."""

import re
from collections.abc import Callable, Sequence

from index.arxiv.paper import to_single_line
from index.arxiv.tex.tokens import MATHS

_UNBREAKABLE = re.compile(
    rf"{MATHS}|\b(?:Tab|Eqs?|Secs?|Refs?|Figs?|No|cf|vs|resp|approx|i\.e|e\.g|et al)\.(?=\s)"
)
_ENDS = re.compile(r"[.?!]")
_MAX_LENGTH = 3

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
_LEANS = re.compile(
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
    """Split running text into sentences; stops in maths and after abbreviations do not count."""
    import nupunkt  # loads its model on import

    line = to_single_line(text)
    masked = _UNBREAKABLE.sub(lambda kept: _ENDS.sub("x", kept.group()), line)
    return [line[start:end].strip() for start, end in nupunkt.sent_spans(masked)]


def summarise(abstract: str) -> str:
    """At most three sentences of the abstract, in their order; all of a shorter one.

    An abstract is an argument in a fixed order, so each part is looked for where it usually
    stands: the problem early, the result late, the contribution in between.
    """
    parts = sentences(abstract)
    if len(parts) <= _MAX_LENGTH:
        return " ".join(parts)
    contribution = _best(parts, range(len(parts)), _weigh(_CONTRIBUTION, early=0.6))
    before = range(contribution) or range(1, len(parts))
    problem = _best(parts, before, _weigh(_PROBLEM, early=0.3))
    rest = [i for i in range(len(parts)) if i not in (problem, contribution)]
    after = [i for i in rest if i > contribution] or rest
    result = _best(parts, after, _weigh(_RESULT, early=-0.5))
    return " ".join(parts[i] for i in sorted({problem, contribution, result}))


def _weigh(cue: re.Pattern[str], early: float) -> Callable[[str, float], float]:
    """A sentence's weight: 1 for the cue, `early` for standing first (negative: last)."""

    def weight(sentence: str, position: float) -> float:
        says_little = len(sentence) < 25 or bool(_ADVERT.search(sentence))
        leans = bool(_LEANS.match(sentence))  # on a sentence that the summary may leave out
        return bool(cue.search(sentence)) - early * position - says_little - leans

    return weight


def _best(parts: Sequence[str], among: Sequence[int], weight: Callable[[str, float], float]) -> int:
    return max(among, key=lambda i: (weight(parts[i], i / len(parts)), -i))
