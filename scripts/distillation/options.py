"""The options of a training run, which it cannot change."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import BadInput
from index.files import make_folder, read_json, write_file

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


@dataclass(frozen=True, slots=True)
class Options:
    """What a run consists of; a run continues only with equal options."""

    layers: int
    steps: int
    batch: int
    length: int
    rate: float
    hold_out: int | None
    seed: int


def check_options(run: Path, options: "DataclassInstance") -> None:
    """Write the options of a new run; raises BadInput if the run has others."""
    make_folder(run)
    path = run / "run.json"
    declared = asdict(options)
    if not path.exists():
        write_file(path, json.dumps(declared, indent=1).encode())
    elif (found := read_json(path)) != declared:
        raise BadInput(f"{run} was begun with {found}, not with {declared}: pass a new folder")
