"""FAISS and Milvus side by side: the same papers, the same questions, in turns.

    python -m scripts.benchmarks.milvus_server SOURCE milvus://HOST:19530/NAME [--papers 20000]

SOURCE is a data folder with embedded papers, of which a corpus is made
(scripts/benchmarks/synthetic_corpus.py) in a temporary folder. It is released once with FAISS and once
in Milvus, asked, and released again after a night's papers. What is true is told by looking at
every paper. The collection stays in Milvus.
"""

import argparse
import os
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import faiss
import numpy as np

from index.catalogue.catalogue import Catalogue, open_catalogue, read_catalogue
from index.embedding.identity import ModelIdentity
from index.embedding.opening import identity_in_force
from index.lists.finder import RelatedFinder
from index.lists.options import ListOptions
from index.lists.selection import Selection
from index.milvus_address import MilvusAddress
from index.releases.building import build_release
from index.releases.current import CurrentRelease
from index.releases.release import Release
from index.settings import load_settings
from scripts.benchmarks.large_corpus import by_vector, drawn_ids, drawn_rows, exactly, report
from scripts.benchmarks.synthetic_corpus import make_corpus, make_night

_WARMING, _ASKED, _JUDGED = 10, 150, 40
_NIGHT = 150, 100  # new papers, and new texts of old ones
_CATEGORY = ListOptions(selection=Selection(categories=("cs.CL",)))
_EXACT_UP_TO, _KEEP = 50_000, 2


def main() -> None:
    """Release, ask, and print a line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("source", type=Path)
    parser.add_argument("address", type=MilvusAddress.parse)
    parser.add_argument("--papers", type=int, default=20_000)
    arguments = parser.parse_args()
    faiss.omp_set_num_threads(1)
    identity = identity_in_force(load_settings(os.environ, data=str(arguments.source)))
    patient = replace(arguments.address, seconds=60)
    with TemporaryDirectory() as folder:
        homes = {Path(folder) / "FAISS": None, Path(folder) / "Milvus": patient}
        one, other = homes
        make_corpus(arguments.source, one, identity, arguments.papers)
        shutil.copytree(one, other)
        for data, index in homes.items():
            release(data, identity, index, "the first release")
        with read_catalogue(one) as catalogue:
            both = {data.name: CurrentRelease(data).get() for data in homes}
            latencies(catalogue, both)
            truth(catalogue, both)
        for data, index in homes.items():
            make_night(data, identity, *_NIGHT)
            release(data, identity, index, f"the release of {_NIGHT[0]} new and {_NIGHT[1]} texts")


def release(data: Path, identity: ModelIdentity, index: MilvusAddress | None, what: str) -> None:
    """Build a release and print how long that took."""
    began = time.monotonic()
    with open_catalogue(data) as catalogue:
        build_release(catalogue, identity, data, _EXACT_UP_TO, _KEEP, index)
    print(f"{data.name}, {what}: {time.monotonic() - began:.1f} s", flush=True)


def latencies(catalogue: Catalogue, both: dict[str, Release]) -> None:
    """Ask each the same, one after the other."""
    first = next(iter(both.values()))
    rows = drawn_rows(first)[: _WARMING + _ASKED]
    ids = drawn_ids(catalogue, first)[: _WARMING + _ASKED]
    finders = {name: RelatedFinder(catalogue, held) for name, held in both.items()}
    in_turns("vector side", {n: partial(by_vector, r.nearness) for n, r in both.items()}, rows)
    in_turns("list", {name: finder.related for name, finder in finders.items()}, ids)
    allowed = finders["FAISS"].allowed(_CATEGORY)
    assert allowed is not None
    narrow = {n: partial(_narrowly, finder) for n, finder in finders.items()}
    in_turns(f"list among the {len(allowed.rows):,} of cs.CL", narrow, ids[: _WARMING + _JUDGED])


def _narrowly(finder: RelatedFinder, paper_id: str) -> object:
    return finder.related(paper_id, _CATEGORY)


def in_turns(
    what: str, asked: Mapping[str, Callable[..., object]], questions: Sequence[object]
) -> None:
    """Put each question to each; print what the answers took."""
    times: dict[str, list[float]] = {name: [] for name in asked}
    for question in questions:
        for name, ask in asked.items():
            began = time.perf_counter()
            ask(question)
            times[name].append(1000 * (time.perf_counter() - began))
    for name, taken in times.items():
        report(f"{name}, {what}", taken[_WARMING:])


def truth(catalogue: Catalogue, both: dict[str, Release]) -> None:
    """How many of the true ten nearest each finds, by vector and by the whole ranking."""
    for name, held in both.items():
        rows = drawn_rows(held)[:_JUDGED]
        seeds = [held.nearness.seed(row) for row in rows]
        by_vectors, lists = exactly(both["FAISS"].nearness, seeds, rows)
        recall = [
            len({*exact} & {*by_vector(held.nearness, row)}) / len(exact)
            for row, exact in zip(rows, by_vectors, strict=True)
        ]
        finder = RelatedFinder(catalogue, held)
        same = [
            near.row == row
            for seed, at, exact in zip(seeds, rows, lists, strict=True)
            for near, row in zip(
                finder.nearest_not_withdrawn(seed, 10, np.array([at])), exact, strict=True
            )
        ]
        print(f"{name}, recall@10 of the vector side: {np.mean(recall):.4f}")
        print(f"{name}, first ten as in the exact ranking: {sum(same)} of {len(same)} places")


if __name__ == "__main__":
    main()
