"""Measure what releases by instalments cost, and when the first one is ready.

    python -m scripts.benchmarks.vectors.instalments DATA [--rate 36.5]

Builds, in a copy of the data folder DATA, the releases that a load of its embedded papers would
have built: after 10,000 papers, at each doubling, and at the end; then the last one from scratch.
Prints processor seconds and wall time of each. The time of embedding is computed from --rate,
papers a second as measured by scripts.benchmarks.embedding; so are the shares of the whole load.
"""

import argparse
import os
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np

from index.catalogue.catalogue import Catalogue, open_catalogue
from index.catalogue.vectors import EmbeddedPapers
from index.embedding.opening import configured_identity
from index.releases.building import ReleaseBuilder
from index.releases.contents import ReleaseContents
from index.search.attributes import Attributes
from index.settings import Settings, load_settings


def main() -> None:
    """Build the releases and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("data", type=Path, help="data folder; a copy of it is changed")
    parser.add_argument(
        "--rate", type=float, default=36.5, help="papers embedded a second (default: %(default)s)"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="instalments-") as work:
        data = Path(work) / "data"
        shutil.copytree(arguments.data, data, ignore=shutil.ignore_patterns("releases"))
        settings = load_settings(os.environ, data=str(data))
        with open_catalogue(data) as catalogue:
            measure(catalogue, settings, arguments.rate)


def measure(catalogue: Catalogue, settings: Settings, rate: float) -> None:
    """Build each release, print its time, and the share of the first one in the whole load."""
    vectors = catalogue.vectors.of(configured_identity(settings))
    embedded = vectors.papers()
    days = Attributes.from_papers(catalogue.attributes(embedded.numbers)).days
    newest_first = np.argsort(-days, kind="stable")
    total = len(newest_first)
    sizes = [size for size in (settings.instalment * 2**n for n in range(20)) if size < total]
    builder = ReleaseBuilder.from_settings(settings)
    spent = []
    for size in [*sizes, total]:
        rows = np.sort(newest_first[:size])
        part = EmbeddedPapers(
            embedded.numbers[rows], embedded.text_hashes[rows], embedded.withdrawn[rows]
        )
        attributes = Attributes.from_papers(catalogue.attributes(part.numbers))
        spent.append(_build(builder, ReleaseContents(vectors, part, attributes)))
    shutil.rmtree(settings.data / "releases")
    scratch = _build(builder, ReleaseContents.read(catalogue, vectors))
    first = sizes[0] / rate + spent[0] if sizes else total / rate + scratch
    whole = total / rate + sum(spent)
    print(f"all releases {sum(spent):.1f} s, the last one alone from scratch {scratch:.1f} s")
    print(
        f"computed at {rate} papers a second: first release after {first / 60:.1f} min, all after "
        f"{whole / 60:.1f} min, share {first / whole:.3f}; instalments add "
        f"{(sum(spent) - scratch) / (total / rate + scratch):.1%} to the load"
    )


def _build(builder: ReleaseBuilder, contents: ReleaseContents) -> float:
    """Build a release, print its time, and return its processor seconds."""
    began, cpu = time.monotonic(), sum(os.times()[:4])
    manifest = builder.build(contents)
    seconds = sum(os.times()[:4]) - cpu
    wall = time.monotonic() - began
    print(f"{manifest.papers:>8,} papers: {seconds:.1f} s of CPU, {wall:.1f} s", flush=True)
    return seconds


if __name__ == "__main__":
    main()
