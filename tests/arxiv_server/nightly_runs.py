"""Nightly runs against a replayed arXiv: its announcements, its clock, and the results."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.arxiv_server.oai_pages import Announced, RawVersion
from tests.arxiv_server.oai_replay import OaiReplay
from tests.conftest import Seealso
from tests.support.clock import set_clock

MONDAY = date(2026, 3, 2)
"""The first day whose announcement has numbers of March."""
PAPERS_PER_DAY = 75
UNLISTED_DAY = date(2026, 1, 5)
"""A day before all harvests: its records are only in the API, not in the lists of OAI-PMH."""


def set_day(replay: OaiReplay, monkeypatch: pytest.MonkeyPatch, day: date, hour: int = 4) -> None:
    """Set both clocks to shortly after the announcement of a UTC day, and forget requests."""
    replay.now = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
    set_clock(monkeypatch, replay.now)
    replay.received.clear()


def march_paper(number: int, day: date, **fields: Any) -> Announced:
    """Return a paper of March 2026. All have the same text, which is embedded only once."""
    created = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=9)
    given = {"versions": [RawVersion(1, created)], **fields}
    return Announced(f"2603.{number:05}", day, **given)


def announce(replay: OaiReplay, day: date, first: int, last: int, **fields: Any) -> None:
    """Announce the papers with the numbers `first` to `last`."""
    replay.records += [march_paper(number, day, **fields) for number in range(first, last + 1)]


def status(seealso: Seealso, data: Path) -> dict[str, Any]:
    """Return the output of `seealso status --json`."""
    found: dict[str, Any] = json.loads(seealso(data, "status", "--json").stdout)
    return found


def gaps(seealso: Seealso, data: Path) -> list[tuple[str, int | None, int | None]]:
    """Return the gaps: their name, the number of papers, and how often it was requested."""
    return [
        (gap["what"], gap["missing"], gap["asked"])
        for one in status(seealso, data)["following"]
        for gap in one["gaps"]
    ]


def looked_up_ids(replay: OaiReplay) -> list[list[str]]:
    """Return the identifiers of every request to the API."""
    return [one["id_list"].split(",") for one in replay.received if "id_list" in one]


def announcement_day(number: int) -> date:
    """Return the n-th day with an announcement, from 0; none of them is a holiday."""
    return MONDAY + timedelta(days=number + number // 5 * 2)


def run_days(
    arxiv: OaiReplay,
    data: Path,
    seealso: Seealso,
    monkeypatch: pytest.MonkeyPatch,
    *days: int,
    hidden: tuple[int, int] = (0, 0),
) -> None:
    """Run `seealso nightly` after the announcements of these days.

    The papers with numbers in the range `hidden` are not available at arXiv.
    """
    for day in days:
        set_day(arxiv, monkeypatch, announcement_day(day))
        announce(arxiv, announcement_day(day), day * PAPERS_PER_DAY + 1, (day + 1) * PAPERS_PER_DAY)
        first, last = hidden
        gone = {f"2603.{number:05}" for number in range(first, last + 1)}
        arxiv.records = [record for record in arxiv.records if record.id not in gone]
        assert seealso(data, "nightly").exit_code == 0
