"""Copies of a data folder that share what no test writes to."""

import os
import shutil
from pathlib import Path


def copy_data(source: Path, target: Path) -> Path:
    """Copy a data folder; the exported model, most of its size, is hard-linked.

    A model is written as a whole folder and renamed, never in place: a copy may delete or replace
    it without a change to the others.

    The files that SQLite keeps beside an open catalogue are left out: the tests of another worker
    open and close a shared folder at any time, so these files come and go. Nothing is lost, because
    nothing is written to a folder that is copied.
    """
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("models", "catalogue.db-*"))
    link_models(source / "models", target / "models")
    return target


def link_models(source: Path, target: Path) -> Path:
    """Make a folder of exported models that shares the files of another."""
    shutil.copytree(source, target, copy_function=os.link, dirs_exist_ok=True)
    return target
