"""Failures of Milvus: requests get a clear 503, and releases stay unchanged."""

import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import numpy as np
import pytest
from fastapi.testclient import TestClient

from api.middleware.kept_answers import KeptAnswers
from index.catalogue.catalogue import open_catalogue
from index.embedding.identity import ModelIdentity
from index.errors import ForeignVectors, IndexUnavailable, LostVectors, NoSpaceLeft
from index.health.doctor import DoctorContext, run_checks
from index.health.findings import Finding
from index.releases.building import ReleaseBuilder
from index.releases.current import CurrentRelease
from index.releases.folder import current_name, list_releases
from index.releases.manifest import Manifest
from index.releases.milvus.collection import MilvusCollection
from index.releases.milvus.server import server_at
from index.settings import Settings, load_settings
from ingest.update import release_pending
from tests.support.client import assert_problem, get_json, open_client
from tests.support.milvus_lite import MilvusLite
from tests.support.processes import run_program
from tests.support.random_papers import IDENTITY, RandomPapers, make_release
from tests.support.releases import build_release

pytestmark = pytest.mark.cluster

_PAPERS = 80
_SECONDS = 2  # within which Milvus must answer in these tests
_LIST = "/v1/papers/2001.00007/related"


@pytest.fixture(autouse=True)
def _no_kept_answers() -> Iterator[None]:
    """Let each request reach Milvus: a kept answer does not need it."""
    # Not with the tests' monkeypatch, which must end before the server is started again.
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(KeptAnswers, "get", lambda kept, key: None)
        yield


@pytest.fixture(scope="module")
def built(milvus: MilvusLite, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with one release in Milvus. Tests that write use `data` instead."""
    folder = tmp_path_factory.mktemp("built") / "data"
    RandomPapers(3, [folder]).change(_PAPERS)
    make_release(folder, milvus.address(_SECONDS))
    return folder


@pytest.fixture
def data(tmp_path: Path, milvus: MilvusLite) -> Path:
    """A data folder with one release in Milvus, which the test may write to."""
    RandomPapers(4, [tmp_path]).change(_PAPERS)
    make_release(tmp_path, milvus.address(_SECONDS))
    return tmp_path


@pytest.fixture
def up(milvus: MilvusLite) -> Iterator[MilvusLite]:
    """The server; it is started again for the next test."""
    yield milvus
    milvus.start()
    milvus.wait_until_it_answers(_SECONDS)


def _assert_refused(response: httpx2.Response, detail: str, title: str) -> None:
    assert_problem(response, 503, detail)
    assert response.json()["title"] == title
    assert response.headers["retry-after"] == "30"


def _assert_unavailable(client: TestClient, data: Path, detail: str) -> None:
    """Check that lists and readiness fail with 503, papers are served, and status says why."""
    name = str(current_name(data))
    for address in (_LIST, "/readyz"):
        _assert_refused(client.get(address), detail, "Vector index unavailable")
    assert get_json(client, "/v1/papers/2001.00007")["id"] == "2001.00007"
    status = get_json(client, "/v1/status")
    assert (status["release"], status["released"]) == (name, _PAPERS)
    assert f"release {name}: Milvus at" in status["problem"]
    assert detail in status["problem"]


def _release_finding(data: Path) -> Finding:
    settings = load_settings({}, data=str(data))
    around = DoctorContext(exclusive=True, tagger=None, remote_source=False)
    found = run_checks(settings, datetime.now(UTC), around)
    return next(finding for finding in found if finding.subject == "release")


def _release_pending(settings: Settings) -> tuple[str, bool]:
    """Do what `seealso update` does after embedding and tagging."""
    with open_catalogue(settings.data) as catalogue:
        vectors = catalogue.vectors.of(IDENTITY)
        builder = ReleaseBuilder.from_settings(settings)
        return release_pending(catalogue, vectors, builder, lambda *_: None)


@contextmanager
def _unchanged(data: Path) -> Iterator[None]:
    """Check that the block does not change the releases on disk."""

    def held() -> dict[Path, bytes]:
        files = [path for path in (data / "releases").rglob("*") if path.is_file()]
        return {path: path.read_bytes() for path in files}

    before = held()
    yield
    assert held() == before


def test_a_server_that_is_down_at_the_start_and_comes_up(built: Path, up: MilvusLite) -> None:
    before = str(current_name(built))
    with open_client(built) as client:
        wanted = get_json(client, _LIST)["related"]
    up.kill()
    with open_client(built) as client:
        _assert_unavailable(client, built, "Fail connecting")
        up.start()
        up.wait_until_it_answers(_SECONDS)
        assert get_json(client, _LIST)["related"] == wanted
        assert get_json(client, "/v1/status")["problem"] is None
        assert client.get("/readyz").json() == {"status": "ok", "release": before}


def test_commands_report_that_it_is_down(built: Path, up: MilvusLite) -> None:
    up.kill()
    told = run_program(built, "status", "--json")
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)["release"] == current_name(built)
    assert "Fail connecting" in json.loads(told.stdout)["problem"]
    check = run_program(built, "release", "check")
    assert check.returncode == IndexUnavailable.exit_code
    assert f"release {current_name(built)}: Milvus at" in check.stderr
    assert "Traceback" not in check.stderr + told.stderr
    assert len(check.stderr.splitlines()) == 1  # and nothing of what pymilvus logs
    finding = _release_finding(built)
    assert finding.state == "broken"
    assert "Fail connecting" in finding.what
    assert "SEEALSO_INDEX" in finding.do


def test_commands_do_not_wait_for_a_server_that_hangs(built: Path, up: MilvusLite) -> None:
    """The command connects for the first time, and not even that is answered."""
    with up.hanging():
        began = time.monotonic()
        told = run_program(built, "status", "--json")
        assert time.monotonic() - began < 15
    assert json.loads(told.stdout)["release"] == current_name(built)
    assert f"release {current_name(built)}: Milvus at" in json.loads(told.stdout)["problem"]


def test_the_next_release_is_built_in_spite_of_a_damaged_one(
    data: Path, milvus: MilvusLite
) -> None:
    (data / "releases" / str(current_name(data)) / "keys.npy").write_bytes(b"no keys")
    assert make_release(data, milvus.address(_SECONDS)).papers == _PAPERS
    with open_client(data) as client:
        assert get_json(client, "/v1/status")["problem"] is None


def test_no_release_is_built_while_it_is_down(data: Path, up: MilvusLite) -> None:
    RandomPapers(5, [data]).change(5)
    up.kill()
    with _unchanged(data), pytest.raises(IndexUnavailable, match="Fail connecting"):
        make_release(data, up.address(_SECONDS))


def test_a_change_to_faiss_needs_no_server(data: Path, up: MilvusLite) -> None:
    up.kill()
    settings = load_settings({}, data=str(data), exact_up_to="0")
    name, built = _release_pending(settings)
    assert built
    assert CurrentRelease(data).get().manifest.kind == "partitioned"
    with open_client(data) as client:
        assert get_json(client, _LIST)["meta"]["release"] == name


def test_a_server_that_dies_during_a_request(built: Path, up: MilvusLite) -> None:
    with open_client(built) as client:
        get_json(client, _LIST)
        up.send(signal.SIGSTOP)
        threading.Timer(0.5, up.kill).start()
        began = time.monotonic()
        _assert_refused(client.get(_LIST), "Milvus at", "Vector index unavailable")
        assert time.monotonic() - began < 2 * _SECONDS
        _assert_unavailable(client, built, "Milvus at")
        up.start()
        up.wait_until_it_answers(_SECONDS)
        get_json(client, _LIST)


@pytest.mark.alone
def test_a_server_that_hangs(built: Path, up: MilvusLite, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_client(built) as client:
        get_json(client, _LIST)
        with up.hanging():
            began = time.monotonic()
            _assert_refused(client.get(_LIST), "did not answer in time", "Vector index unavailable")
            assert _SECONDS <= time.monotonic() - began < 3 * _SECONDS
            began = time.monotonic()
            _assert_unavailable(client, built, "did not answer a moment ago")
            assert time.monotonic() - began < _SECONDS
        monkeypatch.setattr(server_at(up.address(_SECONDS)), "_paused_until", 0.0)
        get_json(client, _LIST)


def test_an_unloaded_collection_is_loaded(
    data: Path, milvus: MilvusLite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cluster takes minutes for it: a request starts the loading and does not wait."""
    from pymilvus import MilvusClient

    collection = _collection(data, milvus)
    collection.server.write("release_collection", collection.name)
    begun: list[bool] = []

    def load_as_a_cluster(self: MilvusClient, name: str, _async: bool, **_: object) -> None:
        begun.append(_async)

    with open_client(data) as client:
        with monkeypatch.context() as patched:
            patched.setattr(MilvusClient, "load_collection", load_as_a_cluster)
            _assert_refused(client.get(_LIST), "is still loading", IndexUnavailable.title)
        assert begun == [True]
        get_json(client, _LIST)


def _scores(client: TestClient) -> dict[str, float]:
    return {entry["id"]: entry["score"] for entry in get_json(client, _LIST)["related"]}


def test_a_full_server(data: Path, up: MilvusLite) -> None:
    with open_client(data) as client:
        wanted = _scores(client)
        up.kill()
        up.start(largest_file=20_000)
        up.wait_until_it_answers(_SECONDS)
        RandomPapers(6, [data]).change(200)
        with _unchanged(data), pytest.raises(NoSpaceLeft, match=r"Milvus at .* is full"):
            make_release(data, up.address(_SECONDS))
        assert _scores(client) == wanted
        up.kill()
        up.start()
        up.wait_until_it_answers(_SECONDS)
        assert make_release(data, up.address(_SECONDS)).papers == 200
        assert get_json(client, _LIST)["meta"]["release"] == current_name(data)


def _collection(data: Path, milvus: MilvusLite) -> MilvusCollection:
    location = Manifest.read(data / "releases" / str(current_name(data))).location
    assert location
    return MilvusCollection(server_at(milvus.address(_SECONDS)), location.collection)


def _drop(collection: MilvusCollection, identity: ModelIdentity) -> None:
    collection.drop()


def _use_another_schema(collection: MilvusCollection, identity: ModelIdentity) -> None:
    """Replace it by a collection of another program or another version."""
    collection.drop()
    collection.server.write("create_collection", collection.name, dimension=identity.dimension)


def _use_another_model(collection: MilvusCollection, identity: ModelIdentity) -> None:
    owner = str(collection.owner())
    collection.drop()
    collection.create(replace(identity, revision="another"), owner)


_FOREIGN: list[tuple[Callable[[MilvusCollection, ModelIdentity], None], str]] = [
    (_drop, "does not exist"),
    (_use_another_schema, "its schema is None, not 1"),
    (_use_another_model, "its model is "),
]


@pytest.mark.parametrize(("change", "detail"), _FOREIGN, ids=lambda case: str(case)[:20])
def test_a_foreign_collection(
    data: Path,
    milvus: MilvusLite,
    change: Callable[[MilvusCollection, ModelIdentity], None],
    detail: str,
) -> None:
    name = str(current_name(data))
    change(_collection(data, milvus), IDENTITY)
    with open_client(data) as client:
        for address in (_LIST, "/readyz"):
            _assert_refused(client.get(address), detail, ForeignVectors.title)
        told = get_json(client, "/v1/status")
        assert told["releases"] == [name]
        assert f"release {name}: " in told["problem"]
        assert detail in told["problem"]
        assert _release_finding(data).do == "`seealso release build`"
        settings = load_settings({}, data=str(data), index=milvus.setting(_SECONDS))
        mended, built = _release_pending(settings)
        assert built
        assert get_json(client, _LIST)["meta"]["release"] == mended
        assert get_json(client, "/v1/status")["problem"] is None


def test_lost_vectors(data: Path, milvus: MilvusLite) -> None:
    """The server may have been restored from a backup that is older than the release."""
    name = str(current_name(data))
    with open_catalogue(data) as catalogue:
        gone = catalogue.entry("2001.00007").number
    row = CurrentRelease(data).get().row(gone)
    keys = np.load(data / "releases" / name / "keys.npy", allow_pickle=False)
    _collection(data, milvus).remove(keys[[row]])
    with open_client(data) as client:
        _assert_refused(client.get(_LIST), "lacks a vector", LostVectors.title)
        assert "lacks 1 of 80 vectors" in _release_finding(data).what
        settings = load_settings({}, data=str(data), index=milvus.setting(_SECONDS))
        mended, built = _release_pending(settings)
        assert built
        assert get_json(client, _LIST)["meta"]["release"] == mended


def test_the_previous_release_is_used_if_the_collection_is_gone(
    data: Path, milvus: MilvusLite
) -> None:
    make_release(data, None)
    good = str(current_name(data))
    wanted = CurrentRelease(data).get().nearness.vectors.vectors(np.arange(_PAPERS))
    with open_catalogue(data) as catalogue:
        build_release(catalogue, IDENTITY, data, 0, 2, milvus.address(_SECONDS))
    foreign = str(current_name(data))
    _drop(_collection(data, milvus), IDENTITY)
    assert list_releases(data) == [foreign, good]
    with open_client(data) as client:
        assert get_json(client, _LIST)["meta"]["release"] == good
        status = get_json(client, "/v1/status")
    assert status["release"] == good
    assert status["problem"].startswith(f"release {foreign}: ")
    held = CurrentRelease(data).get().nearness.vectors.vectors(np.arange(_PAPERS))
    np.testing.assert_array_equal(held, wanted)


def test_the_previous_release_is_used_once_the_collection_is_gone(
    data: Path, milvus: MilvusLite
) -> None:
    make_release(data, None)
    good = str(current_name(data))
    with open_catalogue(data) as catalogue:
        build_release(catalogue, IDENTITY, data, 0, 2, milvus.address(_SECONDS))
    lost = str(current_name(data))
    with open_client(data) as client:
        assert get_json(client, _LIST)["meta"]["release"] == lost
        _drop(_collection(data, milvus), IDENTITY)
        _assert_refused(client.get(_LIST), "does not exist", ForeignVectors.title)
        assert get_json(client, _LIST)["meta"]["release"] == good
        assert get_json(client, "/v1/status")["problem"].startswith(f"release {lost}: ")


def test_an_up_to_date_release_is_not_built_again(data: Path, milvus: MilvusLite) -> None:
    before = str(current_name(data))
    patient = load_settings({}, data=str(data), index=milvus.setting(60))
    elsewhere = load_settings({}, data=str(data), index=f"milvus://127.0.0.1:{milvus.port}/others")
    assert _release_pending(patient) == (before, False)
    assert _release_pending(elsewhere)[1]
