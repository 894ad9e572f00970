"""Our tagger beside Annif's tfidf and omikuji, and beside cosines to the definitions of the leaves.

    python -m venv annif && annif/bin/pip install "annif[omikuji]==1.4.3"
    python -m scripts.benchmarks.taggers JUDGED DATA --annif annif/bin/annif

JUDGED is a file as for `seealso evaluate tags`, DATA a data folder with the papers to learn from
and a trained tagger. All learn from the same: papers filed under leaves, papers that stand on no
shelf, and what the leaves say of themselves. To Annif each definition, and each subject that a leaf
includes, is a document of the leaf; a paper on no shelf has no label, or one of its own, "none".

Figures are `classifier.evaluation`'s that need no abstention, which Annif has not, on the sure rows
/ on all. Only our probabilities add up to a section's; elsewhere the section is the best leaf's,
with which Annif mostly fares better. Annif's analyzer is the better on the judged rows for each
backend; all else is as it comes. omikuji draws at random: its macro-F1 moves by 0.02 from run to
run. Annif's times are of whole commands, less that for one paper where it suggests; to train, ours
finds the vectors of papers in DATA.
"""

import argparse
import json
import os
import platform
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

import numpy as np

from classifier.corrections import labelled_papers
from classifier.evaluation.cross_validation import (
    Judged,
    all_on_best,
    by_definitions,
    embed_judged,
    read_judged,
    tag_figures,
)
from classifier.tagger import Tagger
from classifier.taxonomies.taxonomy import Taxonomy, load_taxonomy
from classifier.training.trainer import train_tagger
from classifier.word_features import word_rows
from index.arrays import Floats
from index.catalogue.catalogue import Catalogue, read_catalogue
from index.catalogue.vectors import BoundVectors
from index.embedding.embedder import Embedder
from index.embedding.opening import open_embedder
from index.settings import load_settings

_ANALYZERS = {"tfidf": "snowball(english)", "omikuji": "simple"}
_NONE = "none"
# Annif cuts sentences by NLTK's parameters; untrained ones, made here, save a download.
_MAKE_PUNKT = """
import os, sys
from nltk.tokenize.punkt import PunktParameters, save_punkt_params
os.makedirs(sys.argv[1])
save_punkt_params(PunktParameters(), dir=sys.argv[1])
"""


@dataclass(frozen=True)
class TaggerResult:
    """What one way makes of the judged rows, and in what time."""

    name: str
    probabilities: Floats
    train_seconds: float
    papers_a_second: float


@dataclass(frozen=True)
class Document:
    """A text to learn from, with the leaves it stands on."""

    text: str
    leaves: tuple[str, ...]


def main() -> None:
    """Print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("judged", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument(
        "--annif", type=Path, required=True, help="Its program, where it is installed"
    )
    arguments = parser.parse_args()
    settings = load_settings(os.environ, data=str(arguments.data))
    taxonomy = load_taxonomy()
    judged = read_judged(arguments.judged, taxonomy)
    with (
        read_catalogue(arguments.data) as catalogue,
        closing(open_embedder(settings)) as embedder,
        tempfile.TemporaryDirectory() as work,
    ):
        vectors = catalogue.vectors.of(embedder.identity)
        papers = papers_to_learn_from(catalogue, taxonomy, vectors)
        began = time.perf_counter()
        tagger, _ = train_tagger(catalogue, taxonomy, vectors, settings)
        train_seconds = time.perf_counter() - began
        annif = Annif(arguments.annif.absolute(), Path(work), taxonomy)
        print(about(annif, taxonomy, papers, tagger))
        print("| | leaf accuracy | section accuracy | macro-F1 | train | papers/s |")
        print("|---|---:|---:|---:|---:|---:|")
        for found in by_annif(annif, taxonomy, papers, judged):
            print_line(found, taxonomy, judged)
        for found in by_vectors(embedder, taxonomy, tagger, train_seconds, judged):
            print_line(found, taxonomy, judged)


def about(annif: "Annif", taxonomy: Taxonomy, papers: Sequence[Document], tagger: Tagger) -> str:
    """What is compared, with what, on what."""
    filed = sum(1 for paper in papers if paper.leaves)
    ours = ", ".join(f"{name} {version(name)}" for name in ("seealso", "scikit-learn", "openvino"))
    return (
        f"{filed} papers on {len(taxonomy.leaves)} leaves, {len(papers) - filed} on none, "
        f"{len(descriptions(taxonomy))} definitions and subjects; {annif.version()}; {ours}, "
        f"tagger {tagger.version}; Python {platform.python_version()}, "
        f"{os.cpu_count()} cores, {platform.machine()}\n"
    )


def print_line(found: TaggerResult, taxonomy: Taxonomy, judged: Sequence[Judged]) -> None:
    """A line of the table; each figure on the sure rows / on all."""
    leaves = [leaf.id for leaf in taxonomy.leaves]
    of = tag_figures(taxonomy, leaves, judged, found.probabilities)
    figures = [
        f"{getattr(of['sure'], name):.3f} / {getattr(of['all'], name):.3f}"
        for name in ("leaf_accuracy", "section_accuracy", "macro_f1")
    ]
    times = f"{found.train_seconds:.1f} s | {found.papers_a_second:,.0f}"
    print(f"| {found.name} | {' | '.join(figures)} | {times} |", flush=True)


def papers_to_learn_from(
    catalogue: Catalogue, taxonomy: Taxonomy, vectors: BoundVectors
) -> list[Document]:
    """The papers that our tagger learns from, with their leaves; none for one on no shelf."""
    labelled = labelled_papers(catalogue, taxonomy)
    held, _ = vectors.matrix(catalogue.numbers_of(labelled).values())
    papers = [entry.paper for entry in catalogue.entries(held).values()]
    return [Document(paper.text, taxonomy.leaves_below(labelled[paper.id])) for paper in papers]


def descriptions(taxonomy: Taxonomy) -> list[Document]:
    """What the leaves say of themselves: a definition each, and every subject included."""
    return [
        Document(text, (leaf.id,))
        for leaf in taxonomy.leaves
        for text in (f"{leaf.title} {leaf.definition}", *leaf.includes)
    ]


class Annif:
    """Annif's program, with its projects in a folder: a project for each backend."""

    def __init__(self, program: Path, folder: Path, taxonomy: Taxonomy) -> None:
        self._program = program
        self._folder = folder
        self._uris = {leaf.id: f"urn:leaf:{leaf.id}" for leaf in taxonomy.leaves}
        uris = [*self._uris.values(), f"urn:leaf:{_NONE}"]
        (folder / "vocab.tsv").write_text("".join(f"<{uri}>\t{uri}\n" for uri in uris))
        projects = (
            f"[{backend}]\nname={backend}\nlanguage=en\nbackend={backend}\nvocab=leaves\n"
            f"analyzer={analyzer}\nlimit={len(uris)}\n"
            for backend, analyzer in _ANALYZERS.items()
        )
        (folder / "projects.cfg").write_text("\n".join(projects))
        punkt = folder / "nltk/tokenizers/punkt_tab/english"
        subprocess.run([program.with_name("python"), "-c", _MAKE_PUNKT, punkt], check=True)
        self._run("load-vocab", "--language", "en", "leaves", "vocab.tsv")

    def version(self) -> str:
        """Its name and version."""
        printed = subprocess.run(
            [self._program, "--version"], check=True, stdout=subprocess.PIPE, text=True
        )
        return f"Annif {printed.stdout.split()[-1]}"

    def train(self, backend: str, documents: Iterable[Document]) -> float:
        """Train from nothing; the seconds that took."""
        self._write("train.tsv", documents)
        return self._run("train", backend, "train.tsv")

    def scores(self, backend: str, texts: Sequence[str]) -> tuple[Floats, float]:
        """Scores, shape (texts, leaves), and the seconds that took."""
        self._write("asked.tsv", [Document(text, ()) for text in texts])
        limit = str(len(self._uris) + 1)
        asked = ("index", backend, "asked.tsv", "-l", limit, "-I", "-f", "-O", "found.jsonl")
        seconds = self._run(*asked)
        lines = (self._folder / "found.jsonl").read_text().splitlines()
        found = np.zeros((len(texts), len(self._uris)), np.float32)
        for row, line in zip(found, lines, strict=True):
            given = {one["uri"]: one["score"] for one in json.loads(line)["results"]}
            row[:] = [given.get(uri, 0.0) for uri in self._uris.values()]
        return found, seconds

    def _write(self, name: str, documents: Iterable[Document]) -> None:
        with (self._folder / name).open("w", encoding="utf-8") as lines:
            for document in documents:
                uris = " ".join(f"<urn:leaf:{leaf}>" for leaf in document.leaves)
                lines.write(f"{' '.join(document.text.split())}\t{uris}\n")

    def _run(self, *arguments: str) -> float:
        began = time.perf_counter()
        subprocess.run(
            [self._program, *arguments],
            cwd=self._folder,
            env={**os.environ, "NLTK_DATA": str(self._folder / "nltk")},
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return time.perf_counter() - began


def by_annif(
    annif: Annif, taxonomy: Taxonomy, papers: Sequence[Document], judged: Sequence[Judged]
) -> Iterator[TaggerResult]:
    """Each backend, with less and more to learn from."""
    definitions = descriptions(taxonomy)
    with_none = [replace(paper, leaves=paper.leaves or (_NONE,)) for paper in papers]
    lessons = {
        "papers alone": papers,
        "with definitions and subjects": [*papers, *definitions],
        f'likewise, and a label "{_NONE}"': [*with_none, *definitions],
    }
    texts = [f"{row.title} {row.abstract}" for row in judged]
    for backend in _ANALYZERS:
        for lesson, documents in lessons.items():
            train_seconds = annif.train(backend, documents)
            _, for_one = annif.scores(backend, texts[:1])
            scores, for_all = annif.scores(backend, texts)
            speed = (len(texts) - 1) / (for_all - for_one)
            yield TaggerResult(
                f"Annif {backend}, {lesson}", all_on_best(scores), train_seconds, speed
            )


def by_vectors(
    embedder: Embedder,
    taxonomy: Taxonomy,
    tagger: Tagger,
    train_seconds: float,
    judged: Sequence[Judged],
) -> Iterator[TaggerResult]:
    """Cosines to definitions, for which nothing is learnt, and our tagger."""
    began = time.perf_counter()
    vectors = embed_judged(embedder, judged)
    embedded = time.perf_counter()
    nearest = by_definitions(embedder, taxonomy, vectors)
    compared = time.perf_counter()
    texts = [f"{row.title} {row.abstract}" for row in judged]
    rows = word_rows(tagger.vocabulary, tagger.idf, texts)
    probabilities = tagger.leaf_probabilities(vectors, rows)
    tagging = time.perf_counter() - compared
    zero_shot = "cosine to the leaf's definition"
    yield TaggerResult(zero_shot, nearest, 0.0, len(judged) / (compared - began))
    speed = len(judged) / (embedded - began + tagging)
    yield TaggerResult("seealso", probabilities, train_seconds, speed)
    yield TaggerResult(
        "seealso, vectors at hand", probabilities, train_seconds, len(judged) / tagging
    )


if __name__ == "__main__":
    main()
