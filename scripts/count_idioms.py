"""Count idioms that are not plain technical English in docstrings, comments, messages and docs.

    python -m scripts.count_idioms [FOLDER] [--show]

FOLDER is a checkout, by default the one of this file; --show also prints each place found. A count
is a place to read again, not an error: "where" is right in "the folder where releases are stored".
"""

import argparse
import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

_PACKAGES = ("index", "classifier", "ingest", "api", "scripts", "tests")
_IDIOMS = {
    "where for if": r"\bwhere (?:there|none|no|it|its|that|they|one|a|an|the|this|nothing|not)\b",
    "stand(s) for be": r"\bstands?\b(?!-| alone\b)",
    "of one, of such": r"(?:^|[.;:!?]\s+)(?:Of|With|For) (?:one|such|several|some|those)\b",
    "tell, told": r"\b(?:tells?|told)\b",
    "beside": r"\bbeside\b",
    "who + verb": r"(?:^|[.;:,]\s+|\bfor |\bthat )who(?:ever)? [a-z]+s?\b",
    "go on": r"\b(?:go|goes|went) on\b",
    "metaphors": r"\b(?:rooms?|shelf|shelves|roads?|houses?|doors?|stranger(?:s|'s)?)\b",
    "night for run": r"\b(?:the|a|each|every|that|one) nights?\b",
    "what for that which": r"(?:^|[.;:]\s+)What [a-z]+s? ",
}
_PATTERNS = {name: re.compile(pattern, re.M) for name, pattern in _IDIOMS.items()}


def prose_of(path: Path) -> Iterator[tuple[str, int, str]]:
    """Yield kind ("docstring", "comment", "message" or "page"), line and text of a file's prose."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        yield "page", 1, text
        return
    docstrings = set[int]()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found = ast.get_docstring(node)
            if found:
                line = node.body[0].lineno
                docstrings.add(line)
                yield "docstring", line, found
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        line = token.start[0]
        if token.type == tokenize.COMMENT:
            yield "comment", line, token.string.lstrip("# ")
        elif token.type == tokenize.STRING and " " in token.string and line not in docstrings:
            yield "message", line, token.string.strip("rbf'\"")


def files_of(checkout: Path) -> Iterator[Path]:
    """Yield the Python files, templates and pages of a checkout."""
    for package in _PACKAGES:
        yield from sorted((checkout / package).rglob("*.py"))
        yield from sorted((checkout / package).rglob("*.html"))
    yield from sorted([*checkout.glob("*.md"), *checkout.glob("docs/*.md")])


def count_idioms(checkout: Path) -> dict[str, Counter[str]]:
    """Count each idiom by kind of prose. Product and tests are counted together."""
    counts = {name: Counter[str]() for name in _PATTERNS}
    for path in files_of(checkout):
        for kind, _, text in prose_of(path):
            for name, pattern in _PATTERNS.items():
                counts[name][kind] += len(pattern.findall(text))
    return counts


def main() -> None:
    """Print a table of the counts, and on request each place."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    checkout = Path(__file__).resolve().parents[1]
    parser.add_argument("folder", type=Path, nargs="?", default=checkout)
    parser.add_argument("--show", action="store_true", help="print each place found")
    arguments = parser.parse_args()
    if arguments.show:
        for path in files_of(arguments.folder):
            for kind, line, text in prose_of(path):
                for name, pattern in _PATTERNS.items():
                    for found in pattern.finditer(text):
                        at = line + text[: found.start()].count("\n")
                        shown = text[max(0, found.start() - 30) : found.end() + 30]
                        where = f"{path.relative_to(arguments.folder)}:{at}"
                        print(f"{where}: {kind}: {name}: {' '.join(shown.split())}")
    kinds = ("docstring", "comment", "message", "page")
    print(f"{'idiom':<20}" + "".join(f"{kind:>11}" for kind in kinds) + f"{'total':>11}")
    counts = count_idioms(arguments.folder)
    for name, by_kind in counts.items():
        row = "".join(f"{by_kind[kind]:>11}" for kind in kinds)
        print(f"{name:<20}{row}{by_kind.total():>11}")
    print(f"{'total':<20}{sum(by_kind.total() for by_kind in counts.values()):>55}")


if __name__ == "__main__":
    main()
