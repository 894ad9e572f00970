"""Freshness of the catalogue, as every list and the status report it."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.arxiv_server.harvesting import serve_arxiv
from tests.arxiv_server.nightly_runs import UNLISTED_DAY, announce, run_days, status
from tests.arxiv_server.oai_replay import OaiReplay
from tests.conftest import SURVEY, Seealso
from tests.support.clock import set_clock

pytestmark = pytest.mark.usefixtures("without_taxonomies")


@pytest.fixture
def arxiv(monkeypatch: pytest.MonkeyPatch) -> Iterator[OaiReplay]:
    with serve_arxiv([], monkeypatch) as replay:
        replay.records_per_page = replay.identifiers_per_page = 1000
        yield replay


def test_lists_say_how_fresh_they_are(
    arxiv: OaiReplay, empty_data: Path, seealso: Seealso, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_days(arxiv, empty_data, seealso, monkeypatch, 0, 1, hidden=(101, 140))

    def meta() -> dict[str, object]:
        found = json.loads(seealso(empty_data, "related", "2603.00001", "--json").stdout)["meta"]
        return {name: found[name] for name in ("stale", "gaps", "next_announcement")}

    due = "2026-03-04T03:30:00+00:00"
    assert meta() == {"stale": False, "gaps": 1, "next_announcement": due}
    grace = datetime.fromisoformat(due) + timedelta(hours=12)
    set_clock(monkeypatch, grace)
    assert meta()["stale"] is False
    set_clock(monkeypatch, grace + timedelta(seconds=1))
    assert meta() == {"stale": True, "gaps": 1, "next_announcement": due}
    assert status(seealso, empty_data)["stale"] is True
    announce(arxiv, UNLISTED_DAY, 101, 140)
    run_days(arxiv, empty_data, seealso, monkeypatch, 2)
    due = "2026-03-05T03:30:00+00:00"
    assert meta() == {"stale": False, "gaps": 0, "next_announcement": due}
    set_clock(monkeypatch, datetime(2026, 3, 20, tzinfo=UTC))
    announce(arxiv, date(2026, 3, 19), 500, 500)
    arxiv.now = datetime(2026, 3, 20, tzinfo=UTC)
    seealso(empty_data, "ingest", "oai", "--from", "2026-03-18")
    assert meta()["stale"] is True  # two weeks were left out


def test_a_sample_is_never_late_and_has_no_gaps(built_data: Path, seealso: Seealso) -> None:
    meta = json.loads(seealso(built_data, "related", SURVEY, "--json").stdout)["meta"]
    assert (meta["stale"], meta["gaps"], meta["next_announcement"]) == (None, None, None)
    now = status(seealso, built_data)
    assert (now["stale"], now["next_announcement"], now["following"]) == (None, None, [])
