"""Generate tables of docs/operating.md and docs/api.md from the code.

    cog -r docs/operating.md docs/api.md     # update the tables, in the folder of the checkout

The pages call these functions between their cog markers; a test fails if a table is out of date.
"""

from collections.abc import Iterable

from index.errors import exit_codes
from index.search.match_strength import PAPER_LINE, TEXT_LINE
from index.settings import SETTINGS


def settings_table() -> str:
    """Return a row for each setting: variable, default, allowed values and help."""
    rows = [
        (
            f"`{setting.variable}`",
            f"`{setting.default}`" if setting.default else "",
            setting.allowed,
            setting.help.replace("docs/milvus.md", "[milvus.md](milvus.md)"),
        )
        for setting in SETTINGS
    ]
    return _table(("variable", "default", "allowed", "meaning"), "---|---|---|---", rows)


def exit_codes_table() -> str:
    """Return a row for each exit code of the command line, with the summary of its error class."""
    rows = [(str(code), meaning) for code, meaning in exit_codes()]
    return _table(("code", "meaning"), "---:|---", rows)


def weak_matches_table() -> str:
    """Return a row for each kind of query: the line of weak matches and the precision above it."""
    rows = [
        (kind, f"below {line.score:g}", f"{line.percent} %")
        for kind, line in (("a paper", PAPER_LINE), ("a text or a query", TEXT_LINE))
    ]
    header = (
        "match of",
        "weak if the score is",
        "entries above the line that share a reading list with it",
    )
    return _table(header, "---|---|---", rows)


def _table(header: Iterable[str], alignment: str, rows: Iterable[Iterable[str]]) -> str:
    lines = [_row(header), f"|{alignment}|", *map(_row, rows)]
    return "".join(f"{line}\n" for line in lines)


def _row(cells: Iterable[str]) -> str:
    return "".join(f"| {cell} " if cell else "| " for cell in cells) + "|"
