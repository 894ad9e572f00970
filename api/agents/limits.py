"""How long what agents are told may be, so that a model can read any answer whole."""

MAX_LIMIT = 50
LINE, SENTENCE, SUMMARY, ABSTRACT = 300, 400, 800, 5_000  # characters
AUTHORS, LABELS, OTHERS = 10, 200, 20


def cut(text: str, most: int) -> str:
    """A text of at most so many characters; where some are left out, it ends in …"""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
