"""What a corpus of any size costs, reckoned from what was measured: the table of docs/scale.md.

    python -m scripts.planning.plan_scale [PAPERS ...]

Reckoned, not measured: each figure below was taken at the size that its source names, and is
carried on from there. What grows with the papers is multiplied. What looks a paper up among all
others (a release's neighbours, the filling of its partitions) is multiplied once more by the root,
since 32 of some four times the root of N partitions are read. Times are those of the two cores on
which the figures were taken; more cores divide embedding, and most of a release.

A night brings what it brings to arXiv, 2,500 of 3,000,000 papers, in the same proportion. Three
releases lie on the disk at once: two that are kept and one that is being written. With Milvus the
vectors are taken out of release and serving memory and put, with HNSW's links, on query nodes;
the first release is computed in memory all the same (docs/milvus.md). Beyond one machine's memory
for a build the corpus is cut into data folders of equal size, a machine each.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Literal

Engine = Literal["FAISS", "Milvus"]

_SIZES = 3_000_000, 100_000_000, 1_000_000_000
_MEASURED = 3_000_000  # papers that the release and its memory were measured with
_DIMENSION, _LINKS = 384, 16  # of a vector; HNSW's M
_RELEASES = 3
_NIGHT = 2_500 / _MEASURED
_WEEK, _DAY = 7 * 86_400, 86_400
_ENGINES_FROM = 100_000_000  # from here on both engines are reckoned


@dataclass(frozen=True, slots=True)
class Figure:
    """A value, its unit, and where it stands."""

    value: float
    unit: str
    source: str


_AT_SIZE = "measured.md, lists at arXiv's size"
_CATALOGUE = "below, the catalogue of 3,000,000 papers"


@dataclass(frozen=True, slots=True)
class Measured:
    """All that the plan is reckoned from."""

    catalogue: Figure = Figure(5_096, "bytes a paper", _CATALOGUE)
    release: Figure = Figure(2_700, "bytes a paper", "measured.md, disk")
    serving: Figure = Figure(5.8 * 2**30 / _MEASURED, "bytes a paper", f"{_AT_SIZE}: 5.8 GiB")
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
    """What so many papers need: bytes, and seconds of two cores."""

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
    night: float

    @property
    def embedding_setting(self) -> str:
        """How to embed: on one machine while that takes a week at most."""
        return "`seealso update`" if self.embedding <= _WEEK else "`seealso update --ray`"

    @property
    def index_setting(self) -> str:
        """What to set for the vectors."""
        return "FAISS (the default)" if self.engine == "FAISS" else "`SEEALSO_INDEX=milvus://…`"


def in_release() -> int:
    """Bytes of a vector in a release: half precision, a byte a dimension, the row's number."""
    return 2 * _DIMENSION + _DIMENSION + 8


def in_hnsw() -> int:
    """Bytes of a vector under HNSW, by FAISS's wiki, "Guidelines to choose an index"."""
    return 4 * _DIMENSION + 2 * 4 * _LINKS


def plan(papers: int, engine: Engine, measured: Measured) -> Plan:
    """Reckon what a corpus needs."""
    out = in_release() if engine == "Milvus" else 0
    on_nodes = papers * in_hnsw() if engine == "Milvus" else 0
    building = papers * measured.building.value
    folders = ceil(building / (measured.machine.value * 1e9))
    times = papers / _MEASURED
    each = times / folders
    new = papers * _NIGHT
    return Plan(
        papers=papers,
        engine=engine,
        catalogue=papers * measured.catalogue.value,
        releases=_RELEASES * papers * (measured.release.value - out),
        in_milvus=on_nodes,
        serving=papers * (measured.serving.value - out),
        building=building,
        folders=folders,
        query_nodes=ceil(on_nodes / (measured.filled.value * measured.machine.value * 1e9)),
        storing=papers / folders / measured.storing.value,
        embedding=papers / measured.embedding.value,
        tagging=papers / folders / measured.tagging.value,
        release=each * measured.words.value + each**1.5 * measured.neighbours.value,
        night=new / measured.embedding.value
        + new / folders / measured.nightly_storing.value
        + papers / folders / 1e6 * measured.nightly_lookup.value
        + each * measured.nightly_release.value,
    )


def largest(memory: float, measured: Measured) -> int:
    """How many papers a machine with so many bytes of memory can build a release of."""
    return int(memory / measured.building.value)


def plans(sizes: Sequence[int], measured: Measured) -> list[Plan]:
    """A plan for each size, and from 10^8 papers on one for each engine."""
    both: list[Engine] = ["FAISS", "Milvus"]
    return [
        plan(papers, engine, measured)
        for papers in sizes
        for engine in (both if papers >= _ENGINES_FROM else both[:1])
    ]


def table(found: Sequence[Plan]) -> str:
    """The plans side by side, in Markdown."""
    rows = [
        ["papers", *(f"{one.papers:,}" for one in found)],
        ["---", *("---:" for _ in found)],
        ["vector storage", *(one.index_setting for one in found)],
        ["embedding command", *(one.embedding_setting for one in found)],
        ["data folders, one machine each", *(str(one.folders) for one in found)],
        ["Milvus query nodes", *(str(one.query_nodes or "") for one in found)],
        ["memory to serve, all folders", *(size(one.serving) for one in found)],
        ["memory to build the first release", *(size(one.building) for one in found)],
        ["memory of all query nodes", *(size(one.in_milvus) for one in found)],
        ["disk for catalogues", *(size(one.catalogue) for one in found)],
        ["disk for three releases", *(size(one.releases) for one in found)],
        ["embedding on two cores", *(duration(one.embedding) for one in found)],
        [
            "two-core machines to embed in a week",
            *(str(ceil(one.embedding / _WEEK)) for one in found),
        ],
        ["storing, per folder", *(duration(one.storing) for one in found)],
        ["tagging, per folder", *(duration(one.tagging) for one in found)],
        ["first release, per folder", *(duration(one.release) for one in found)],
        ["papers of a nightly run", *(f"{one.papers * _NIGHT:,.0f}" for one in found)],
        ["nightly run, embedding on two cores", *(duration(one.night) for one in found)],
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def inputs(measured: Measured) -> str:
    """What the plan is reckoned from, in Markdown."""
    figures = {name: getattr(measured, name) for name in Measured.__dataclass_fields__}
    rows = [
        f"| {n.replace('_', ' ')} | {_plain(f.value)} {f.unit} | {f.source} |"
        for n, f in figures.items()
    ]
    return "\n".join(["| figure | value | from |", "|---|---:|---|", *rows])


def _plain(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:g}"


def size(count: float) -> str:
    """Bytes in a unit that suits, empty for none."""
    if not count:
        return ""
    return f"{count / 1e12:.2g} TB" if count >= 1e12 else f"{count / 1e9:,.0f} GB"


def duration(seconds: float) -> str:
    """Seconds in a unit that suits."""
    for unit, length in (("d", _DAY), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:,.0f} {unit}"
    return f"{seconds:.0f} s"


def main() -> None:
    """Print the table and what it is reckoned from."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("papers", type=int, nargs="*", default=_SIZES)
    measured = Measured()
    print(table(plans(parser.parse_args().papers, measured)))
    print(f"\n{inputs(measured)}")
    print("\n| memory of a machine | papers that it can release |\n|---:|---:|")
    for gigabytes in (16, 64, 256, 512, 1_024):
        print(f"| {gigabytes} GB | {largest(gigabytes * 1e9, measured):,} |")


if __name__ == "__main__":
    main()
