"""Limits on the length of answers to agents, so that a model can read each in full."""

MAX_LIMIT = 50
LINE, SENTENCE, SUMMARY, ABSTRACT = 300, 400, 800, 5_000  # characters
AUTHORS, LABELS, OTHERS = 10, 200, 20


def cut(text: str, max_length: int) -> str:
    """Return a text of at most `max_length` characters; a text that is cut ends in "…"."""
    return text if len(text) <= max_length else text[: max_length - 1].rstrip() + "…"
