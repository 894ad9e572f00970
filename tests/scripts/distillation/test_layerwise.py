"""Training on hidden states: resumption, and what batches consist of."""

import gzip
import json
import subprocess
import sys
from itertools import islice, pairwise
from pathlib import Path

import pytest

from index.arxiv.paper import Paper
from index.errors import BadInput
from ingest.snapshot.records import SAMPLE, snapshot_papers
from scripts.distillation.layerwise import PaperBatches


@pytest.fixture(scope="module")
def papers_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("papers") / "papers.jsonl"
    with gzip.open(SAMPLE, "rt") as sample:
        path.write_text("".join(islice(sample, 40)))
    return path


@pytest.fixture(scope="module")
def papers(papers_file: Path) -> list[Paper]:
    return list(snapshot_papers([papers_file]))


def test_a_batch_depends_on_its_number_and_the_seed_alone(papers: list[Paper]) -> None:
    batches, again = PaperBatches(papers, 4, seed=1), PaperBatches(papers, 4, seed=1)
    later = batches[7]
    assert again[7] == later
    assert PaperBatches(papers, 4, seed=2)[7] != later


def test_each_paper_is_in_one_batch_of_a_pass_with_papers_of_similar_length(
    papers: list[Paper],
) -> None:
    batches = PaperBatches(papers, 4, seed=1)
    drawn = [batches[number] for number in range(len(papers) // 4)]
    assert sorted(p.id for batch, _ in drawn for p in batch) == sorted(p.id for p in papers)
    spans = sorted(
        (min(lengths), max(lengths))
        for lengths in ([len(paper.abstract) for paper in batch] for batch, _ in drawn)
    )
    assert all(longest <= shortest for (_, longest), (shortest, _) in pairwise(spans))
    assert {length for _, length in drawn} == {128, 384}


def test_too_few_papers_for_a_batch_are_refused(papers: list[Paper]) -> None:
    with pytest.raises(BadInput, match="there are 3 papers, but a batch has 4"):
        PaperBatches(papers[:3], 4, seed=1)


def test_training_resumes_and_gives_the_student_of_an_undisturbed_run(
    papers_file: Path, tmp_path: Path
) -> None:
    def train(run: str, *more: object) -> None:
        options = ["--steps", 4, "--batch", 8, "--evaluate-every", 2, *more]
        command = [sys.executable, "-m", "scripts.distillation.layerwise", tmp_path / run]
        # In a process of its own: torch and faiss crashed when loaded into one.
        done = subprocess.run(
            [str(part) for part in [*command, papers_file, *options]],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    train("whole")
    train("resumed", "--stop-after", 2)
    assert not (tmp_path / "resumed" / "layers.safetensors").exists()
    train("resumed")
    layers = [tmp_path / run / "layers.safetensors" for run in ("whole", "resumed")]
    assert layers[0].read_bytes() == layers[1].read_bytes()
    assert layers[0].stat().st_size < 25_000_000
    curve = (tmp_path / "whole" / "curve.jsonl").read_text().splitlines()
    first, last = map(json.loads, curve)
    assert (first["step"], last["step"]) == (2, 4)
    assert last["loss"] < first["loss"]
    assert last["cosine"] > first["cosine"]
