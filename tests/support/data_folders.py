"""Copies of a data folder that share what no test writes to."""

import os
import shutil
from pathlib import Path


def copy_data(source: Path, target: Path) -> Path:
    """Copy a data folder; the exported model, most of its size, is hard-linked.

    A model is written as a whole folder and renamed, never in place: a copy may delete or replace
    it without a change to the others.
    """
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("models"))
    link_models(source / "models", target / "models")
    return target


def link_models(source: Path, target: Path) -> Path:
    """Make a folder of exported models that shares the files of another."""
    shutil.copytree(source, target, copy_function=os.link, dirs_exist_ok=True)
    return target
