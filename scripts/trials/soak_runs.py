"""Commands that change a data folder while a soak trial reads it."""

import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

_SEEALSO = str(Path(sys.executable).with_name("seealso"))


class SoakRuns(threading.Thread):
    """Runs seealso commands until `stop` is set; counts its rounds and keeps failures."""

    def __init__(self, data: Path, stop: threading.Event, environment: Mapping[str, str]):
        super().__init__()
        self.done = 0
        self.failures: list[str] = []
        self._data = data
        self._stop_requested = stop
        self._environment = environment

    def _seealso(self, *arguments: str) -> None:
        """Run a seealso command. If it fails, keep the end of its standard error."""
        result = subprocess.run(
            [_SEEALSO, "--data", str(self._data), *arguments],
            env={**os.environ, **self._environment},
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode:
            self.failures.append(result.stderr[-2000:])
