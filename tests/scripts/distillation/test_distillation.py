"""Teacher vectors and training, with the packaged model as teacher of a student of three layers."""

import gzip
import json
import subprocess
import sys
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from index.errors import BadInput
from index.settings import PACKAGED_MODEL
from ingest.snapshot.records import SAMPLE
from scripts.distillation import teacher_vectors
from scripts.distillation.options import Options, check_options
from scripts.distillation.teacher_vectors import (
    compute_parts,
    distinct_papers,
    read_teacher_vectors,
)

_PAPERS = 40


@pytest.fixture(scope="module")
def papers_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("papers") / "papers.jsonl"
    with gzip.open(SAMPLE, "rt") as sample:
        path.write_text("".join(islice(sample, _PAPERS)))
    return path


def _run(module: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    # In a process of its own: torch and faiss crashed when loaded into one.
    command = [sys.executable, "-m", f"scripts.distillation.{module}", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def teacher(papers_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("distillation") / "teacher"
    run = _run("teacher_vectors", folder, papers_file, "--model", PACKAGED_MODEL)
    assert run.returncode == 0, run.stderr
    return folder


def test_vectors_are_those_of_the_papers_and_are_computed_once(
    teacher: Path, papers_file: Path
) -> None:
    vectors = read_teacher_vectors(teacher)
    papers = distinct_papers([papers_file])
    assert list(vectors.rows) == [paper.text_hash for paper in papers] != []
    np.testing.assert_allclose(np.linalg.norm(vectors.texts, axis=1), 1, atol=2e-3)
    cosines = (vectors.texts @ vectors.titles.T).argmax(axis=1)
    assert np.mean(cosines == np.arange(len(papers))) > 0.9
    again = _run("teacher_vectors", teacher, papers_file, "--model", PACKAGED_MODEL)
    assert (again.returncode, again.stdout) == (0, "")


class _CountingEmbedder:
    """An embedder that fails after some calls, as a killed run does, and counts its texts."""

    def __init__(self, identity: object, calls: int) -> None:
        self.identity = identity
        self.texts = 0
        self._calls = calls

    def encode(self, texts: list[str]) -> np.ndarray:
        self._calls -= 1
        if self._calls < 0:
            raise KeyboardInterrupt
        self.texts += len(texts)
        return np.ones((len(texts), 2), np.float32)


def test_a_killed_run_continues_with_the_next_part(
    papers_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teacher_vectors, "_PART", 10)
    monkeypatch.setattr(teacher_vectors, "asdict", lambda identity: identity)
    papers = distinct_papers([papers_file])
    first = _CountingEmbedder({"model": "a"}, calls=5)
    with pytest.raises(KeyboardInterrupt):
        list(compute_parts(tmp_path, papers, first))  # type: ignore[arg-type]
    assert len(read_teacher_vectors(tmp_path).rows) == 20
    second = _CountingEmbedder({"model": "a"}, calls=100)
    assert [number for number, _ in compute_parts(tmp_path, papers, second)] == [2, 3]  # type: ignore[arg-type]
    assert second.texts == 2 * (len(papers) - 20)
    other = _CountingEmbedder({"model": "b"}, calls=100)
    with pytest.raises(BadInput, match="pass a new folder"):
        list(compute_parts(tmp_path, papers, other))  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="other papers"):
        list(compute_parts(tmp_path, papers[1:], second))  # type: ignore[arg-type]


def test_a_folder_without_vectors_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="teacher_vectors"):
        read_teacher_vectors(tmp_path)


def _groups(papers_file: Path, folder: Path) -> Path:
    ids = [json.loads(line)["id"] for line in papers_file.read_text().splitlines()]
    headings = [
        {"repo": "made/list", "broad": False, "ids": ids[start : start + 5]}
        for start in range(0, 20, 5)
    ]
    path = folder / "groups.jsonl"
    path.write_text("\n".join(map(json.dumps, headings)))
    return path


def test_training_resumes_and_gives_the_student_of_an_undisturbed_run(
    teacher: Path, papers_file: Path, tmp_path: Path
) -> None:
    groups = _groups(papers_file, tmp_path)

    def train(run: str, steps: int, *more: object) -> subprocess.CompletedProcess[str]:
        options = ["--steps", steps, "--batch", 8, "--length", 32, "--evaluate-every", 2]
        arguments = [tmp_path / run, papers_file, "--teacher", teacher, "--lists", groups]
        return _run("train", *arguments, *options, *more)

    whole = train("whole", 4)
    assert whole.returncode == 0, whole.stderr
    curve = (tmp_path / "whole" / "curve.jsonl").read_text().splitlines()
    assert [json.loads(line)["step"] for line in curve] == [2, 4]

    stopped = train("resumed", 4, "--stop-after", 2)
    assert stopped.returncode == 0, stopped.stderr
    assert not (tmp_path / "resumed" / "layers.safetensors").exists()
    resumed = train("resumed", 4)
    assert resumed.returncode == 0, resumed.stderr
    layers = [tmp_path / run / "layers.safetensors" for run in ("whole", "resumed")]
    assert layers[0].read_bytes() == layers[1].read_bytes()
    assert layers[0].stat().st_size < 25_000_000

    config = json.loads((tmp_path / "whole" / "model" / "config.json").read_text())
    assert config["num_hidden_layers"] == 3


def test_a_run_continues_only_with_its_own_options(tmp_path: Path) -> None:
    options = Options(3, steps=4, batch=8, length=32, rate=1e-4, hold_out=None, seed=0)
    check_options(tmp_path / "run", options)
    check_options(tmp_path / "run", options)
    with pytest.raises(BadInput, match="pass a new folder"):
        check_options(tmp_path / "run", replace(options, steps=5))
