"""Harvests from the replayed arXiv, and the expected contents of the catalogue."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from index.arxiv.paper import Paper
from index.catalogue.catalogue import read_catalogue
from index.catalogue.harvests import FollowedSelection
from index.catalogue.runs import Run
from index.errors import NotReady
from tests.arxiv_server.oai_pages import Announced, RawVersion
from tests.arxiv_server.oai_replay import Behaviour, OaiReplay, records_from_sample, replayed_oai
from tests.support.catalogue_files import all_entries
from tests.support.processes import start_program

FIRST_DAY = date(2026, 3, 2)
"""A Monday, the first of the four days with records."""
PER_DAY = 10
PAGE = 7
PAGES = 6
"""Number of pages with the records of the four days."""
WELL: list[Behaviour] = ["well"] * PAGES
NOW = datetime(2026, 3, 6, 4, 0, tzinfo=UTC)
"""Half an hour after an announcement came due."""


def four_days() -> list[Announced]:
    """Return real papers, ten announced on each of four days."""
    return records_from_sample(4 * PER_DAY, FIRST_DAY, PER_DAY)


def environment(replay: OaiReplay) -> dict[str, str]:
    """Return settings that point to this server, without pause and with a short timeout."""
    return {
        "SEEALSO_OAI": f"{replay.address}/oai",
        "SEEALSO_ARXIV_API": replay.address,
        "SEEALSO_PAUSE": "0",
        "SEEALSO_TIMEOUT": "1",
    }


@contextmanager
def serve_arxiv(
    records: list[Announced], monkeypatch: pytest.MonkeyPatch, now: datetime = NOW
) -> Iterator[OaiReplay]:
    """Run the server with these records, and point the settings to it while the block runs."""
    with replayed_oai(records) as replay:
        replay.now = now
        replay.records_per_page, replay.identifiers_per_page = PAGE, 2 * PAGE
        for name, value in environment(replay).items():
            monkeypatch.setenv(name, value)
        yield replay


def kill_at_request(replay: OaiReplay, number: int, data: Path, *command: str) -> None:
    """Run a command, kill it when it sends its `number`-th request, and wait for its end."""
    running: list[subprocess.Popen[str]] = []

    def kill(received: int, arguments: dict[str, str]) -> None:
        if received == number:
            running[0].send_signal(signal.SIGKILL)
            running[0].wait(10)

    replay.before = kill
    running.append(start_program(data, *command, environment=environment(replay)))
    running[0].communicate(timeout=60)
    assert running[0].returncode == -signal.SIGKILL
    replay.before = None


class ComparablePaper(NamedTuple):
    """The fields of a paper that a harvest of arXivRaw must store."""

    title: str
    abstract: str
    categories: tuple[str, ...]
    version: int | None
    versions: tuple[tuple[int, date], ...]
    license: str | None
    comment: str | None


def papers_by_id(data: Path) -> dict[str, Paper]:
    """Return every paper of a catalogue by id; empty if there is no catalogue yet."""
    try:
        with read_catalogue(data) as catalogue:
            found = [entry.paper for entry in all_entries(catalogue)]
            assert len(found) == catalogue.count()
    except NotReady:
        return {}
    return {paper.id: paper for paper in found}


def stored_papers(data: Path) -> dict[str, ComparablePaper]:
    """Return the papers of a catalogue, to compare with `expected_papers`."""
    return {paper_id: _known(paper) for paper_id, paper in papers_by_id(data).items()}


def expected_papers(records: list[Announced]) -> dict[str, ComparablePaper]:
    """Return the papers that arXiv lists, each once, in its newest state."""
    return {record.id: _announced(record) for record in records}


def _known(paper: Paper) -> ComparablePaper:
    return ComparablePaper(
        title=paper.title,
        abstract=paper.abstract,
        categories=paper.categories,
        version=paper.version,
        versions=tuple((one.number, one.created) for one in paper.versions),
        license=paper.license,
        comment=paper.comment,
    )


def _announced(record: Announced) -> ComparablePaper:
    return ComparablePaper(
        title=" ".join(record.title.split()),
        abstract=" ".join(record.abstract.split()),
        categories=tuple(record.categories),
        version=record.versions[-1].number if record.versions else None,
        versions=tuple((one.number, one.created.date()) for one in record.versions),
        license=record.license,
        comment=" ".join((record.comments or "").split()) or None,
    )


def revise(record: Announced, day: date) -> None:
    """Announce a new version with another abstract on a day."""
    number = record.versions[-1].number + 1
    created = datetime(day.year, day.month, day.day, tzinfo=UTC)
    record.versions = [*record.versions, RawVersion(number, created)]
    record.abstract = f"Version {number}. {record.abstract}"
    record.datestamp = day


def requests_with(replay: OaiReplay, verb: str = "ListRecords") -> list[dict[str, str]]:
    """Return the arguments of every request with this verb, in order."""
    return [arguments for arguments in replay.received if arguments.get("verb") == verb]


def last_run(data: Path) -> Run:
    """Return the record of the last run that ended."""
    with read_catalogue(data) as catalogue:
        run = catalogue.runs.last()
    assert run is not None
    return run


def nonzero_counts(data: Path) -> dict[str, int]:
    """Return the counts above 0 of the last run that ended."""
    return {name: count for name, count in last_run(data).counts.items() if count}


def followed_selection(data: Path, selection: str = "") -> FollowedSelection:
    """Return up to when a selection is complete."""
    with read_catalogue(data) as catalogue:
        found = catalogue.harvests.of(selection)
    assert found is not None
    return found
