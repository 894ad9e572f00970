"""Nightly runs for a soak trial, one after another without a pause.

Each run harvests new papers and new versions of known ones, with texts of the bundled sample.
"""

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from scripts.trials.soak_runs import SoakRuns
from tests.arxiv_server.oai_pages import RawVersion
from tests.arxiv_server.oai_replay import OaiReplay, records_from_sample

_NEW, _REVISED = 20, 40
_FIRST_DAY = date(2026, 7, 7)


class NightlyRuns(SoakRuns):
    """Runs `seealso nightly` repeatedly, each time with new and revised papers."""

    def __init__(self, data: Path, oai: OaiReplay, stop: threading.Event):
        environment = {
            "SEEALSO_OAI": f"{oai.address}/oai",
            "SEEALSO_ARXIV_API": oai.address,
            "SEEALSO_PAUSE": "0",
        }
        super().__init__(data, stop, environment)
        self._oai = oai
        self._records = records_from_sample(_NEW + _REVISED, _FIRST_DAY, _NEW + _REVISED)

    def run(self) -> None:
        """Harvest the first day, then start nightly runs until `stop` is set."""
        self._announce()
        self._seealso("ingest", "oai", "--from", _FIRST_DAY.isoformat())
        while not self._stop_requested.is_set():
            self.done += 1
            self._announce()
            self._seealso("nightly")

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
