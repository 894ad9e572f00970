"""Run commands without the privilege of root to ignore the permissions of files."""

import ctypes
import os
import subprocess
from pathlib import Path

from tests.support.processes import start_program

_PR_CAPBSET_DROP = 24  # linux/prctl.h
_CAPABILITIES = (1, 2)  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH of linux/capability.h


def drop_privilege() -> None:
    """Give up, for the program started next, what makes root ignore permissions."""
    for capability in _CAPABILITIES if os.geteuid() == 0 else ():
        if ctypes.CDLL(None).prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0):
            raise OSError("this root may not give up privileges")


def run_unprivileged(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `seealso` over a data folder as a user for whom permissions count."""
    process = start_program(data, *arguments, prepare=drop_privilege)
    stdout, stderr = process.communicate(timeout=120)
    return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)


def make_read_only(folder: Path) -> None:
    """Remove every permission to write from a folder and all in it."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o500 if path.is_dir() else 0o400)


def make_writable(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
