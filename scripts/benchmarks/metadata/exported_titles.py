r"""Check that exports say what titles say.

    python -m scripts.benchmarks.metadata.exported_titles SNAPSHOT... [--show 10]

The papers of each snapshot are exported as BibTeX, RIS, CSL-JSON and JSON-LD. The exports are read
back by bibtexparser with pylatexenc, rispy and json, and every title is compared with arXiv's after
one normalisation, which both undergo:

1. The delimiters of formulas are removed. A command outside and inside formulas becomes the
   characters that pylatexenc prints for it: an accented letter, a symbol. A command that only sets
   type is removed, and an unknown command stays.
2. Braces, blanks and ties are removed. Quotes and dashes of TeX become those of Unicode.
3. Compatibility characters become plain ones (NFKC), and TeX's circumflex and tilde ASCII's.

BibTeX has the source of formulas, so all of it is compared in order. The other formats have
formulas as text. For titles with formulas, the letters, digits, symbols and accents are compared
there, but neither their order nor what a formula says by position: scripts, fractions and roots.
"""

import argparse
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

from api.formats.citations import bibtex, csl, json_ld, ris
from api.records.works import Work
from api.rendering.running_text import HtmlTag, Maths, read_parts
from index.arxiv.paper import Paper
from index.arxiv.tex.formulas import (
    FORMULA_COMMANDS,
    PACKAGE_FORMULA_COMMANDS,
    formula_source,
    formulas,
)
from index.arxiv.tex.tables import symbol_of
from ingest.snapshot.records import snapshot_papers

FORMATS = ("BibTeX", "RIS", "CSL-JSON", "JSON-LD")
_SPACE = re.compile(r"\\hspace\*?\{[^{}]*\}")
_DETACHED_ACCENT = re.compile(r"""\{(\\[`'"^])\}(?=[A-Za-z])""")
_BATCH = 2_000
_ACCENTED = re.compile(
    r"""\\(?:[`'^"~=.]\s*|[uvHcdbkr](?![A-Za-z])\s*)
        (?:\{\\?[A-Za-z]\s?\}|\\[ij](?![A-Za-z])\s?|[A-Za-z])""",
    re.VERBOSE,
)
_SETS_TYPE = frozenset(
    "textsc textsf textrm textmd textup textnormal text mbox hbox underline textit textbf texttt "
    "emph em it bf tt sl sc sf rm textsuperscript textsubscript textsl protect xspace "
    "par newline item".split()
)
_COMMAND = re.compile(r"\\(?:([A-Za-z]+)|(.))\s?", re.DOTALL)
_TYPOGRAPHY = {"---": "—", "--": "–", "``": "“", "''": "”", "ˆ": "^", "˜": "~"}
# What pylatexenc does not know, and what latex2mathml writes as another character.
_TEXT_SYMBOLS = {
    "deg": "°",
    "textless": "<",
    "textgreater": ">",
    "textbar": "|",
    "copyright": "©",
    "TeX": "TeX",
    "LaTeX": "LaTeX",
    "BibTeX": "BibTeX",
}
_SYMBOLS = {
    "Bbbk": "k",
    "triangle": "△",
    "bmod": "mod",
    "pmod": "mod",
    "mod": "mod",
    "ne": "≠",
    "colon": ":",
    "Box": "□",
    "deg": "deg",
    "arg": "arg",
    "ast": "*",
}
_ACCENTS = {
    **dict.fromkeys(("hat", "widehat"), "\u0302"),
    **dict.fromkeys(("tilde", "widetilde"), "\u0303"),
    **dict.fromkeys(("bar", "overline"), "\u0304"),
    **dict.fromkeys(("vec", "overrightarrow"), "\u20d7"),
    "acute": "\u0301",
    "grave": "\u0300",
    "breve": "\u0306",
    "mathring": "\u030a",
    "dot": "\u0307",
    "ddot": "\u0308",
    "check": "\u030c",
    "not": "\u0338",
}
_SAME_SIGNS = str.maketrans("−⧵ϵϕ⋆⟂◻⋅", "-∖εφ*⊥□·")
_BY_POSITION = frozenset("^_√/|∣‖∥`$~")


@dataclass(frozen=True, slots=True)
class Difference:
    """A title that an export does not say, as arXiv has it and as exported."""

    format: str
    paper_id: str
    title: str
    exported: str


def titles_by_format(papers: Sequence[Paper]) -> dict[str, list[str]]:
    """Return the titles of papers as each format's own library reads them, in their order."""
    import rispy

    bare = [Paper(paper.id, paper.title) for paper in papers]
    works = [Work(paper, "", summary_is_abstract=False) for paper in bare]
    articles = json.loads(json_ld(works))
    return {
        "BibTeX": list(_bibtex_titles(bibtex(works))),
        "RIS": [str(record["title"]) for record in rispy.loads(ris(works))],
        "CSL-JSON": [item["title"] for item in json.loads(csl(works))],
        "JSON-LD": [article["name"] for article in articles.get("@graph", [articles])],
    }


def differences(papers: Sequence[Paper]) -> Iterator[Difference]:
    """Yield every title that an export changes, for each format."""
    for name, titles in titles_by_format(papers).items():
        for paper, title in zip(papers, titles, strict=True):
            if not says_the_same(name, paper.title, title):
                yield Difference(name, paper.id, paper.title, title)


def _bibtex_titles(text: str) -> Iterator[str]:
    from bibtexparser.entrypoint import parse_string
    from bibtexparser.middlewares import LatexDecodingMiddleware

    library = parse_string(text, append_middleware=[LatexDecodingMiddleware()])
    for block in library.failed_blocks:
        raise ValueError(f"bibtexparser cannot read {block.raw!r}")
    for entry in library.entries:
        yield entry["title"]


def normalised(title: str) -> str:
    """Return a title in the one form in which titles are compared."""
    pieces = []
    end = 0
    for formula in formulas(title):
        pieces += [title[end : formula.start()], formula_source(formula)]
        end = formula.end()
    text = _DETACHED_ACCENT.sub(r"\1", "".join([*pieces, title[end:]]))
    text = _ACCENTED.sub(lambda accent: _decoded(accent[0]), text)
    return _without_layout(_COMMAND.sub(_command, text))


def says_the_same(name: str, title: str, exported: str) -> bool:
    """Return whether a title that was exported in a format says the same as arXiv's."""
    parts = [part for part in read_parts(title, len(title)) if not isinstance(part, HtmlTag)]
    if name == "BibTeX" or not any(isinstance(part, Maths) for part in parts):
        return normalised(title) == normalised(exported)
    wanted = "".join(
        _COMMAND.sub(_command_of_formula, _SPACE.sub("", part.source))
        if isinstance(part, Maths)
        else part
        for part in parts
    )
    # A formula that cannot be converted is exported as its source.
    return _signs(wanted) == _signs(_COMMAND.sub(_command_of_formula, exported))


def _without_layout(text: str) -> str:
    for tex, character in _TYPOGRAPHY.items():
        text = text.replace(tex, character)
    return re.sub(r"[\s{}~]", "", unicodedata.normalize("NFKC", text))


def _command(command: re.Match[str]) -> str:
    name, sign = command.groups()
    if name is None:
        return sign if sign in "{}%&$#_|" else ""
    if name in _SETS_TYPE:
        return ""
    return _TEXT_SYMBOLS.get(name) or symbol_of(name).strip() or f"\\{name}"


def _command_of_formula(command: re.Match[str]) -> str:
    name = command[1]
    known = _ACCENTS.get(name) or _SYMBOLS.get(name)
    if known or name is None:
        return known or _command(command)
    is_layout = name in FORMULA_COMMANDS or name in PACKAGE_FORMULA_COMMANDS
    return symbol_of(name).strip() or ("" if is_layout else f"\\{name}")


def _signs(text: str) -> tuple[Counter[str], set[str]]:
    """Return the letters, digits and symbols of a text in normal form, and its accents."""
    plain = unicodedata.normalize("NFKD", text.replace(" choose ", "")).translate(_SAME_SIGNS)
    counts = Counter(
        c for c in plain if unicodedata.category(c)[0] in "LNS" and c not in _BY_POSITION
    )
    accents = {c for c in plain if unicodedata.combining(c)}
    return counts, {"\u0304" if accent == "\u0305" else accent for accent in accents}


@cache
def _decoded(tex: str) -> str:
    from pylatexenc.latex2text import LatexNodes2Text

    return str(LatexNodes2Text(math_mode="verbatim").latex_to_text(tex)).strip()


def main() -> None:
    """Compare the titles of snapshots and print the number of differences in each format."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("snapshots", metavar="SNAPSHOT", nargs="+", type=Path)
    parser.add_argument(
        "--show", type=int, default=10, help="differences to print (default: %(default)s)"
    )
    arguments = parser.parse_args()
    counts: Counter[str] = Counter()
    checked = 0
    for batch in _batches(arguments.snapshots):
        checked += len(batch)
        for one in differences(batch):
            counts[one.format] += 1
            if counts[one.format] <= arguments.show:
                print(f"{one.format} {one.paper_id}: {one.title!r}\n  {one.exported!r}")
    print(f"{checked:,} titles")
    for name in FORMATS:
        print(f"{name:<9} {counts[name]} differ")


def _batches(snapshots: Iterable[Path]) -> Iterator[list[Paper]]:
    papers = snapshot_papers(snapshots)
    while batch := list(islice(papers, _BATCH)):
        yield batch


if __name__ == "__main__":
    main()
