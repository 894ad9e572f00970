"""Calculate what a corpus of any size needs: memory, disk, time and machines.

    python -m scripts.planning.plan_scale [PAPERS ...]

PAPERS are corpus sizes, by default 3*10^6, 10^8 and 10^9. Prints the tables of docs/scale.md: the
plans, the figures used with their sources, and the papers that fit a machine's memory.

Plans are calculated, not measured. Each figure was measured at the size that its source names and
is extrapolated from there. Most quantities grow in proportion to the number of papers N. The time
to fill partitions and to find neighbours grows with N times the root of N: an index has about 4
times the root of N partitions, and 32 of them are read for each paper. Times are those of two
cores. More cores divide the time for embedding and most of the time for a release.

- A nightly run has 2,500 papers per 3,000,000, which is arXiv's proportion.
- Three releases are on disk at once: two are kept while one is written.
- With Milvus, vectors are on query nodes, with the links of HNSW, instead of in releases and in
  serving memory. The first release is still computed in memory (docs/milvus.md).
- A corpus too large for one machine's memory is divided into data folders of equal size, each on a
  machine of its own.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Literal

Engine = Literal["FAISS", "Milvus"]

_SIZES = 3_000_000, 100_000_000, 1_000_000_000
_MEASURED = 3_000_000  # papers with which the release and its memory were measured
_DIMENSION, _LINKS = 384, 16  # of a vector; HNSW's M
_RELEASES = 3
_NIGHTLY_SHARE = 2_500 / _MEASURED  # new and revised papers of a nightly run
_WEEK, _DAY = 7 * 86_400, 86_400
_BOTH_ENGINES_FROM = 100_000_000  # papers; from this size, both engines are planned


@dataclass(frozen=True, slots=True)
class Figure:
    """A value, its unit, and its source."""

    value: float
    unit: str
    source: str


_AT_SIZE = "measured.md, lists at arXiv's size"
_CATALOGUE = "below, the catalogue of 3,000,000 papers"
_SAVED = 1_160 - 488  # bytes of a vector, since the measurement
_LESS = "672 bytes a paper less than"


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures from which a plan is calculated."""

    catalogue: Figure = Figure(5_096, "bytes a paper", _CATALOGUE)
    release: Figure = Figure(2_700 - _SAVED, "bytes a paper", f"measured.md, disk: {_LESS} 2,700")
    serving: Figure = Figure(
        5.8 * 2**30 / _MEASURED - _SAVED, "bytes a paper", f"{_AT_SIZE}: {_LESS} 5.8 GiB"
    )
    building: Figure = Figure(11.7e9 / _MEASURED, "bytes a paper", f"{_AT_SIZE}: 11.7 GB")
    storing: Figure = Figure(6_600, "papers a second", "measured.md, nightly run and first load")
    embedding: Figure = Figure(38.6, "papers a second", "measured.md, embedding")
    tagging: Figure = Figure(20_900, "papers a second", "measured.md, tagging")
    words: Figure = Figure(362 + 96 + 52, "s", f"{_AT_SIZE}: words, training, other steps")
    neighbours: Figure = Figure(125 + 1_372 + 105, "s", f"{_AT_SIZE}: filling and neighbours")
    nightly_storing: Figure = Figure(
        2_500 / 8, "papers a second", f"{_AT_SIZE}: texts of a nightly run"
    )
    nightly_lookup: Figure = Figure(6.3, "s a million papers", f"{_CATALOGUE}: texts and tags")
    nightly_release: Figure = Figure(107, "s", f"{_AT_SIZE}: release of a nightly run")
    machine: Figure = Figure(512, "GB of memory", "assumed: a large ordinary server")
    filled: Figure = Figure(0.7, "of a query node's memory", "assumed: the rest is working space")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a corpus needs: bytes, and seconds on two cores."""

    papers: int
    engine: Engine
    catalogue: float
    releases: float
    in_milvus: float
    serving: float
    building: float
    folders: int
    query_nodes: int
    storing: float
    embedding: float
    tagging: float
    release: float
    nightly_run: float

    @property
    def embedding_setting(self) -> str:
        """The command to embed with: on one machine if that takes at most a week."""
        return "`seealso update`" if self.embedding <= _WEEK else "`seealso update --ray`"

    @property
    def index_setting(self) -> str:
        """The setting for the vectors."""
        return "FAISS (the default)" if self.engine == "FAISS" else "`SEEALSO_INDEX=milvus://…`"


def vector_bytes_in_release() -> int:
    """Return the bytes of a vector in a release.

    They are 8 bits per dimension (scores), 2 bits per dimension (search), and 8 bytes (row number).
    """
    return _DIMENSION + _DIMENSION // 4 + 8


def vector_bytes_in_hnsw() -> int:
    """Return the bytes of a vector in an HNSW index.

    The formula is that of FAISS's wiki, "Guidelines to choose an index".
    """
    return 4 * _DIMENSION + 2 * 4 * _LINKS


def calculate_plan(papers: int, engine: Engine, measured: Measured) -> Plan:
    """Calculate what a corpus needs."""
    moved = vector_bytes_in_release() if engine == "Milvus" else 0
    on_nodes = papers * vector_bytes_in_hnsw() if engine == "Milvus" else 0
    building = papers * measured.building.value
    folders = ceil(building / (measured.machine.value * 1e9))
    factor = papers / _MEASURED / folders
    new = papers * _NIGHTLY_SHARE
    return Plan(
        papers=papers,
        engine=engine,
        catalogue=papers * measured.catalogue.value,
        releases=_RELEASES * papers * (measured.release.value - moved),
        in_milvus=on_nodes,
        serving=papers * (measured.serving.value - moved),
        building=building,
        folders=folders,
        query_nodes=ceil(on_nodes / (measured.filled.value * measured.machine.value * 1e9)),
        storing=papers / folders / measured.storing.value,
        embedding=papers / measured.embedding.value,
        tagging=papers / folders / measured.tagging.value,
        release=factor * measured.words.value + factor**1.5 * measured.neighbours.value,
        nightly_run=new / measured.embedding.value
        + new / folders / measured.nightly_storing.value
        + papers / folders / 1e6 * measured.nightly_lookup.value
        + factor * measured.nightly_release.value,
    )


def max_papers(memory: float, measured: Measured) -> int:
    """Return the size of the largest corpus whose release can be built in `memory` bytes."""
    return int(memory / measured.building.value)


def calculate_plans(sizes: Sequence[int], measured: Measured) -> list[Plan]:
    """Return a plan for each size, and from 10^8 papers on one for each engine."""
    both: list[Engine] = ["FAISS", "Milvus"]
    return [
        calculate_plan(papers, engine, measured)
        for papers in sizes
        for engine in (both if papers >= _BOTH_ENGINES_FROM else both[:1])
    ]


def table(plans: Sequence[Plan]) -> str:
    """Return a Markdown table with a column for each plan."""
    rows = [
        ["papers", *(f"{plan.papers:,}" for plan in plans)],
        ["---", *("---:" for _ in plans)],
        ["vector storage", *(plan.index_setting for plan in plans)],
        ["embedding command", *(plan.embedding_setting for plan in plans)],
        ["data folders, one machine each", *(str(plan.folders) for plan in plans)],
        ["Milvus query nodes", *(str(plan.query_nodes or "") for plan in plans)],
        ["memory to serve, all folders", *(size(plan.serving) for plan in plans)],
        ["memory to build the first release", *(size(plan.building) for plan in plans)],
        ["memory of all query nodes", *(size(plan.in_milvus) for plan in plans)],
        ["disk for catalogues", *(size(plan.catalogue) for plan in plans)],
        ["disk for three releases", *(size(plan.releases) for plan in plans)],
        ["embedding on two cores", *(duration(plan.embedding) for plan in plans)],
        [
            "two-core machines to embed in a week",
            *(str(ceil(plan.embedding / _WEEK)) for plan in plans),
        ],
        ["storing, per folder", *(duration(plan.storing) for plan in plans)],
        ["tagging, per folder", *(duration(plan.tagging) for plan in plans)],
        ["first release, per folder", *(duration(plan.release) for plan in plans)],
        ["papers of a nightly run", *(f"{plan.papers * _NIGHTLY_SHARE:,.0f}" for plan in plans)],
        ["nightly run, embedding on two cores", *(duration(plan.nightly_run) for plan in plans)],
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def inputs(measured: Measured) -> str:
    """Return a Markdown table of the figures used and their sources."""
    figures = {name: getattr(measured, name) for name in Measured.__dataclass_fields__}
    rows = [
        f"| {name.replace('_', ' ')} | {_number(figure.value)} {figure.unit} | {figure.source} |"
        for name, figure in figures.items()
    ]
    return "\n".join(["| figure | value | from |", "|---|---:|---|", *rows])


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:g}"


def size(count: float) -> str:
    """Format bytes as GB or TB; zero gives an empty string."""
    if not count:
        return ""
    return f"{count / 1e12:.2g} TB" if count >= 1e12 else f"{count / 1e9:,.0f} GB"


def duration(seconds: float) -> str:
    """Format seconds in the largest unit of which there are at least two."""
    for unit, length in (("d", _DAY), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:,.0f} {unit}"
    return f"{seconds:.0f} s"


def main() -> None:
    """Print the plans, the figures used, and the papers that fit a machine's memory."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument(
        "papers", type=int, nargs="*", default=_SIZES, help="corpus sizes (default: %(default)s)"
    )
    measured = Measured()
    print(table(calculate_plans(parser.parse_args().papers, measured)))
    print(f"\n{inputs(measured)}")
    print("\n| memory of a machine | papers |\n|---:|---:|")
    for gigabytes in (16, 64, 256, 512, 1_024):
        print(f"| {gigabytes} GB | {max_papers(gigabytes * 1e9, measured):,} |")


if __name__ == "__main__":
    main()
