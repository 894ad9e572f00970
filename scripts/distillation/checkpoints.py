"""Checkpoints of a training run: the weights of the student and the state of its optimizer."""

from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file

from scripts.distillation.student import Student

_MOMENTS = ("exp_avg", "exp_avg_sq")


def save_checkpoint(
    run: Path, step: int, student: Student, optimizer: torch.optim.Optimizer
) -> None:
    """Write the checkpoint of a run after this many steps; it replaces the one before at once."""
    tensors = dict[str, torch.Tensor]()
    for name, parameter in student.bert.encoder.named_parameters():
        tensors[f"weight/{name}"] = parameter.detach()
        for moment in _MOMENTS:
            tensors[f"{moment}/{name}"] = optimizer.state[parameter][moment]
    part = run / ".checkpoint.part"
    save_file(tensors, part, {"step": str(step)})
    part.rename(_path(run))


def resume(run: Path, student: Student, optimizer: torch.optim.Optimizer) -> int:
    """Load the last checkpoint, if there is one; return the number of steps that are done."""
    if not _path(run).exists():
        return 0
    parameters = dict(student.bert.encoder.named_parameters())
    with safe_open(_path(run), "pt") as checkpoint:
        step = int(checkpoint.metadata()["step"])
        student.load({name: checkpoint.get_tensor(f"weight/{name}") for name in parameters})
        for name, parameter in parameters.items():
            moments = {m: checkpoint.get_tensor(f"{m}/{name}") for m in _MOMENTS}
            optimizer.state[parameter] = {"step": torch.tensor(float(step)), **moments}
    return step


def _path(run: Path) -> Path:
    return run / "checkpoint.safetensors"
