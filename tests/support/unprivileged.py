"""Run commands without the privilege of root to ignore the permissions of files."""

import subprocess
import sys
from pathlib import Path

from tests.support.processes import start_program

# Gives up what makes root ignore permissions: CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH of
# linux/capability.h, by PR_CAPBSET_DROP of linux/prctl.h.
_UNPRIVILEGED = """
import ctypes, os, sys
for capability in (1, 2) if os.geteuid() == 0 else ():
    if ctypes.CDLL(None).prctl(24, capability, 0, 0, 0):
        raise OSError("this root may not give up privileges")
os.execv(sys.argv[1], sys.argv[1:])
"""
UNPRIVILEGED = (sys.executable, "-c", _UNPRIVILEGED)
"""The start of a command that runs as a user for whom permissions count."""


def run_unprivileged(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `seealso` over a data folder as a user for whom permissions count."""
    process = start_program(data, *arguments, prefix=UNPRIVILEGED)
    stdout, stderr = process.communicate(timeout=120)
    return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)


def make_read_only(folder: Path) -> None:
    """Remove every permission to write from a folder and all in it."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o500 if path.is_dir() else 0o400)


def make_writable(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
