"""Loads by instalments for a soak trial, one after another without a pause.

Before each load, all vectors but those of a few papers are deleted, and a release of these few is
built. Then `seealso update` embeds the others and releases at each doubling.
"""

import sqlite3
import threading
from pathlib import Path

from scripts.trials.soak_runs import SoakRuns

_FEW = 64  # papers in the release before a load


class InstalmentLoads(SoakRuns):
    """Runs `seealso update` repeatedly, each time with most papers to embed."""

    def __init__(self, data: Path, stop: threading.Event):
        super().__init__(data, stop, {"SEEALSO_INSTALMENT": str(_FEW)})

    def run(self) -> None:
        """Start one load after another until `stop` is set."""
        while not self._stop_requested.is_set():
            self._prepare()
            self._seealso("update")
            self.done += 1

    def _prepare(self) -> None:
        """Delete most vectors, and release the papers that keep theirs."""
        db = sqlite3.connect(self._data / "catalogue.db", timeout=60)
        with db:
            db.execute(
                "DELETE FROM vectors WHERE text_hash IN "
                "(SELECT text_hash FROM papers ORDER BY number LIMIT -1 OFFSET ?)",
                [_FEW],
            )
        db.close()
        self._seealso("release", "build")
