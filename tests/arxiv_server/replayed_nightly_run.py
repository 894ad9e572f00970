"""A replayed nightly run: the records before it, and the records that it harvests.

The papers are those of the sample. Most records of the run are of known papers and change nothing.
The others are new versions, new papers, deleted or withdrawn papers, and records that cannot be
parsed. OAI-PMH omits a range of the new papers' numbers; the API returns half of that range.
"""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from ingest.snapshot.records import SAMPLE
from tests.arxiv_server.oai_pages import Announced, RawVersion
from tests.arxiv_server.oai_replay import OaiReplay, records_from_sample, replayed_oai

SINCE = date(2026, 6, 24)
_BEFORE = datetime(2026, 6, 29, 4, tzinfo=UTC)
_NIGHT = datetime(2026, 7, 7, 4, tzinfo=UTC)
_FIRST_DAY = date(2026, 7, 3)
_DAYS = 5
_MONTH = "2607"
_NEW_OF = 20
"""One of this many records is a new paper."""

_LEFT_OUT = 8
_PAGES = 10


@dataclass(frozen=True)
class ReplayedNightlyRun:
    """The server, the records of the nightly run, and the ids of its new papers in the sample.

    Until `announce` is called, the server has the records of the evening before.
    """

    server: OaiReplay
    announced: list[Announced]
    new_ids_in_sample: frozenset[str]

    @property
    def environment(self) -> dict[str, str]:
        """Return the settings that point to this server."""
        address = self.server.address
        return {
            "SEEALSO_OAI": f"{address}/oai",
            "SEEALSO_ARXIV_API": address,
            "SEEALSO_PAUSE": "0",
        }

    def announce(self) -> None:
        """Make the records of the nightly run available, and forget earlier requests."""
        self.server.records = self.announced
        self.server.now = _NIGHT
        self.server.received.clear()

    def write_sample_before(self, path: Path) -> None:
        """Write the sample without the papers that are new in the nightly run."""
        with gzip.open(SAMPLE, "rt", encoding="utf-8") as lines, path.open("w") as kept:
            kept.writelines(n for n in lines if json.loads(n)["id"] not in self.new_ids_in_sample)

    def step(self, log: str) -> str:
        """Return the step of a run, from its requests to this server and its standard error."""
        told = [line.partition(":")[0] for line in log.splitlines()]
        for finished, next_step in (
            ("release", "the end"),
            ("tag", "release"),
            ("embed", "tagging"),
        ):
            if finished in told:
                return next_step
        asked = self.server.received
        if not asked:
            return "the start"
        if "verb" not in asked[-1]:
            return "embedding"  # the last request went to the API, for what OAI-PMH omitted
        return "comparison" if "harvest" in told else "harvest"


@contextmanager
def replayed_nightly_run(records: int) -> Iterator[ReplayedNightlyRun]:
    """Serve the records before a nightly run of this many records; the caller calls `announce`."""
    new, known = records // _NEW_OF, records - records // _NEW_OF
    a_day = known // _DAYS + 1
    before = records_from_sample(known, SINCE, a_day)
    texts = records_from_sample(new + _LEFT_OUT, _FIRST_DAY, new // _DAYS + 1, skip=known)
    again = records_from_sample(known, _FIRST_DAY, a_day)
    announced = [_changed(n, record) for n, record in enumerate(again)]
    announced += [_new(n, record, first_left_out=new // 2) for n, record in enumerate(texts)]
    with replayed_oai(before) as server:
        server.now = _BEFORE
        server.records_per_page = server.identifiers_per_page = records // _PAGES
        yield ReplayedNightlyRun(server, announced, frozenset(record.id for record in texts))


def _changed(n: int, record: Announced) -> Announced:
    last = record.versions[-1].number
    versions = [*record.versions, RawVersion(last + 1, _NIGHT - timedelta(days=8))]
    if n % 40 == 0:
        longer = f"{record.abstract} This version adds an ablation."
        return replace(record, versions=versions, abstract=longer)
    if n % 20 == 10:
        return replace(record, versions=versions, comments="Typos corrected")
    if n % 20 == 15:
        return replace(record, journal_ref="Journal of Replays 1 (2026) 1-10")
    return {
        5: replace(record, deleted=True),
        6: replace(record, versions=versions, comments="This paper has been withdrawn"),
        7: replace(record, title=""),  # cannot be parsed
    }.get(n % 200, record)


def _new(n: int, record: Announced, first_left_out: int) -> Announced:
    place = n - first_left_out
    number = n + 1 if place < _LEFT_OUT else n + 1 + _LEFT_OUT
    day = SINCE - timedelta(days=30) if 0 <= place < _LEFT_OUT else record.datestamp
    return replace(record, id=f"{_MONTH}.{number:05}", datestamp=day)
