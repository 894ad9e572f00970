"""The steps of a training run: learning rate, checkpoints and the learning curve."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from scripts.distillation.checkpoints import resume, save_checkpoint
from scripts.distillation.student import Student

_WARM_UP = 0.05  # share of the steps
_CHECKPOINT_EVERY = 50  # steps


def run_steps(
    run: Path,
    student: Student,
    optimizer: torch.optim.Optimizer,
    batch_loss: Callable[[int], torch.Tensor],
    evaluate: Callable[[], dict[str, float]],
    *,
    rate: float,
    steps: int,
    last: int,
    evaluate_every: int,
) -> None:
    """Train from the last checkpoint to the step `last`, of `steps`; write curve and checkpoints.

    `batch_loss` returns the loss of the batch of a step. `evaluate` returns what a line of the
    curve has besides the step and the mean loss since the last line.
    """
    losses = list[float]()
    for step in range(resume(run, student, optimizer), last):
        for group in optimizer.param_groups:
            group["lr"] = rate * _schedule(step / steps)
        optimizer.zero_grad()
        loss = batch_loss(step)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(student.bert.encoder.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
        done = step + 1
        if done % evaluate_every == 0 or done == last:
            line = {"step": done, "loss": float(np.mean(losses)), **evaluate()}
            print(json.dumps(line), flush=True)
            with (run / "curve.jsonl").open("a") as curve:
                curve.write(json.dumps(line) + "\n")
            losses.clear()
        if done % _CHECKPOINT_EVERY == 0 or done == last:
            save_checkpoint(run, done, student, optimizer)


def _schedule(progress: float) -> float:
    """Return the share of the highest learning rate: a linear warm-up, then a cosine."""
    if progress < _WARM_UP:
        return (progress + 1e-3) / _WARM_UP
    return 0.5 * (1 + float(np.cos(np.pi * (progress - _WARM_UP) / (1 - _WARM_UP))))
