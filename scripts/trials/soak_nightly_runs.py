"""Nightly runs for a soak trial, one after another without a pause.

Each run harvests new papers and new versions of known ones, with texts of the bundled sample.
"""

import os
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from tests.arxiv_server.oai_pages import RawVersion
from tests.arxiv_server.oai_replay import OaiReplay, records_from_sample

_SEEALSO = str(Path(sys.executable).with_name("seealso"))
_NEW, _REVISED = 20, 40
_FIRST_DAY = date(2026, 7, 7)


class NightlyRuns(threading.Thread):
    """Runs `seealso nightly` repeatedly, each time with new and revised papers."""

    def __init__(self, data: Path, oai: OaiReplay, stop: threading.Event):
        super().__init__()
        self.done = 0
        self.failures: list[str] = []
        self._data = data
        self._oai = oai
        self._stop_requested = stop
        self._records = records_from_sample(_NEW + _REVISED, _FIRST_DAY, _NEW + _REVISED)

    def run(self) -> None:
        """Harvest the first day, then start nightly runs until `stop` is set."""
        self._announce()
        self._seealso("ingest", "oai", "--from", _FIRST_DAY.isoformat())
        while not self._stop_requested.is_set():
            self.done += 1
            self._announce()
            self._seealso("nightly")

    def _seealso(self, *arguments: str) -> None:
        """Run a seealso command. If it fails, keep the end of its standard error."""
        environment = {
            "SEEALSO_OAI": f"{self._oai.address}/oai",
            "SEEALSO_ARXIV_API": self._oai.address,
            "SEEALSO_PAUSE": "0",
        }
        result = subprocess.run(
            [_SEEALSO, "--data", str(self._data), *arguments],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode:
            self.failures.append(result.stderr[-2000:])

    def _announce(self) -> None:
        """Add the papers of the next day to the replay, and set its clock to that day."""
        day = _FIRST_DAY + timedelta(days=self.done)
        at = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
        for place, record in enumerate(self._records):
            is_new = place < _NEW
            number = 1 if is_new else record.versions[-1].number + 1 + self.done
            announced = replace(
                record,
                id=f"{day:%y%m}.{self.done * _NEW + place + 1:05}" if is_new else record.id,
                datestamp=day,
                abstract=f"{record.abstract} This text was announced on day {self.done}.",
                versions=[RawVersion(number, at - timedelta(days=1))],
            )
            self._oai.records = [other for other in self._oai.records if other.id != announced.id]
            self._oai.records.append(announced)
        self._oai.now = at + timedelta(hours=1)
