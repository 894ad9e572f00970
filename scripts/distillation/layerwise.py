"""Train a student of three layers on the hidden states of the packaged model, resumably.

    python -m scripts.distillation.layerwise RUN PAPERS ... [--steps 2200]

The teacher is the packaged model itself, so that no vectors need to be computed before. RUN is the
folder of the run, with the same files as that of `scripts.distillation.train`. A run that is killed
continues from its last checkpoint with the same batches.

The student learns, for each token, the teacher's hidden states: its layer k those of layer 2 k
(as in TinyBERT, arXiv 1909.10351). The loss has three terms: the squared error of hidden states,
divided by the variance of the teacher's; one minus the cosine of the vectors; and the divergence
of the similarity distributions within the batch (see `train`). A batch has the whole texts and the
titles of papers of similar length. Most batches are cut to 128 tokens, because a step with 256
takes twice the time; one in seven is cut to 384, so that later positions are learned too.

The curve has, every --evaluate-every steps, the mean loss since the last line, and for 500 papers
that are kept back the mean cosine with the teacher's vector, and the share of the teacher's ten
nearest that are also the student's.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from index.arxiv.paper import Paper
from index.errors import BadInput
from scripts.distillation.options import check_options
from scripts.distillation.student import Student, save_layers, save_model
from scripts.distillation.teacher_vectors import distinct_papers
from scripts.distillation.train import nearest_found, similarity_loss
from scripts.distillation.training import run_steps

_STATES = {1: 0.5, 2: 0.5, 3: 1.0}  # weight of the hidden states of each layer of the student
_COSINES, _SIMILARITIES = 5.0, 0.5  # weights of the other two terms
_SHORT, _LONG, _TITLE = 128, 384, 64  # tokens
_LONG_BATCHES = 7  # one batch in this many is long
_BLOCK = 32  # batches whose papers are sorted by length together
_KEPT_BACK = 500  # papers, or a tenth of them


@dataclass(frozen=True, slots=True)
class LayerwiseOptions:
    """What a run consists of; a run continues only with equal options."""

    steps: int
    batch: int
    rate: float
    seed: int


def main() -> None:
    """Train until the last step, then write the student."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("run", type=Path, help="folder of the run")
    parser.add_argument("papers", type=Path, nargs="+", help="files in the form of the snapshot")
    parser.add_argument("--steps", type=int, default=2200)
    parser.add_argument("--batch", type=int, default=32, help="papers")
    parser.add_argument("--rate", type=float, default=8e-4, help="the highest learning rate")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--evaluate-every", type=int, default=200, help="steps")
    parser.add_argument("--stop-after", type=int, help="stop at this step, to continue later")
    arguments = parser.parse_args()
    options = LayerwiseOptions(arguments.steps, arguments.batch, arguments.rate, arguments.seed)
    check_options(arguments.run, options)
    papers = [paper for paper in distinct_papers(arguments.papers) if paper.abstract]
    last = min(options.steps, arguments.stop_after or options.steps)
    student = train(arguments.run, options, papers, arguments.evaluate_every, last)
    if last == options.steps:
        save_layers(student.layers, arguments.run / "layers.safetensors")
        save_model(student, arguments.run / "model")


class PaperBatches:
    """Batches of papers of similar length; a batch depends on its number and the seed alone."""

    def __init__(self, papers: Sequence[Paper], size: int, seed: int) -> None:
        """Raises BadInput if there are too few papers for a batch."""
        self._blocks = len(papers) // (size * _BLOCK) or 1
        self._per_block = min(_BLOCK, len(papers) // size)
        if not self._per_block:
            raise BadInput(f"there are {len(papers)} papers, but a batch has {size}")
        self._papers = papers
        self._size = size
        self._seed = seed

    def __getitem__(self, number: int) -> tuple[list[Paper], int]:
        """Return the papers of a batch, and the number of tokens that whole texts are cut to."""
        block, place = divmod(number, self._per_block)
        random = np.random.default_rng([self._seed, block])
        order = random.permutation(self._per_block)
        width = self._size * self._per_block
        start = block % self._blocks * width
        papers = sorted(self._papers[start : start + width], key=lambda paper: len(paper.abstract))
        chosen = int(order[place]) * self._size
        length = _LONG if number % _LONG_BATCHES == 0 else _SHORT
        return papers[chosen : chosen + self._size], length


def train(
    run: Path,
    options: LayerwiseOptions,
    papers: Sequence[Paper],
    evaluate_every: int,
    last: int,
) -> Student:
    """Train from the last checkpoint to a step; write curve and checkpoints."""
    torch.manual_seed(options.seed)
    student, teacher = Student(3), Student(6)
    teacher.requires_grad_(False)
    parameters = list(student.bert.encoder.parameters())
    optimizer = torch.optim.AdamW(parameters, lr=options.rate, betas=(0.9, 0.98), weight_decay=0.0)
    trained = len(papers) - min(_KEPT_BACK, len(papers) // 10)
    kept_back = [f"{paper.title}. {paper.abstract}" for paper in papers[trained:]]
    expected = _vectors(teacher, kept_back)
    batches = PaperBatches(papers[:trained], options.batch, options.seed)

    def evaluate() -> dict[str, float]:
        found = _vectors(student, kept_back)
        cosine = float(np.mean((found * expected).sum(axis=1)))
        return {"cosine": cosine, "found": nearest_found(found, expected)}

    run_steps(
        run,
        student,
        optimizer,
        lambda step: _batch_loss(student, teacher, *batches[step]),
        evaluate,
        rate=options.rate,
        steps=options.steps,
        last=last,
        evaluate_every=evaluate_every,
    )
    return student


def _batch_loss(
    student: Student, teacher: Student, papers: Sequence[Paper], length: int
) -> torch.Tensor:
    """Return the loss of the whole texts and the titles of papers."""
    loss = torch.zeros(())
    ours, theirs = [], []
    texts = [f"{paper.title}. {paper.abstract}" for paper in papers]
    for part, cut in ((texts, length), ([paper.title for paper in papers], _TITLE)):
        expected, mask = teacher.hidden_states(part, cut)
        states, _ = student.hidden_states(part, cut)
        tokens = mask.bool()
        for layer, weight in _STATES.items():
            target = expected[2 * layer][tokens]
            error = (states[layer][tokens] - target).square().mean() / target.var()
            loss = loss + weight * error
        ours.append(student.pooled(states[-1], mask))
        theirs.append(teacher.pooled(expected[-1], mask))
        loss = loss + _COSINES * (1 - (ours[-1] * theirs[-1]).sum(1)).mean()
    none = np.full(2 * len(papers), -1)
    return loss + _SIMILARITIES * similarity_loss(torch.cat(ours), torch.cat(theirs), none)


def _vectors(encoder: Student, texts: Sequence[str]) -> np.ndarray:
    """Return unit vectors of whole texts, shape (texts, dimension)."""
    order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
    vectors = np.zeros((len(texts), encoder.bert.config.hidden_size), np.float32)
    with torch.no_grad():
        for start in range(0, len(order), 20):
            rows = order[start : start + 20]
            vectors[rows] = encoder([texts[row] for row in rows], 512).numpy()
    return vectors


if __name__ == "__main__":
    main()
