"""Count idioms that are not plain technical English in docstrings, comments, messages and pages.

    python -m scripts.count_idioms [FOLDER] [--show] [--only KIND ...]

FOLDER is a checkout, by default the one of this file. --show also prints each place, and --only
limits the kinds of prose that are read:

- docstring: docstrings, also those of attributes,
- comment: comments in Python files,
- message: other strings that contain a space, without the expressions in f-strings,
- page: Markdown files, and templates without their Jinja code.

Text between backticks is not read, since it is code. Prints a table with two parts: the idioms of
the review that started the count, with a total, and idioms that were added later. A count is a
place to read again, not an error: "where" is right in "the folder where releases are stored".
"""

import argparse
import ast
import inspect
import io
import re
import tokenize
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

KINDS = ("docstring", "comment", "message", "page")
_PACKAGES = ("index", "classifier", "ingest", "api", "scripts", "tests")
_REVIEWED = {
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
_ADDED = {
    "ask for request": r"\bask(?:s|ed|ing)?\b",
    "question for query": r"\bquestions?\b",
    "say for report": r"\b(?:says?|said)\b",
    "hold for contain": r"\b(?:holds?|held)\b",
    "lie for be": r"\b(?:lies?|lay)\b",
    "take in for load": r"\b(?:tak(?:es?|en|ing)|took) in\b",
    "begins with Of": r"(?:^|[.;:!?]\s+)Of ",
    "is none": r"\b(?:is|are|was|were) none\b",
    "so many": r"\bso (?:many|much) [a-z]+",
    "all else, or else": r"\b(?:all|or|for) else\b",
    "archaic words": r"\b(?:anew|besides|lest|likewise|nobody|reckon\w*|somebody|whence)\b",
}
_PATTERNS = {name: re.compile(text, re.M) for name, text in (_REVIEWED | _ADDED).items()}
_CODE = re.compile(r"`[^`\n]*`")
_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.S)


def prose_of(path: Path) -> Iterator[tuple[str, int, str]]:
    """Yield kind, first line and text of each piece of prose in a file."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        yield "page", 1, _JINJA.sub(_newlines, text)
        return
    tree = ast.parse(text)
    docstrings = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) in docstrings:
                yield "docstring", node.lineno, inspect.cleandoc(node.value)
            elif " " in node.value:
                yield "message", node.lineno, node.value
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield "comment", token.start[0], token.string.lstrip("# ")


def _newlines(code: re.Match[str]) -> str:
    """Return the line breaks of a match, so that later lines keep their numbers."""
    return "\n" * code[0].count("\n")


def idioms_in(text: str) -> Iterator[tuple[str, re.Match[str]]]:
    """Yield the name and the match of each idiom in a text. Code between backticks is blanked."""
    prose = _CODE.sub(lambda code: "`" * len(code[0]), text)
    for name, pattern in _PATTERNS.items():
        for match in pattern.finditer(prose):
            yield name, match


def files_of(checkout: Path) -> Iterator[Path]:
    """Yield the Python files, templates and pages of a checkout."""
    for package in _PACKAGES:
        for suffix in ("py", "html", "md"):
            yield from sorted((checkout / package).rglob(f"*.{suffix}"))
    yield from sorted([*checkout.glob("*.md"), *checkout.glob("docs/*.md")])


def count_idioms(
    checkout: Path, kinds: Collection[str] = KINDS
) -> tuple[dict[str, Counter[str]], dict[str, Counter[str]]]:
    """Count idioms by kind of prose: those of the review, and those added later."""
    counts = {name: Counter[str]() for name in _PATTERNS}
    for path in files_of(checkout):
        for kind, _, text in prose_of(path):
            if kind in kinds:
                for name, _ in idioms_in(text):
                    counts[name][kind] += 1
    return {name: counts[name] for name in _REVIEWED}, {name: counts[name] for name in _ADDED}


def main() -> None:
    """Print a table of the counts and, with --show, each place."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    checkout = Path(__file__).resolve().parents[1]
    parser.add_argument("folder", type=Path, nargs="?", default=checkout, help="a checkout")
    parser.add_argument("--show", action="store_true", help="also print each place")
    parser.add_argument("--only", nargs="+", choices=KINDS, default=KINDS, help="kinds to read")
    arguments = parser.parse_args()
    if arguments.show:
        _show(arguments.folder, arguments.only)
    reviewed, added = count_idioms(arguments.folder, arguments.only)
    print(f"{'idiom':<20}" + "".join(f"{kind:>11}" for kind in KINDS) + f"{'total':>11}")
    _print_counts(reviewed)
    _print_counts(added)


def _show(checkout: Path, kinds: Collection[str]) -> None:
    for path in files_of(checkout):
        for kind, line, text in prose_of(path):
            if kind not in kinds:
                continue
            for name, match in idioms_in(text):
                at = line + text[: match.start()].count("\n")
                excerpt = " ".join(text[max(0, match.start() - 30) : match.end() + 30].split())
                print(f"{path.relative_to(checkout)}:{at}: {kind}: {name}: {excerpt}")


def _print_counts(counts: Mapping[str, Counter[str]]) -> None:
    for name, by_kind in counts.items():
        row = "".join(f"{by_kind[kind]:>11}" for kind in KINDS)
        print(f"{name:<20}{row}{by_kind.total():>11}")
    print(f"{'total':<20}{sum(by_kind.total() for by_kind in counts.values()):>55}")


if __name__ == "__main__":
    main()
