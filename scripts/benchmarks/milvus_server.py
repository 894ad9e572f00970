"""Compare FAISS with Milvus: build time, query time and recall over the same papers.

    python -m scripts.benchmarks.milvus_server SOURCE milvus://HOST:19530/NAME [--papers 20000]

SOURCE is a data folder with embedded papers. A corpus is made from them in a temporary folder
(scripts/benchmarks/synthetic_corpus.py) and released once with FAISS and once in Milvus. Both
engines get the same queries in turn. Recall compares lists with a ranking of all papers. Then the
papers of a nightly run are added and released again. The collection stays in Milvus.
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
from index.embedding.opening import configured_identity
from index.lists.filters import Filters
from index.lists.finder import RelatedFinder
from index.lists.options import ListOptions
from index.milvus_address import MilvusAddress
from index.releases.building import ReleaseBuilder
from index.releases.contents import ReleaseContents
from index.releases.current import CurrentRelease
from index.releases.release import Release
from index.settings import load_settings
from scripts.benchmarks.large_corpus import (
    exact_nearest,
    nearest_by_vector,
    print_times,
    random_ids,
    random_rows,
)
from scripts.benchmarks.synthetic_corpus import make_corpus, store_nightly_papers

_WARM_UP, _TIMED, _COMPARED = 10, 150, 40
_NEW, _REVISED = 150, 100
_CATEGORY = ListOptions(filters=Filters(categories=("cs.CL",)))
_EXACT_UP_TO, _KEEP = 50_000, 2
_TIMEOUT = 60  # seconds for a request to Milvus


def main() -> None:
    """Build releases, run queries, and print a line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("source", type=Path, help="data folder with embedded papers")
    parser.add_argument(
        "address",
        type=MilvusAddress.parse,
        help="address and collection, as in SEEALSO_INDEX",
    )
    parser.add_argument(
        "--papers", type=int, default=20_000, help="size of the corpus (default: %(default)s)"
    )
    arguments = parser.parse_args()
    faiss.omp_set_num_threads(1)
    identity = configured_identity(load_settings(os.environ, data=str(arguments.source)))
    address = replace(arguments.address, seconds=_TIMEOUT)
    with TemporaryDirectory() as folder:
        with_faiss, with_milvus = Path(folder) / "FAISS", Path(folder) / "Milvus"
        engines = {with_faiss: None, with_milvus: address}
        make_corpus(arguments.source, with_faiss, identity, arguments.papers)
        shutil.copytree(with_faiss, with_milvus)
        for data, index in engines.items():
            build(data, identity, index, "first release")
        with read_catalogue(with_faiss) as catalogue:
            releases = {data.name: CurrentRelease(data).get() for data in engines}
            compare_times(catalogue, releases)
            compare_recall(catalogue, releases)
        for data, index in engines.items():
            store_nightly_papers(data, identity, _NEW, _REVISED)
            build(data, identity, index, f"release after {_NEW} new papers and {_REVISED} texts")


def build(data: Path, identity: ModelIdentity, index: MilvusAddress | None, name: str) -> None:
    """Build a release and print how long that took."""
    began = time.monotonic()
    with open_catalogue(data) as catalogue:
        contents = ReleaseContents.read(catalogue, catalogue.vectors.of(identity))
        ReleaseBuilder(data, _EXACT_UP_TO, _KEEP, index).build(contents)
    print(f"{data.name}, {name}: {time.monotonic() - began:.1f} s", flush=True)


def compare_times(catalogue: Catalogue, releases: dict[str, Release]) -> None:
    """Time vector searches, lists, and lists with a filter on a category."""
    first = next(iter(releases.values()))
    rows = random_rows(first)[: _WARM_UP + _TIMED]
    ids = random_ids(catalogue, first)[: _WARM_UP + _TIMED]
    finders = {name: RelatedFinder(catalogue, release) for name, release in releases.items()}
    by_vector = {n: partial(nearest_by_vector, r.nearness) for n, r in releases.items()}
    run_in_turn("vector search", by_vector, rows)
    run_in_turn("list", {name: finder.related for name, finder in finders.items()}, ids)
    allowed = finders["FAISS"].allowed(_CATEGORY)
    assert allowed is not None
    filtered = {name: partial(_filtered_list, finder) for name, finder in finders.items()}
    name = f"list among the {len(allowed.rows):,} papers of cs.CL"
    run_in_turn(name, filtered, ids[: _WARM_UP + _COMPARED])


def _filtered_list(finder: RelatedFinder, paper_id: str) -> object:
    return finder.related(paper_id, _CATEGORY)


def run_in_turn(
    name: str, functions: Mapping[str, Callable[..., object]], arguments: Sequence[object]
) -> None:
    """Call every function with each argument, in turn, and print the times by engine."""
    times: dict[str, list[float]] = {engine: [] for engine in functions}
    for argument in arguments:
        for engine, function in functions.items():
            began = time.perf_counter()
            function(argument)
            times[engine].append(1000 * (time.perf_counter() - began))
    for engine, milliseconds in times.items():
        print_times(f"{engine}, {name}", milliseconds[_WARM_UP:])


def compare_recall(catalogue: Catalogue, releases: dict[str, Release]) -> None:
    """Print how many of the ten nearest each engine finds, by vector and by full similarity."""
    for engine, release in releases.items():
        rows = random_rows(release)[:_COMPARED]
        seeds = [release.nearness.seed(row) for row in rows]
        exact_by_vector, exact_lists = exact_nearest(releases["FAISS"].nearness, seeds, rows)
        recalls = [
            len({*exact} & {*nearest_by_vector(release.nearness, row)}) / len(exact)
            for row, exact in zip(rows, exact_by_vector, strict=True)
        ]
        finder = RelatedFinder(catalogue, release)
        equal = [
            hit.row == row
            for seed, own_row, exact in zip(seeds, rows, exact_lists, strict=True)
            for hit, row in zip(
                finder.nearest_not_withdrawn(seed, 10, np.array([own_row])), exact, strict=True
            )
        ]
        print(f"{engine}, recall@10 of the vector search: {np.mean(recalls):.4f}")
        print(f"{engine}, first ten as in the exact ranking: {sum(equal)} of {len(equal)}")


if __name__ == "__main__":
    main()
