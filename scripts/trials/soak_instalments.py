"""Loads by instalments for a soak trial, one after another without a pause.

Before each load, all vectors but those of a few papers are deleted, and a release of these few is
built. Then `seealso update` embeds the others and releases at each doubling.
"""

import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

_SEEALSO = str(Path(sys.executable).with_name("seealso"))
FEW = 64
"""Papers in the release before a load."""


class InstalmentLoads(threading.Thread):
    """Runs `seealso update` repeatedly, each time with most papers to embed."""

    def __init__(self, data: Path, stop: threading.Event):
        super().__init__()
        self.done = 0
        self.failures: list[str] = []
        self._data = data
        self._stop_requested = stop

    def run(self) -> None:
        """Start one load after another until `stop` is set."""
        while not self._stop_requested.is_set():
            self.prepare()
            self._seealso("update")
            self.done += 1

    def prepare(self) -> None:
        """Delete most vectors, and release the papers that keep theirs."""
        db = sqlite3.connect(self._data / "catalogue.db", timeout=60)
        with db:
            db.execute(
                "DELETE FROM vectors WHERE text_hash IN "
                "(SELECT text_hash FROM papers ORDER BY number LIMIT -1 OFFSET ?)",
                [FEW],
            )
        db.close()
        self._seealso("release", "build")

    def _seealso(self, *arguments: str) -> None:
        """Run a seealso command. If it fails, keep the end of its standard error."""
        result = subprocess.run(
            [_SEEALSO, "--data", str(self._data), *arguments],
            env={**os.environ, "SEEALSO_INSTALMENT": str(FEW)},
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode:
            self.failures.append(result.stderr[-2000:])
