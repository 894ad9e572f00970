"""The meta of answers is kept, but follows what is written and the time."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import index.health.freshness
from index.arxiv.calendar import read_calendar
from index.arxiv.paper import Paper
from index.catalogue.catalogue import open_catalogue, read_catalogue
from index.health.freshness import build_meta
from index.releases.current import CurrentRelease


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The releases of each meta that was read from a catalogue."""
    found: list[str] = []
    read = index.health.freshness._read_meta

    def counted(*arguments: object) -> object:
        meta = read(*arguments)  # type: ignore[arg-type]
        found.append(meta.release)
        return meta

    monkeypatch.setattr(index.health.freshness, "_read_meta", counted)
    return found


def test_meta_is_read_again_only_after_a_change(built_data_copy: Path, reads: list[str]) -> None:
    release = CurrentRelease(built_data_copy).get()
    with read_catalogue(built_data_copy) as catalogue:
        before = build_meta(catalogue, release)
        assert build_meta(catalogue, release) == before
        assert len(reads) == 1
        with open_catalogue(built_data_copy) as writing:
            writing.store([Paper("2401.99999", "Newts", abstract="Newts live in ponds.")])
            assert build_meta(writing, release).not_in_release == before.not_in_release + 1
            writing.store([Paper("2401.99998", "Toads", abstract="Toads live there too.")])
            assert build_meta(writing, release).not_in_release == before.not_in_release + 2
        assert build_meta(catalogue, release).not_in_release == before.not_in_release + 2


def test_meta_of_another_release_is_read(built_data_copy: Path, reads: list[str]) -> None:
    release = CurrentRelease(built_data_copy).get()
    with read_catalogue(built_data_copy) as catalogue:
        build_meta(catalogue, release)
        release.manifest = replace(release.manifest, name="20300101T000000Z-00000000")
        assert build_meta(catalogue, release).release == release.manifest.name
    assert len(reads) == 2


def test_staleness_follows_the_time(built_data_copy: Path, reads: list[str]) -> None:
    complete = datetime(2026, 1, 5, 12, tzinfo=UTC)
    release = CurrentRelease(built_data_copy).get()
    with open_catalogue(built_data_copy) as catalogue:
        catalogue.harvests.finish("", date(2026, 1, 1), complete, read_calendar())
        early = build_meta(catalogue, release, complete)
        late = build_meta(catalogue, release, complete + timedelta(days=400))
    assert (early.stale, late.stale) == (False, True)
    assert len(reads) == 1
