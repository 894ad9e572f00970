"""The -wal file stays small although others read without a pause."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from index.catalogue.protection import connections
from index.catalogue.protection.connections import WritableDatabase

LIMIT = 1_000_000
COUNT = "SELECT count(*) FROM blocks"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "catalogue.db"


@pytest.fixture
def db(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WritableDatabase]:
    monkeypatch.setattr(connections, "_MAX_WAL", LIMIT)
    with closing(WritableDatabase(path, wait=30)) as opened:
        opened.enable_wal()
        opened.execute("CREATE TABLE blocks (block BLOB)")
        yield opened


def store_blocks(db: WritableDatabase, count: int) -> None:
    """Commit this many blocks of half a megabyte, one by one."""
    for _ in range(count):
        with db.atomic():
            db.execute("INSERT INTO blocks VALUES (randomblob(500000))")


def reading(path: Path) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(path, isolation_level=None))


def read_without_a_pause(path: Path, started: threading.Event, stop: threading.Event) -> None:
    """Read in transactions, each of which begins before the one before it ends."""
    with reading(path) as one, reading(path) as other:
        while not stop.is_set():
            other.execute("BEGIN")
            other.execute(COUNT).fetchone()
            one.rollback()
            one, other = other, one
            started.set()
            stop.wait(0.005)


def wal_size(path: Path) -> int:
    return path.with_name("catalogue.db-wal").stat().st_size


def test_it_stays_small_under_constant_reading(
    db: WritableDatabase, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_WAIT_FOR_READERS", 60_000)  # a busy machine stops threads
    started, stop = threading.Event(), threading.Event()
    reader = threading.Thread(target=read_without_a_pause, args=(path, started, stop))
    reader.start()
    try:
        assert started.wait(30)
        store_blocks(db, 20)
        assert wal_size(path) <= 2 * LIMIT
    finally:
        stop.set()
        reader.join()


def test_a_long_reader_does_not_stop_a_writer(
    db: WritableDatabase, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_WAIT_FOR_READERS", 50)
    with reading(path) as reader:
        reader.execute("BEGIN")
        assert reader.execute(COUNT).fetchone() == (0,)
        store_blocks(db, 20)
        assert reader.execute(COUNT).fetchone() == (0,)
        assert (largest := wal_size(path)) > 10 * LIMIT
    store_blocks(db, 60)
    assert wal_size(path) < 2 * largest
    assert db.execute(COUNT).fetchone() == (80,)
