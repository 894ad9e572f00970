"""Count the papers and authors found by words with accents, as written and plainly typed.

    python -m scripts.benchmarks.queries.accents SNAPSHOT... [--names SNAPSHOT]

All papers of the snapshots are stored in a temporary catalogue, which is timed. Then:

- each title or abstract that has a word with a TeX accent must be found by that word, decoded by
  pylatexenc, and by the word without accents;
- each author of the papers of `--names` (by default the bundled sample) whose name has letters
  outside ASCII, hyphens or apostrophes must be found by the name as arXiv spells it, and by the
  same name in plain letters; so must 500 others.

The decoding here is not that of `index.arxiv.tex.folding`, so the two check each other.
"""

import argparse
import random
import re
import time
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from pylatexenc.latex2text import LatexNodes2Text

from index.arxiv.paper import Paper
from index.catalogue.catalogue import Catalogue, open_catalogue
from ingest.snapshot.records import SAMPLE, snapshot_papers

_ACCENT = (
    r"""\\(?:['"`^~=.]|[uvHcdbkr](?![A-Za-z])|(?:ss|o|O|l|L|ae|AE|oe|OE|aa|AA|i)(?![A-Za-z]))"""
)
_WORD = re.compile(rf"(?<![\w\\$}}{{])[A-Za-z{{]*{_ACCENT}[A-Za-z{{}}\\'\"`^~=.]*(?: [a-z}}]+)?")
_PLAIN = str.maketrans(
    {**dict(zip("łŁøØđĐðÐıħ", "lLoOdDdDih", strict=True)), "ß": "ss", "æ": "ae", "Æ": "Ae"}
    | {"œ": "oe", "Œ": "Oe", "þ": "th", "Þ": "Th", "’": "'", "‐": "-"}
)


def main() -> None:
    """Store the papers, then report shares and times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("snapshots", nargs="+", type=Path)
    parser.add_argument("--names", type=Path, default=SAMPLE)
    arguments = parser.parse_args()
    with TemporaryDirectory() as folder, open_catalogue(Path(folder)) as catalogue:
        count, seconds = _store(catalogue, arguments.snapshots)
        print(f"stored {count:,} papers in {seconds:.1f} s of processor time")
        size = sum(file.stat().st_size for file in Path(folder).glob("catalogue.db*"))
        print(f"the catalogue has {size / 1e6:.0f} MB")
        _count_words(catalogue, snapshot_papers(arguments.snapshots))
        _store(catalogue, [arguments.names])
        _count_names(catalogue, list(snapshot_papers([arguments.names])))


def _store(catalogue: Catalogue, snapshots: Iterable[Path]) -> tuple[int, float]:
    """Store all papers; return how many, and the seconds without reading the files."""
    count, seconds = 0, 0.0
    with catalogue.bulk():
        papers = snapshot_papers(snapshots)
        while batch := list(islice(papers, 5_000)):
            with _timed() as took:
                catalogue.store(batch)
            count += len(batch)
            seconds += took[0]
    return count, seconds


def _count_words(catalogue: Catalogue, papers: Iterable[Paper]) -> None:
    decoder = LatexNodes2Text(math_mode="verbatim", keep_comments=True)
    found = {"the word": 0, "the plain word": 0}
    missed: list[str] = []
    count, every, spent = 0, 0, 0.0
    for paper in papers:
        every += 1
        word = _first_accented_word(decoder, paper.text)
        if not word:
            continue
        count += 1
        [number] = catalogue.numbers_of([paper.id]).values()
        for kind, query in (("the word", word), ("the plain word", _plain(word))):
            with _timed() as took:
                hits = catalogue.full_text.with_phrases([query])
            spent += took[0]
            found[kind] += number in hits
            if number not in hits:
                missed.append(f"{paper.id} {query}")
    print(f"{count:,} of {every:,} papers have a word with a TeX accent; found by")
    for kind, hits_of_kind in found.items():
        print(f"  {kind}: {hits_of_kind:,} ({hits_of_kind / max(1, count):.1%})")
    print(f"  {1000 * spent / max(1, 2 * count):.2f} ms a search; missed: {missed[:8]}")


def _first_accented_word(decoder: LatexNodes2Text, text: str) -> str:
    """Return the first word with a TeX accent, decoded; "" if it has none, or is in a formula."""
    outside = re.sub(r"\$[^$]*\$", " ", text)
    for match in _WORD.finditer(outside):
        source = match[0]
        if source.count("{") != source.count("}") or (" " in source and "}" not in source[-3:]):
            source = source.split(" ")[0]
        if source.count("{") != source.count("}"):
            continue
        decoded = decoder.latex_to_text(source).strip()
        if decoded.isalpha() and not decoded.isascii() and len(decoded) > 2:
            return str(decoded)
    return ""


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def _count_names(catalogue: Catalogue, papers: Iterable[Paper]) -> None:
    names = {name: paper.id for paper in papers for name in paper.authors}
    special = {name: paper_id for name, paper_id in names.items() if not name.isascii()}
    joined = {
        name: names[name] for name in names.keys() - special.keys() if re.search(r"\w['-]\w", name)
    }
    others = sorted(names.keys() - special.keys() - joined.keys())
    chosen = random.Random(0).sample(others, min(500, len(others)))  # noqa: S311 - no secret
    print(f"{len(names):,} names")
    _report_names(catalogue, "with letters outside ASCII, as written", special.items())
    _report_names(catalogue, "in plain letters", ((_plain(n), i) for n, i in special.items()))
    _report_names(catalogue, "with hyphens or apostrophes, as written", joined.items())
    without = {re.sub("['-]", "", name): paper_id for name, paper_id in joined.items()}
    _report_names(catalogue, "without them", without.items())
    _report_names(catalogue, "others", ((name, names[name]) for name in chosen))


def _report_names(catalogue: Catalogue, what: str, names: Iterable[tuple[str, str]]) -> None:
    count, found, spent = 0, 0, 0.0
    missed: list[str] = []
    for name, paper_id in names:
        count += 1
        [number] = catalogue.numbers_of([paper_id]).values()
        with _timed() as took:
            is_found = number in catalogue.numbers_by_authors([name])
        spent += took[0]
        found += is_found
        missed += [] if is_found else [name]
    milliseconds = 1000 * spent / max(1, count)
    print(f"{what}: {found:,} of {count:,} ({milliseconds:.2f} ms); missed: {missed[:12]}")


@contextmanager
def _timed() -> Iterator[list[float]]:
    took: list[float] = []
    started = time.process_time()
    yield took
    took.append(time.process_time() - started)


if __name__ == "__main__":
    main()
