"""Prepare a text for the patterns that recognise an announced withdrawal."""

import re

# A text without any of these states no withdrawal; most texts need no further check.
_CUES = ("withdr", "with-dr", "with dr", "whithdr", "retract", "removed", "deleted", "taken down")
_MAX_LENGTH = 5000  # characters that are read of a text; arXiv's own are shorter

_ABBREVIATION = re.compile(
    r"\b(et al|e\.g|i\.e|cf|no|vs|figs?|eqs?|sec|refs?|thm|prop|ver|vol|dr|prof|[a-z])\.(?=\s)",
    re.I,
)


def cleaned(text: str, paper_id: str = "") -> str:
    """Return a text in one line, without TeX and with its own identifier as "this paper".

    The result is empty if the text has no word about withdrawals.
    """
    text = text[:_MAX_LENGTH]
    lower = text.lower()
    if not any(cue in lower for cue in _CUES):
        return ""
    text = re.sub(r"\\[a-zA-Z]+|[{}*_~$\"]", " ", text.replace("’", "'"))
    text = text.lower() if text.isupper() else text  # capitals that mark no acronyms
    text = _ABBREVIATION.sub(r"\1", " ".join(text.split()))
    if paper_id:
        own = rf"\b(?:arxiv: ?)?{re.escape(paper_id)}(?:v\d+)?\b(?: \[[\w.-]+\])?"
        text = re.sub(own, "this paper", text, flags=re.I)
    return text
