r"""Count the TeX that titles and abstracts still have after their conversion.

    python -m scripts.benchmarks.metadata.tex_in_texts SNAPSHOT... [--show 5]

For each sign of TeX, the table has the number of titles and abstracts with it, before and after
their conversion to plain text. A sign that is left is not always a fault: prices, sets in braces
and commands that arXiv's authors define themselves stay as they are.

Then every distinct formula is converted to MathML, and what is made of it is checked with another
parser: the number of parts of each element, and that no command of TeX is left as text. At last,
each title and abstract as a page shows it is parsed as XML.
"""

import argparse
import re
from collections import Counter
from pathlib import Path

from lxml import etree

from api.rendering.mathml import parse_formula
from api.rendering.prose import to_html, to_plain_text
from api.rendering.running_text import Maths, read_parts
from ingest.snapshot.records import snapshot_papers

SIGNS = {
    "backslash": r"\\",
    "brace": r"[{}]",
    "dollar": r"\$",
    "tie": r"\w~\w",
    "dashes": r"\w--\w",
    "quotes": r"``|''",
    "blank before )": r"\s\)",
}
_NUMBER_OF_PARTS = {
    **dict.fromkeys(("mfrac", "mroot", "msub", "msup", "mover", "munder"), 2),
    **dict.fromkeys(("msubsup", "munderover"), 3),
}
_TOKENS = frozenset(("mi", "mn", "mo", "mtext"))
_MAX_LENGTH = 6_000


def faults(markup: str) -> list[str]:
    """Return what is wrong with MathML: elements with missing parts, commands as text."""
    found = []
    for element in etree.fromstring(markup).iter():
        if len(element) != _NUMBER_OF_PARTS.get(element.tag, len(element)):
            found.append(f"{element.tag} has {len(element)} parts")
        if element.tag in _TOKENS and len(element):
            found.append(f"{element.tag} has elements")
        if re.search(r"\\[A-Za-z{}|]", element.text or ""):
            found.append(f"{element.text} is a command")
    return found


def formulas_of(text: str) -> set[str]:
    """Return the sources of the formulas of a text."""
    return {part.source for part in read_parts(text, _MAX_LENGTH) if isinstance(part, Maths)}


def main() -> None:
    """Convert the texts of snapshots and print what is left of TeX, what is refused and wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("snapshots", metavar="SNAPSHOT", nargs="+", type=Path)
    parser.add_argument(
        "--show", type=int, default=5, help="texts to print of each kind (default: %(default)s)"
    )
    arguments = parser.parse_args()
    sources: set[str] = set()
    unreadable = 0
    texts = {"titles": Counter[tuple[str, str]](), "abstracts": Counter[tuple[str, str]]()}
    for paper in snapshot_papers(arguments.snapshots):
        for kind, text in (("titles", paper.title), ("abstracts", paper.abstract)):
            _count(texts[kind], text, arguments.show)
            sources |= formulas_of(text)
            unreadable += not _is_xml(text)
    for kind, counts in texts.items():
        print(f"{counts['', 'all']:,} {kind}")
        for sign in SIGNS:
            print(f"  {sign:<16} {counts[sign, 'before']:>7,} -> {counts[sign, 'after']:>6,}")
    made = [formula for source in sources if (formula := parse_formula(source))]
    wrong = [(one.markup, fault) for one in made if (fault := faults(one.markup))]
    print(f"{len(sources):,} distinct formulas: {len(made):,} converted, {len(wrong)} wrongly")
    print(f"{unreadable} texts are no XML")


def _count(counts: Counter[tuple[str, str]], text: str, show: int) -> None:
    counts["", "all"] += 1
    converted = to_plain_text(text, _MAX_LENGTH)
    for sign, pattern in SIGNS.items():
        counts[sign, "before"] += bool(re.search(pattern, text))
        if found := re.search(pattern, converted):
            counts[sign, "after"] += 1
            if counts[sign, "after"] <= show:
                print(f"{sign}: {converted[max(0, found.start() - 40) : found.end() + 40]}")


def _is_xml(text: str) -> bool:
    try:
        etree.fromstring(f"<p>{to_html(text, _MAX_LENGTH)}</p>")
    except etree.XMLSyntaxError:
        return False
    return True


if __name__ == "__main__":
    main()
