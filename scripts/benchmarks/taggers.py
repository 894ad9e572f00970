"""Compare the tagger with Annif's tfidf and omikuji, and with the nearest definition.

    python -m venv annif && annif/bin/pip install "annif[omikuji]==1.4.3"
    python -m scripts.benchmarks.taggers JUDGED DATA --annif annif/bin/annif

JUDGED is a file of judged papers, as for `seealso evaluate tags`. DATA is a data folder with the
papers to learn from, in which a tagger has been trained. Prints a line for each tagger: leaf
accuracy, section accuracy and macro-F1 (sure rows / all rows), the training time, and papers a
second. These are the figures of `classifier.evaluation` that do not depend on abstention, which
Annif does not have.

All taggers learn from the same papers, on leaves and out of scope, and from the descriptions of the
leaves. For Annif, each definition, and each subject that a leaf includes, is a document of the
leaf. A paper out of scope has no label, or in one variant the label "none".

- For seealso, the probability of a section is the sum over its leaves. For the others, the section
  is that of the best leaf, which mostly gives Annif better results.
- For each Annif backend, the analyzer is the one that gives better results on the judged rows.
  Everything else is Annif's default.
- omikuji is randomised: its macro-F1 varies by 0.02 from run to run.
- Annif's times are those of whole commands. From the time to suggest labels, the time for a single
  paper is subtracted. seealso's training time does not include embedding the papers of DATA.
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
    JudgedPaper,
    embed_judged,
    one_hot_best,
    predict_nearest_definition,
    read_judged,
    tag_figures,
)
from classifier.tagger import Tagger
from classifier.taxonomies.taxonomy import Taxonomy, load_taxonomy
from classifier.training.trainer import TaggerTrainer
from classifier.word_features import word_rows
from index.arrays import Floats
from index.catalogue.catalogue import Catalogue, read_catalogue
from index.catalogue.vectors import BoundVectors
from index.embedding.embedder import Embedder
from index.embedding.opening import open_embedder
from index.settings import load_settings

_ANALYZERS = {"tfidf": "snowball(english)", "omikuji": "simple"}
_NONE = "none"
# Annif splits sentences with NLTK's parameters. Writing untrained ones here saves a download.
_MAKE_PUNKT = """
import os, sys
from nltk.tokenize.punkt import PunktParameters, save_punkt_params
os.makedirs(sys.argv[1])
save_punkt_params(PunktParameters(), dir=sys.argv[1])
"""


@dataclass(frozen=True)
class TaggerResult:
    """The result of one tagger on the judged rows, and its speed."""

    name: str
    probabilities: Floats
    train_seconds: float
    papers_a_second: float


@dataclass(frozen=True)
class Document:
    """A text to learn from, with its leaves."""

    text: str
    leaves: tuple[str, ...]


def main() -> None:
    """Print a line for each tagger."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("judged", type=Path, help="judged papers, as for `seealso evaluate tags`")
    parser.add_argument("data", type=Path, help="data folder with the papers to learn from")
    parser.add_argument("--annif", type=Path, required=True, help="path of Annif's program")
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
        tagger, _ = TaggerTrainer.from_settings(catalogue, settings).train(taxonomy)
        train_seconds = time.perf_counter() - began
        annif = Annif(arguments.annif.absolute(), Path(work), taxonomy)
        print(describe(annif, taxonomy, papers, tagger))
        print("| | leaf accuracy | section accuracy | macro-F1 | training | papers/s |")
        print("|---|---:|---:|---:|---:|---:|")
        for result in annif_results(annif, taxonomy, papers, judged):
            print_line(result, taxonomy, judged)
        for result in vector_results(embedder, taxonomy, tagger, train_seconds, judged):
            print_line(result, taxonomy, judged)


def describe(annif: "Annif", taxonomy: Taxonomy, papers: Sequence[Document], tagger: Tagger) -> str:
    """Describe the training data, the programs and the machine."""
    on_leaves = sum(1 for paper in papers if paper.leaves)
    programs = ", ".join(
        f"{name} {version(name)}" for name in ("seealso", "scikit-learn", "openvino")
    )
    return (
        f"{on_leaves} papers on {len(taxonomy.leaves)} leaves, {len(papers) - on_leaves} out of "
        f"scope, {len(descriptions(taxonomy))} definitions and subjects; {annif.version()}; "
        f"{programs}, tagger {tagger.version}; Python {platform.python_version()}, "
        f"{os.cpu_count()} cores, {platform.machine()}\n"
    )


def print_line(result: TaggerResult, taxonomy: Taxonomy, judged: Sequence[JudgedPaper]) -> None:
    """Print a line of the table. Each figure is over the sure rows / over all rows."""
    leaves = [leaf.id for leaf in taxonomy.leaves]
    figures = tag_figures(taxonomy, leaves, judged, result.probabilities)
    cells = [
        f"{getattr(figures['sure'], name):.3f} / {getattr(figures['all'], name):.3f}"
        for name in ("leaf_accuracy", "section_accuracy", "macro_f1")
    ]
    times = f"{result.train_seconds:.1f} s | {result.papers_a_second:,.0f}"
    print(f"| {result.name} | {' | '.join(cells)} | {times} |", flush=True)


def papers_to_learn_from(
    catalogue: Catalogue, taxonomy: Taxonomy, vectors: BoundVectors
) -> list[Document]:
    """Return the papers that seealso's tagger learns from. One out of scope has no leaves."""
    labelled = labelled_papers(catalogue, taxonomy)
    numbers, _ = vectors.matrix(catalogue.numbers_of(labelled).values())
    papers = [entry.paper for entry in catalogue.entries(numbers).values()]
    return [Document(paper.text, taxonomy.leaves_below(labelled[paper.id])) for paper in papers]


def descriptions(taxonomy: Taxonomy) -> list[Document]:
    """Return documents: one per leaf definition and one per subject that a leaf includes."""
    return [
        Document(text, (leaf.id,))
        for leaf in taxonomy.leaves
        for text in (f"{leaf.title} {leaf.definition}", *leaf.includes)
    ]


class Annif:
    """Annif's command line, with a project for each backend in a folder of its own."""

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
        """Return the name and version of the program."""
        printed = subprocess.run(
            [self._program, "--version"], check=True, stdout=subprocess.PIPE, text=True
        )
        return f"Annif {printed.stdout.split()[-1]}"

    def train(self, backend: str, documents: Iterable[Document]) -> float:
        """Train a backend from scratch and return the seconds it took."""
        self._write("train.tsv", documents)
        return self._run("train", backend, "train.tsv")

    def scores(self, backend: str, texts: Sequence[str]) -> tuple[Floats, float]:
        """Return the scores, shape (texts, leaves), and the seconds it took to compute them."""
        self._write("texts.tsv", [Document(text, ()) for text in texts])
        limit = str(len(self._uris) + 1)
        output = ("-I", "-f", "-O", "suggestions.jsonl")
        seconds = self._run("index", backend, "texts.tsv", "-l", limit, *output)
        lines = (self._folder / "suggestions.jsonl").read_text().splitlines()
        scores = np.zeros((len(texts), len(self._uris)), np.float32)
        for row, line in zip(scores, lines, strict=True):
            by_uri = {result["uri"]: result["score"] for result in json.loads(line)["results"]}
            row[:] = [by_uri.get(uri, 0.0) for uri in self._uris.values()]
        return scores, seconds

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


def annif_results(
    annif: Annif, taxonomy: Taxonomy, papers: Sequence[Document], judged: Sequence[JudgedPaper]
) -> Iterator[TaggerResult]:
    """Train and measure each backend with three sets of documents."""
    definitions = descriptions(taxonomy)
    with_none = [replace(paper, leaves=paper.leaves or (_NONE,)) for paper in papers]
    training_sets = {
        "papers alone": papers,
        "with definitions and subjects": [*papers, *definitions],
        f'with these and a label "{_NONE}"': [*with_none, *definitions],
    }
    texts = [f"{row.title} {row.abstract}" for row in judged]
    for backend in _ANALYZERS:
        for name, documents in training_sets.items():
            train_seconds = annif.train(backend, documents)
            _, for_one = annif.scores(backend, texts[:1])
            scores, for_all = annif.scores(backend, texts)
            speed = (len(texts) - 1) / (for_all - for_one)
            yield TaggerResult(
                f"Annif {backend}, {name}", one_hot_best(scores), train_seconds, speed
            )


def vector_results(
    embedder: Embedder,
    taxonomy: Taxonomy,
    tagger: Tagger,
    train_seconds: float,
    judged: Sequence[JudgedPaper],
) -> Iterator[TaggerResult]:
    """Measure the nearest definition, which learns nothing, and seealso's tagger."""
    began = time.perf_counter()
    vectors = embed_judged(embedder, judged)
    embedded = time.perf_counter()
    nearest = predict_nearest_definition(embedder, taxonomy, vectors)
    compared = time.perf_counter()
    texts = [f"{row.title} {row.abstract}" for row in judged]
    words = word_rows(tagger.vocabulary, tagger.idf, texts)
    probabilities = tagger.leaf_probabilities(vectors, words)
    tagging = time.perf_counter() - compared
    yield TaggerResult("nearest definition", nearest, 0.0, len(judged) / (compared - began))
    speed = len(judged) / (embedded - began + tagging)
    yield TaggerResult("seealso", probabilities, train_seconds, speed)
    yield TaggerResult(
        "seealso, vectors available", probabilities, train_seconds, len(judged) / tagging
    )


if __name__ == "__main__":
    main()
