"""Train a student on the teacher's similarities, resumably.

    python -m scripts.distillation.train RUN --teacher FOLDER --layers 3 --lists groups.jsonl \
        [--hold-out 0] PAPERS ...

RUN is the folder of the run: `run.json` with its options, `checkpoint.safetensors`, `curve.jsonl`
and, at the end, `layers.safetensors` (half precision) and `model` (a complete model for
SEEALSO_MODEL). A run that is killed continues from its last checkpoint with the same batches.

The loss compares similarities within a batch, so that teacher and student may have different
dimensions. For each text, a softmax over the cosines with the other texts and titles of the batch
is a distribution; the loss is the Kullback-Leibler divergence of the student's from the teacher's
(as in similarity-preserving distillation, e.g. arXiv 2012.08548), plus the squared difference of
cosines. In batches of headings, half of the teacher's probability goes to the papers of the same
heading. With --hold-out, the lists of one fold in five are left out of these batches.

The curve has, every --evaluate-every steps, the mean loss since the last line, and the share of
the teacher's ten nearest that the student finds among the papers that are kept back (500 papers, or
a tenth).
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from index.arxiv.paper import Paper
from index.errors import BadInput
from scripts.distillation.batches import Batch, Batches, read_headings
from scripts.distillation.options import Options, check_options
from scripts.distillation.student import Student, averaged, save_layers, save_model
from scripts.distillation.teacher_vectors import (
    TeacherVectors,
    distinct_papers,
    read_teacher_vectors,
)
from scripts.distillation.training import run_steps

_TEMPERATURE = 0.05
_COSINES = 10.0  # weight of the squared difference of cosines
_KEPT_BACK = 500  # papers, or a tenth of them
_FEWEST = 20
_AVERAGED = 0.75  # share of the trained weights in the result; the rest is the original's


@dataclass(frozen=True, slots=True)
class Material:
    """Papers with their teacher vectors, row by row; the last of them are kept back."""

    papers: list[Paper]
    teacher: TeacherVectors

    @property
    def trained(self) -> int:
        """The number of papers that are trained on."""
        return len(self.papers) - min(_KEPT_BACK, len(self.papers) // 10)


def main() -> None:
    """Train until the last step, then write the student."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("run", type=Path, help="folder of the run")
    parser.add_argument("papers", type=Path, nargs="+", help="the files of the teacher's vectors")
    parser.add_argument("--teacher", type=Path, required=True, help="folder of its vectors")
    parser.add_argument("--lists", type=Path, required=True, help="headings of reading lists")
    parser.add_argument("--layers", type=int, choices=(3, 6), default=3)
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--length", type=int, default=256, help="tokens of a text")
    parser.add_argument("--rate", type=float, default=1e-4, help="the highest learning rate")
    parser.add_argument("--hold-out", type=int, choices=range(5), help="fold of lists")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--evaluate-every", type=int, default=100, help="steps")
    parser.add_argument("--stop-after", type=int, help="stop at this step, to continue later")
    arguments = parser.parse_args()
    options = Options(
        arguments.layers,
        arguments.steps,
        arguments.batch,
        arguments.length,
        arguments.rate,
        arguments.hold_out,
        arguments.seed,
    )
    check_options(arguments.run, options)
    material = read_material(arguments.teacher, arguments.papers)
    last = min(options.steps, arguments.stop_after or options.steps)
    student, original = train(
        arguments.run, options, material, arguments.lists, arguments.evaluate_every, last
    )
    if last == options.steps:
        trained = {name: tensor.clone() for name, tensor in student.layers.items()}
        student.load(averaged(trained, original, _AVERAGED))
        save_layers(student.layers, arguments.run / "layers.safetensors")
        save_model(student, arguments.run / "model")


def read_material(teacher: Path, files: Sequence[Path]) -> Material:
    """Return the papers that have vectors, in an order that is as good as random.

    Raises BadInput if too few papers have vectors.
    """
    vectors = read_teacher_vectors(teacher)
    found = [paper for paper in distinct_papers(files) if paper.text_hash in vectors.rows]
    if len(found) < _FEWEST:
        raise BadInput(f"{len(found)} papers have vectors, but at least {_FEWEST} are needed")
    order = np.random.default_rng(0).permutation(len(found))
    papers = [found[place] for place in order]
    rows = np.array([vectors.rows[paper.text_hash] for paper in papers])
    hashes = {paper.text_hash: row for row, paper in enumerate(papers)}
    return Material(papers, TeacherVectors(hashes, vectors.texts[rows], vectors.titles[rows]))


def train(
    run: Path,
    options: Options,
    material: Material,
    lists: Path,
    evaluate_every: int,
    last: int,
) -> tuple[Student, dict[str, torch.Tensor]]:
    """Train from the last checkpoint to a step; write curve and checkpoints.

    Returns the student, and the weights that it began with.
    """
    torch.manual_seed(options.seed)
    student = Student(options.layers)
    original = {name: tensor.clone() for name, tensor in student.layers.items()}
    optimizer = torch.optim.AdamW(
        student.bert.encoder.parameters(), lr=options.rate, weight_decay=0.01
    )
    rows = {paper.id: row for row, paper in enumerate(material.papers[: material.trained])}
    batches = Batches(
        material.teacher.texts[: material.trained],
        read_headings(lists, rows, options.hold_out),
        options.batch,
        options.seed,
    )
    run_steps(
        run,
        student,
        optimizer,
        lambda step: batch_loss(student, material, batches[step], options.length),
        lambda: _evaluate(student, material),
        rate=options.rate,
        steps=options.steps,
        last=last,
        evaluate_every=evaluate_every,
    )
    return student, original


def batch_loss(student: Student, material: Material, batch: Batch, length: int) -> torch.Tensor:
    """Return the loss of a batch; texts come first, titles after them."""
    papers = [material.papers[row] for row in batch.rows]
    with torch.autocast("cpu", torch.bfloat16):
        texts = student([f"{paper.title}. {paper.abstract}" for paper in papers], length)
        titles = student([paper.title for paper in papers], length)
    vectors = torch.cat([texts, titles])
    teacher = torch.from_numpy(
        np.concatenate([material.teacher.texts[batch.rows], material.teacher.titles[batch.rows]])
    )
    return similarity_loss(vectors, teacher, np.tile(batch.headings, 2))


def similarity_loss(
    vectors: torch.Tensor, teacher: torch.Tensor, headings: np.ndarray
) -> torch.Tensor:
    """Return the divergence of similarity distributions plus the error of cosines.

    `vectors` and `teacher` have a row per text; `headings` numbers the heading of each, -1 for
    none. A text is not compared with itself.
    """
    itself = torch.eye(len(vectors), dtype=torch.bool)
    ours, theirs = vectors @ vectors.T, teacher @ teacher.T
    log_shares = (ours / _TEMPERATURE).masked_fill(itself, -1e9).log_softmax(1)
    target = (theirs / _TEMPERATURE).masked_fill(itself, -1e9).softmax(1)
    numbers = torch.from_numpy(headings)
    same = (numbers[:, None] == numbers) & (numbers >= 0) & ~itself
    labelled = same.any(1, keepdim=True)
    shares = same / same.sum(1, keepdim=True).clamp(min=1)
    target = torch.where(labelled, (target + shares) / 2, target)
    divergence = torch.nn.functional.kl_div(log_shares, target, reduction="batchmean")
    return divergence + _COSINES * (ours - theirs)[~itself].square().mean()


def _evaluate(student: Student, material: Material) -> dict[str, float]:
    """Return how many of the teacher's ten nearest the student finds, among papers kept back."""
    papers = material.papers[material.trained :]
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        vectors = np.concatenate(
            [
                student(
                    [f"{paper.title}. {paper.abstract}" for paper in papers[start : start + 32]],
                    512,
                ).numpy()
                for start in range(0, len(papers), 32)
            ]
        )
    return {"found": nearest_found(vectors, material.teacher.texts[material.trained :])}


def nearest_found(vectors: np.ndarray, teacher: np.ndarray) -> float:
    """Return the mean share of the teacher's ten nearest that are among the student's ten."""
    nearest = []
    for side in (vectors, teacher):
        cosines = side @ side.T
        np.fill_diagonal(cosines, -1)
        nearest.append(np.argsort(-cosines, axis=1)[:, :10])
    shares = [len({*ours} & {*theirs}) / 10 for ours, theirs in zip(*nearest, strict=True)]
    return float(np.mean(shares))


if __name__ == "__main__":
    main()
