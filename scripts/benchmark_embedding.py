"""How fast papers are embedded, by each way that this machine has, side by side in one run.

    python scripts/benchmark_embedding.py [--papers 300]

Texts are title and abstract of papers of the bundled sample; the model is loaded and warm.
"""

import argparse
import os
import time
from contextlib import closing
from dataclasses import replace
from itertools import islice

import numpy as np

from index.embedding import open_embedder
from index.errors import ModelUnavailable
from index.paper import Paper
from index.settings import load_settings
from ingest.snapshot import SAMPLE, read_snapshot

_WAYS = (("openvino", "bf16"), ("openvino", "f32"), ("torch", "f32"))
_WARM_UP = 20


def main() -> None:
    """Print papers a second and the least cosine with the last way's vectors."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--papers", type=int, default=300)
    arguments = parser.parse_args()
    records = (line.record for line in read_snapshot(SAMPLE))
    papers = (p for p in records if isinstance(p, Paper) and p.abstract)
    texts = [f"{p.title}. {p.abstract}" for p in islice(papers, 3_000, 3_000 + arguments.papers)]
    settings = load_settings(os.environ)
    found = {}
    for backend, precision in _WAYS:
        way = replace(settings, backend=backend, precision=precision)
        try:
            with closing(open_embedder(way)) as embedder:
                embedder.encode(texts[:_WARM_UP])
                began = time.perf_counter()
                vectors = embedder.encode(texts)
                found[backend, precision] = len(texts) / (time.perf_counter() - began), vectors
        except ModelUnavailable as error:
            print(f"{backend} {precision}: {error}")
    _, reference = found[_WAYS[-1]]
    for (backend, precision), (speed, vectors) in found.items():
        least = float(np.einsum("ij,ij->i", vectors, reference).min())
        print(f"| {backend} {precision} | {speed:.1f} papers/s | least cosine {least:.5f} |")


if __name__ == "__main__":
    main()
