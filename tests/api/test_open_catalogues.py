"""Catalogues kept open between requests: reused while the file is the same."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from starlette.types import Message

from api.app import create_app
from api.open_catalogues import OpenCatalogues
from index.arxiv.paper import Paper
from index.catalogue.catalogue import Catalogue, open_catalogue
from index.errors import NotReady, TooMuchWork, UnknownPaper
from index.settings import Settings
from index.work_limit import WorkLimit
from tests.conftest import SURVEY
from tests.support.client import RELATED

ONE = Paper("2401.00001", "One")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    with open_catalogue(tmp_path) as catalogue:
        catalogue.store([ONE])
    return tmp_path


def read(catalogues: OpenCatalogues) -> Catalogue:
    with catalogues.read() as catalogue:
        catalogue.entry(ONE.id)
        return catalogue


def test_a_catalogue_is_reused_and_reads_what_was_stored_since(data: Path) -> None:
    catalogues = OpenCatalogues(data)
    assert not catalogues.has_idle
    first = read(catalogues)
    assert catalogues.has_idle
    with open_catalogue(data) as writer:
        writer.store([Paper("2401.00002", "Two")])
    with catalogues.read() as catalogue:
        assert catalogue is first
        assert catalogue.entry("2401.00002").paper.title == "Two"
    catalogues.close()
    assert not catalogues.has_idle


def test_a_request_reads_one_state(data: Path) -> None:
    catalogues = OpenCatalogues(data)
    with catalogues.read() as catalogue:
        assert catalogue.count() == 1
        with open_catalogue(data) as writer:
            writer.store([Paper(ONE.id, "One, revised"), Paper("2401.00002", "Two")])
        assert catalogue.count() == 1
        assert catalogue.entry(ONE.id).paper.title == "One"
    with catalogues.read() as catalogue:
        assert catalogue.count() == 2
        assert catalogue.entry(ONE.id).paper.title == "One, revised"
    catalogues.close()


def test_an_idle_catalogue_does_not_keep_an_earlier_state(data: Path) -> None:
    catalogues = OpenCatalogues(data)
    read(catalogues)
    with open_catalogue(data) as writer:
        writer.store([Paper("2401.00002", "Two")])
        busy = writer.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    assert not busy
    catalogues.close()


@pytest.mark.parametrize("path", [RELATED, f"/papers/{SURVEY}", f"/feeds/related/{SURVEY}.atom"])
def test_a_client_that_reads_slowly_keeps_no_state(settings: Settings, path: str) -> None:
    app = create_app(settings)
    catalogues: OpenCatalogues = app.state.service.catalogues
    returned: list[bool] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        returned.append(catalogues.has_idle)
        assert message.get("status", 200) == 200

    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
        "scheme": "http",
        "server": ("localhost", 80),
        "client": ("127.0.0.1", 1),
        "state": {},
    }
    asyncio.run(app(scope, receive, send))
    assert returned
    assert all(returned)
    catalogues.close()


def test_two_requests_at_once_have_a_catalogue_each(data: Path) -> None:
    catalogues = OpenCatalogues(data)
    with catalogues.read() as one, catalogues.read() as other:
        assert one is not other
    catalogues.close()


def test_a_replaced_file_is_opened_again(data: Path) -> None:
    catalogues = OpenCatalogues(data)
    read(catalogues)
    other = data / "other"
    with open_catalogue(other) as writer:
        writer.store([Paper(ONE.id, "Restored")])
    shutil.move(other / "catalogue.db", data / "catalogue.db")
    with catalogues.read() as catalogue:
        assert catalogue.entry(ONE.id).paper.title == "Restored"
    catalogues.close()


def test_a_removed_file_is_reported(data: Path) -> None:
    catalogues = OpenCatalogues(data)
    read(catalogues)
    (data / "catalogue.db").unlink()
    with pytest.raises(NotReady), catalogues.read():
        pass
    assert not catalogues.has_idle


def test_a_migrated_file_is_opened_again(data: Path) -> None:
    catalogues = OpenCatalogues(data)
    first = read(catalogues)
    with closing(sqlite3.connect(data / "catalogue.db")) as db:
        db.execute("CREATE TABLE another (number INTEGER)")
    assert read(catalogues) is not first
    catalogues.close()


def test_after_an_error_the_catalogue_is_closed(data: Path) -> None:
    catalogues = OpenCatalogues(data)
    with pytest.raises(UnknownPaper), catalogues.read() as catalogue:
        catalogue.entry("2401.99999")
    assert not catalogues.has_idle
    with pytest.raises(sqlite3.ProgrammingError):
        catalogue.count()


def test_each_request_has_its_own_limit(data: Path) -> None:
    catalogues = OpenCatalogues(data)
    over = WorkLimit(30)
    query = (
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) "
        "SELECT count(*) FROM n"
    )
    with over.applied(), catalogues.read():
        pass  # the limit ends with this request
    over.cancel()
    with catalogues.read() as catalogue:
        assert catalogue.connection.execute(query).fetchone() == (300_000,)
    with pytest.raises(TooMuchWork), over.applied(), catalogues.read() as catalogue:
        catalogue.connection.execute(query).fetchone()
    assert not catalogues.has_idle
