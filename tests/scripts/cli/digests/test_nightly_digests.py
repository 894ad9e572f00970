"""Digests after nightly runs: each new paper is in exactly one of them."""

import json
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.arxiv_server.harvesting import revise, serve_arxiv
from tests.arxiv_server.nightly_runs import MONDAY, announce, set_day
from tests.arxiv_server.oai_replay import OaiReplay
from tests.conftest import Seealso
from tests.support.processes import run_main

LIKED = "2603.00001"
TUESDAY = MONDAY + timedelta(days=1)
Digest = Callable[..., list[str]]


@pytest.fixture
def arxiv(monkeypatch: pytest.MonkeyPatch) -> Iterator[OaiReplay]:
    # Without taxonomies, because each nightly run would train a tagger of its own.
    monkeypatch.setattr("ingest.update.followed_taxonomies", lambda _: [])
    with serve_arxiv([], monkeypatch) as replay:
        set_day(replay, monkeypatch, MONDAY)
        announce(replay, MONDAY, 1, 8)
        yield replay


@pytest.fixture
def given(tmp_path: Path) -> tuple[str, ...]:
    """The arguments of every digest: all papers are listed, also weak matches."""
    state = ("--state", str(tmp_path / "state.json"), "--since", "yesterday")
    return ("digest", LIKED, *state, "--weak", "include", "--limit", "500")


def listed(seealso: Seealso, data: Path, given: tuple[str, ...]) -> list[int]:
    """Return the numbers of the papers of March in the next digest."""
    result = seealso(data, *given, "--format", "json")
    assert result.exit_code == 0
    digest: dict[str, Any] = json.loads(result.stdout)
    papers = [paper for group in digest["groups"] for paper in group["papers"]]
    return sorted(int(paper["id"].removeprefix("2603.")) for paper in papers)


def test_each_paper_is_in_one_digest_also_after_a_missed_one(
    arxiv: OaiReplay,
    empty_data: Path,
    given: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    seealso: Seealso,
) -> None:
    data = empty_data
    assert seealso(data, "nightly").exit_code == 0
    assert listed(seealso, data, given) == list(range(2, 9))
    assert listed(seealso, data, given) == []
    assert seealso(data, "nightly").exit_code == 0  # again on the same day: nothing changed
    assert listed(seealso, data, given) == []

    set_day(arxiv, monkeypatch, TUESDAY)
    announce(arxiv, TUESDAY, 9, 12)
    revise(arxiv.records[0], TUESDAY)
    assert seealso(data, "nightly").exit_code == 0
    set_day(arxiv, monkeypatch, TUESDAY + timedelta(days=1))
    announce(arxiv, TUESDAY + timedelta(days=1), 13, 15)
    assert seealso(data, "nightly").exit_code == 0
    assert listed(seealso, data, given) == list(range(9, 16))


def test_a_digest_that_could_not_be_sent_is_repeated(
    arxiv: OaiReplay, empty_data: Path, given: tuple[str, ...], seealso: Seealso
) -> None:
    assert seealso(empty_data, "nightly").exit_code == 0
    fail = f"{sys.executable} -c 'import sys; sys.exit(3)'"
    assert run_main(empty_data, *given, "--send", fail).returncode == 75
    assert listed(seealso, empty_data, given) == list(range(2, 9))


def test_papers_that_wait_for_a_release_come_later(
    arxiv: OaiReplay,
    empty_data: Path,
    given: tuple[str, ...],
    seealso: Seealso,
) -> None:
    assert seealso(empty_data, "nightly").exit_code == 0
    assert listed(seealso, empty_data, given) == list(range(2, 9))
    announce(arxiv, MONDAY, 9, 12)
    assert seealso(empty_data, "ingest", "oai").exit_code == 0
    result = seealso(empty_data, *given)
    assert result.stdout == ""
    assert "4 new papers are not in the release yet; run `seealso update`." in result.stderr
    assert seealso(empty_data, "update").exit_code == 0
    assert listed(seealso, empty_data, given) == list(range(9, 13))
    assert listed(seealso, empty_data, given) == []


def test_nothing_new_because_an_announcement_is_missing_is_an_error(
    arxiv: OaiReplay,
    empty_data: Path,
    given: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    seealso: Seealso,
) -> None:
    assert seealso(empty_data, "nightly").exit_code == 0
    assert len(listed(seealso, empty_data, given)) == 7
    set_day(arxiv, monkeypatch, TUESDAY + timedelta(days=2))
    result = run_main(empty_data, *given)
    assert (result.returncode, result.stdout) == (75, "")
    assert "run `seealso nightly`" in result.stderr
    assert "Stale: arXiv's announcement of 2026-03-03 is missing." in result.stderr
