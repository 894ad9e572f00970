"""Compute the teacher's vectors of papers, resumably.

    python -m scripts.distillation.teacher_vectors FOLDER PAPERS ... [--model all-mpnet-base-v2]

PAPERS are files in the form of arXiv's snapshot. Papers with equal texts count once. Those of the
first file come first; within a file, and among the others, papers are in the order of their text
hashes, which is as good as random: the vectors that there are at any time are a sample.

FOLDER receives a part of 256 papers at a time (`part-00000.npz`), each written in one step. A run
that is killed loses at most one part, and the next run continues. A part has `hashes` (papers, 16),
and in half precision `texts` and `titles` (papers, dimension): unit vectors of "title. abstract"
and of the title alone. `identity.json` names the model; vectors of another model are refused.

Needs the extra `mpnet`. On two cores with bf16, a paper takes about 0.3 s of CPU time.
"""

import argparse
import io
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from index.arrays import Floats
from index.arxiv.paper import Paper
from index.embedding.embedder import Embedder
from index.embedding.identity import ModelIdentity
from index.embedding.opening import open_embedder
from index.errors import BadInput
from index.files import make_folder, read_json, write_file
from index.settings import load_settings
from ingest.snapshot.records import snapshot_papers

_PART = 256
_IDENTITY = "identity.json"


@dataclass(frozen=True, slots=True)
class TeacherVectors:
    """Vectors by text hash: unit vectors of whole texts and of titles, shape (papers, dimension).

    `rows` has the row of each text hash.
    """

    rows: dict[bytes, int]
    texts: Floats
    titles: Floats


def main() -> None:
    """Compute the vectors that are missing, and print a line for each part."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path, help="folder that receives the vectors")
    parser.add_argument("papers", type=Path, nargs="+", help="files in the form of the snapshot")
    parser.add_argument("--model", default="all-mpnet-base-v2", help="default: %(default)s")
    arguments = parser.parse_args()
    environment = {**os.environ, "SEEALSO_MODEL": arguments.model}
    embedder = open_embedder(load_settings(environment, data=str(arguments.folder)))
    papers = distinct_papers(arguments.papers)
    for number, computed in compute_parts(arguments.folder, papers, embedder):
        print(f"part {number}: {computed:,} of {len(papers):,} papers", flush=True)


def distinct_papers(files: Sequence[Path]) -> list[Paper]:
    """Return the papers of the first file, then those of the others, each by text hash."""
    first = _by_text(snapshot_papers(files[:1]))
    others = _by_text(snapshot_papers(files[1:]))
    return [
        *(first[text_hash] for text_hash in sorted(first)),
        *(others[text_hash] for text_hash in sorted(others.keys() - first.keys())),
    ]


def _by_text(papers: Iterable[Paper]) -> dict[bytes, Paper]:
    return {paper.text_hash: paper for paper in papers}


def compute_parts(
    folder: Path, papers: Sequence[Paper], embedder: Embedder
) -> Iterator[tuple[int, int]]:
    """Compute the parts that are missing; yield their numbers and the papers computed so far.

    Raises BadInput if the folder has vectors of another model, or parts of other papers.
    """
    _check_identity(folder, embedder.identity)
    for number, start in enumerate(range(0, len(papers), _PART)):
        part = papers[start : start + _PART]
        hashes = np.array([list(paper.text_hash) for paper in part], np.uint8)
        path = folder / f"part-{number:05}.npz"
        if path.exists():
            with np.load(path, allow_pickle=False) as written:
                if not np.array_equal(written["hashes"], hashes):
                    raise BadInput(f"{path} has other papers: pass the same files, or a new folder")
            continue
        texts = embedder.encode([f"{paper.title}. {paper.abstract}" for paper in part])
        titles = embedder.encode([paper.title for paper in part])
        content = io.BytesIO()
        np.savez(
            content,
            hashes=hashes,
            texts=texts.astype(np.float16),
            titles=titles.astype(np.float16),
        )
        write_file(path, content.getvalue())
        yield number, start + len(part)


def _check_identity(folder: Path, identity: ModelIdentity) -> None:
    make_folder(folder)
    path, expected = folder / _IDENTITY, asdict(identity)
    if not path.exists():
        write_file(path, json.dumps(expected, indent=1).encode())
    elif (found := read_json(path)) != expected:
        raise BadInput(f"{folder} has vectors of {found}, not of {expected}: pass a new folder")


def read_teacher_vectors(folder: Path) -> TeacherVectors:
    """Read the parts that there are; raises BadInput if there is none."""
    parts = sorted(folder.glob("part-*.npz"))
    if not parts:
        raise BadInput(f"{folder} has no teacher vectors: run scripts.distillation.teacher_vectors")
    hashes, texts, titles = [], [], []
    for path in parts:
        with np.load(path, allow_pickle=False) as part:
            hashes += [row.tobytes() for row in part["hashes"]]
            texts.append(part["texts"].astype(np.float32))
            titles.append(part["titles"].astype(np.float32))
    rows = {text_hash: row for row, text_hash in enumerate(hashes)}
    return TeacherVectors(rows, np.concatenate(texts), np.concatenate(titles))


if __name__ == "__main__":
    main()
