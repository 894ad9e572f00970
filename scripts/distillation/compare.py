"""Compare two encoders on reading lists and judged papers, pair by pair.

    python -m scripts.distillation.compare lists DATA OTHER topical.json
    python -m scripts.distillation.compare judged MODEL OTHER --csfcube FOLDER --cisi FOLDER \
        --survey FILE

`lists` compares two data folders with the same papers and vectors of two models: recall at 20 on
headings of reading lists (see `seealso evaluate groups`), by vectors alone and with all signals.

`judged` embeds judged papers with two models, and compares the ranking of seealso on the data that
are given: CSFCube (nDCG at 20 %, average precision), CISI (average precision of documents and of
questions) and the leaves of a survey (recall at 20 of the other papers of the same leaf).

Each line has the mean with both, and the mean gain of the other one with its 95 % interval, from a
bootstrap over lists, or over rows if there are no lists.
"""

import argparse
import json
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from index.arrays import Floats, Rows, unit
from index.catalogue.catalogue import read_catalogue
from index.embedding.embedder import Embedder, embed_papers, embed_text
from index.embedding.opening import open_embedder
from index.evaluation.groups import (
    DEPTH,
    bootstrap_over_lists,
    evenly_spaced,
    groups_in_release,
    listed_rows,
    recall,
)
from index.evaluation.rankings import average_precision, measure_rankings, read_judged
from index.lists.finder import RelatedFinder
from index.releases.current import CurrentRelease
from index.search.nearness import Nearness
from index.settings import load_settings

_AT = 20
_FEWEST = 5  # papers of a leaf
_ROWS = 2_000  # rows of vectors that are read at a time

Figures = dict[str, tuple[Floats, list[str]]]
"""Values by measure, each with the list, or the row, that it belongs to."""


def main() -> None:
    """Print a line for each measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    commands = parser.add_subparsers(dest="command", required=True)
    lists = commands.add_parser("lists", help="compare two data folders on reading lists")
    lists.add_argument("data", type=Path)
    lists.add_argument("other", type=Path)
    lists.add_argument("groups", type=Path, help="headings, as for `seealso evaluate groups`")
    judged = commands.add_parser("judged", help="compare two models on judged papers")
    judged.add_argument("model")
    judged.add_argument("other")
    judged.add_argument("--csfcube", type=Path, help="folder of papers.jsonl.gz and judgements")
    judged.add_argument("--cisi", type=Path, help="folder of papers.jsonl and queries.jsonl")
    judged.add_argument("--survey", type=Path, help="papers with taxonomy_path, as JSON Lines")
    arguments = parser.parse_args()
    if arguments.command == "lists":
        ours, theirs = (
            list_figures(data, arguments.groups) for data in (arguments.data, arguments.other)
        )
    else:
        ours, theirs = (
            judged_figures(model, arguments.csfcube, arguments.cisi, arguments.survey)
            for model in (arguments.model, arguments.other)
        )
    for line in paired(ours, theirs):
        print(line)


def paired(ours: Figures, theirs: Figures) -> Iterator[str]:
    """Yield a line for each measure; both must have the same rows in the same order."""
    for measure, (values, lists) in ours.items():
        others, other_lists = theirs[measure]
        if lists != other_lists:
            raise ValueError(f"{measure}: the two were measured on different rows")
        gains = others - values
        low, high = bootstrap_over_lists(gains, lists)
        yield (
            f"| {measure} | {values.mean():.3f} | {others.mean():.3f} "
            f"| {gains.mean():+.3f} [{low:+.3f}, {high:+.3f}] | {len(values)} |"
        )


def list_figures(data: Path, groups: Path) -> Figures:
    """Return the recall of each heading, by vectors alone and with all signals."""
    alone, full, lists = [], [], []
    with read_catalogue(data) as catalogue:
        finder = RelatedFinder(catalogue, CurrentRelease(data).get())
        vectors = all_vectors(finder.nearness)
        for group, rows in groups_in_release(finder, groups):
            queries = [rows[paper] for paper in evenly_spaced(sorted(rows))]
            members = set(rows.values())
            by_vector, by_all = [], []
            for row in queries:
                near = nearest_rows(vectors @ vectors[row], row)
                by_vector.append(recall(near, members - {row}, _AT))
                listed = listed_rows(finder, row, DEPTH)[:_AT]
                by_all.append(recall(listed, members - {row}, _AT))
            alone.append(float(np.mean(by_vector)))
            full.append(float(np.mean(by_all)))
            lists.append(group.reading_list)
    return {
        "headings, vectors alone": (np.array(alone), lists),
        "headings, all signals": (np.array(full), lists),
    }


def all_vectors(nearness: Nearness) -> Floats:
    """Return the vectors of a release, shape (papers, dimension)."""
    rows = [
        np.arange(start, min(start + _ROWS, len(nearness)))
        for start in range(0, len(nearness), _ROWS)
    ]
    return np.concatenate([nearness.vectors.vectors(part) for part in rows])


def nearest_rows(similarities: Floats, itself: int) -> list[int]:
    """Return the rows with the largest similarities, best first, without one row."""
    order = np.argsort(-similarities, kind="stable")[: _AT + 1]
    return [int(row) for row in order if row != itself][:_AT]


def judged_figures(
    model: str, csfcube: Path | None, cisi: Path | None, survey: Path | None
) -> Figures:
    """Return the figures of a model on the data that are given."""
    settings = replace(load_settings(os.environ), model=model)
    figures: Figures = {}
    with closing(open_embedder(settings)) as embedder:
        if csfcube:
            figures |= _csfcube(embedder, csfcube)
        if cisi:
            figures |= _cisi(embedder, cisi)
        if survey:
            figures |= _survey(embedder, survey)
    return figures


def _csfcube(embedder: Embedder, folder: Path) -> Figures:
    judged = read_judged(folder / "papers.jsonl.gz", folder / "judgements-dev.jsonl")
    vectors = embed_papers(embedder, judged.texts)
    nearness = _nearness(vectors, judged.texts)

    def by_all(query: int, rows: Rows) -> Floats:
        return nearness.similarities(nearness.seed(query), rows)

    alone = measure_rankings(judged.rows, lambda query, rows: vectors[rows] @ vectors[query])
    full = measure_rankings(judged.rows, by_all)
    rows = [str(row) for row in range(len(judged.rows))]
    return {
        "CSFCube, vectors alone, nDCG": (alone.ndcg, rows),
        "CSFCube, vectors alone, MAP": (alone.precision, rows),
        "CSFCube, all signals, nDCG": (full.ndcg, rows),
        "CSFCube, all signals, MAP": (full.precision, rows),
    }


def _cisi(embedder: Embedder, folder: Path) -> Figures:
    papers = _json_lines(folder / "papers.jsonl")
    texts = [(paper["title"], paper["abstract"]) for paper in papers]
    place = {paper["id"]: row for row, paper in enumerate(papers)}
    vectors = embed_papers(embedder, texts)
    nearness = _nearness(vectors, texts)
    found = defaultdict[str, list[float]](list)
    for query in _json_lines(folder / "queries.jsonl"):
        if query["kind"] == "question":
            vector = embed_text(embedder, query["text"])
        else:
            vector = embed_papers(embedder, [(query["title"], query["text"])])[0]
        seed = nearness.text_seed(vector, f"{query['title']} {query['text']}".strip())
        relevant = {place[paper] for paper in query["relevant"]}
        everything = np.arange(len(texts))
        for name, similarities in (
            ("vectors alone", vectors @ vector),
            ("all signals", nearness.similarities(seed, everything)),
        ):
            order = np.argsort(-similarities, kind="stable").tolist()
            grades = [2 if row in relevant else 0 for row in order]
            found[f"CISI, {query['kind']}s, {name}, MAP"].append(average_precision(grades))
    return {
        name: (np.array(values), [str(row) for row in range(len(values))])
        for name, values in found.items()
    }


def _survey(embedder: Embedder, path: Path) -> Figures:
    papers = [paper for paper in _json_lines(path) if paper.get("abstract")]
    texts = [(paper["title"], paper["abstract"]) for paper in papers]
    leaves = defaultdict[str, set[int]](set)
    for row, paper in enumerate(papers):
        leaves[" > ".join(paper["taxonomy_path"])].add(row)
    vectors = embed_papers(embedder, texts)
    nearness = _nearness(vectors, texts)
    alone, full, of = [], [], []
    for leaf, members in leaves.items():
        if len(members) < _FEWEST:
            continue
        for row in sorted(members):
            others = members - {row}
            alone.append(recall(nearest_rows(vectors @ vectors[row], row), others, _AT))
            similarities = nearness.similarities(nearness.seed(row), np.arange(len(texts)))
            full.append(recall(nearest_rows(similarities, row), others, _AT))
            of.append(leaf)
    return {
        "survey's leaves, vectors alone": (np.array(alone), of),
        "survey's leaves, all signals": (np.array(full), of),
    }


def _nearness(vectors: Floats, texts: Sequence[tuple[str, str]]) -> Nearness:
    no_days = np.zeros(len(texts), np.int32)
    return Nearness.build(unit(vectors), texts, no_days, exact_up_to=len(texts))


def _json_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    main()
