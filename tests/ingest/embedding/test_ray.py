"""Embedding on a Ray cluster gives the vectors of a local run, whatever part of it is lost."""

import re
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from index.catalogue.catalogue import open_catalogue
from index.embedding.model_lookup import SPLIT_MODELS, find_model
from index.embedding.opening import configured_identity
from index.embedding.split_model import ALL_MPNET_BASE_V2
from index.errors import BadInput, ModelUnavailable, RayUnavailable
from index.settings import PACKAGED_MODEL, Settings
from ingest.embedding.pending import embed_pending, parts_embedder
from ingest.embedding.ray_client import check_ray, worker_settings
from ingest.embedding.ray_driver import Pool, pool_for
from ingest.embedding.ray_worker import RayWorker
from tests.conftest import Seealso
from tests.support.catalogue_files import contents
from tests.support.damage import flip_bytes
from tests.support.processes import free_port
from tests.support.ray_nodes import RayCluster, ray_cluster

pytestmark = pytest.mark.cluster

_PENDING = 200  # four parts


@pytest.fixture(scope="module")
def running(
    built_data: Path, models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RayCluster]:
    kept = tmp_path_factory.mktemp("workers")
    (kept / "models").symlink_to(models)
    with ray_cluster(kept) as cluster:
        yield cluster


@pytest.fixture
def cluster(running: RayCluster, monkeypatch: pytest.MonkeyPatch) -> RayCluster:
    """The cluster as the previous test left it, with its token in the environment."""
    for name, value in running.environment.items():
        monkeypatch.setenv(name, value)
    return running


@pytest.fixture
def unembedded(built_settings_copy: Settings) -> Settings:
    """Settings of a data folder in which the shortest texts have no vectors."""
    with open_catalogue(built_settings_copy.data) as catalogue, catalogue.atomic():
        catalogue._db.execute(
            "DELETE FROM vectors WHERE text_hash IN "
            "(SELECT text_hash FROM papers ORDER BY length(abstract) LIMIT ?)",
            [_PENDING],
        )
    return built_settings_copy


class Embedding:
    """One run of `embed_pending` on a cluster, with an event after its first part."""

    def __init__(self, settings: Settings, cluster: RayCluster) -> None:
        self._settings = settings
        self._cluster = cluster
        self.kept = 0

    def run(self, then: Callable[[], None]) -> int:
        with open_catalogue(self._settings.data) as catalogue:
            identity = configured_identity(self._settings)
            embed_parts = parts_embedder(self._settings, identity, self._cluster.address)
            vectors, papers = catalogue.vectors.of(identity), catalogue.count()
            pending = vectors.pending()
            before = papers - int(pending.papers.sum())
            for embedded in embed_pending(vectors, embed_parts, pending, papers, lambda *_: None):
                first, self.kept = self.kept == 0, embedded - before
                if first and embedded < papers:
                    then()
        return self.kept


def _vectors(data: Path) -> set[tuple[object, ...]]:
    """Every vector with its identity and text hash; each is stored once."""
    held = contents(data / "catalogue.db")["vectors"]
    assert len({(identity, digest) for identity, digest, *_ in held}) == len(held)
    return set(held)


def test_a_worker_is_lost_and_the_run_continues(
    cluster: RayCluster, unembedded: Settings, built_data: Path
) -> None:
    cluster.start(workers=2)
    assert Embedding(unembedded, cluster).run(then=cluster.kill_worker) == _PENDING
    assert len(cluster.workers) == 1
    assert _vectors(unembedded.data) == _vectors(built_data)


def test_the_last_worker_is_lost_and_the_next_run_resumes(
    cluster: RayCluster, unembedded: Settings, built_data: Path
) -> None:
    cluster.start(workers=1)
    embedding = Embedding(unembedded, cluster)
    with pytest.raises(RayUnavailable, match="the last worker of the Ray cluster"):
        embedding.run(then=cluster.kill_worker)
    kept = embedding.kept
    assert 0 < kept < _PENDING
    assert _vectors(unembedded.data) < _vectors(built_data)
    with pytest.raises(RayUnavailable, match="has no worker"):
        embedding.run(then=pytest.fail)
    cluster.start(workers=1)
    assert embedding.run(then=lambda: None) == _PENDING - kept
    assert _vectors(unembedded.data) == _vectors(built_data)


def test_vectors_of_another_model_are_refused(
    cluster: RayCluster, unembedded: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packaged = find_model(PACKAGED_MODEL).on_disk(tmp_path)
    shutil.copytree(packaged, tmp_path / "my-model")
    theirs = shutil.copytree(packaged, cluster.home / "my-model")
    flip_bytes(theirs / "model.safetensors", 10**6, 10**6 + 100)
    monkeypatch.setenv("HOME", str(tmp_path))
    cluster.start(workers=1)
    before = _vectors(unembedded.data)
    with pytest.raises(ModelUnavailable, match=r"my-model@\w+ .* not of my-model@.* SEEALSO_PREC"):
        Embedding(replace(unembedded, model="~/my-model"), cluster).run(then=pytest.fail)
    assert _vectors(unembedded.data) == before


def test_a_worker_that_cannot_open_the_model_names_its_machine(
    built_settings_copy: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    absent = replace(ALL_MPNET_BASE_V2, packages={"no-such-part": "input"})
    monkeypatch.setitem(SPLIT_MODELS, "all-mpnet-base-v2", absent)
    settings = worker_settings(replace(built_settings_copy, model="all-mpnet-base-v2"))
    worker = RayWorker(settings, configured_identity(built_settings_copy))
    part = pa.table({name: pa.array([], pa.string()) for name in ("digest", "title", "abstract")})
    message = rf"on {re.escape(socket.gethostname())} cannot open .*\(no-such-part\): pip install"
    with pytest.raises(ModelUnavailable, match=message):
        worker(part)


def test_the_head_is_lost_and_the_next_run_resumes(
    cluster: RayCluster, unembedded: Settings, built_data: Path, seealso: Seealso
) -> None:
    cluster.start(workers=1)
    embedding = Embedding(unembedded, cluster)
    with pytest.raises(
        RayUnavailable, match=f"{cluster.address} was lost; the vectors received so far are stored"
    ):
        embedding.run(then=cluster.kill)
    assert 0 < embedding.kept < _PENDING
    assert _vectors(unembedded.data) < _vectors(built_data)
    cluster.start(workers=1)
    ended = seealso(unembedded.data, "update", "--ray", cluster.address)
    assert f"\n{_PENDING - embedding.kept} embedded, " in ended.output
    assert _vectors(unembedded.data) == _vectors(built_data)


@pytest.mark.parametrize(
    ("address", "error", "message"),
    [
        ("127.0.0.1:FREE_PORT", RayUnavailable, "no Ray cluster answers at 127.0.0.1:"),
        ("no-such-host.invalid:6379", RayUnavailable, "no Ray cluster answers at no-such-host"),
        ("127.0.0.1:99999", RayUnavailable, "no Ray cluster answers"),
        ("auto", BadInput, "must be HOST:PORT"),
        ("ray://127.0.0.1:10001", BadInput, "must be HOST:PORT"),
    ],
)
def test_an_address_without_a_cluster(address: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        # Not free_port() above: all workers of pytest-xdist must collect the same ids.
        check_ray(address.replace("FREE_PORT", str(free_port())))


def test_an_invalid_address_is_reported_before_anything_is_embedded(
    built_settings_copy: Settings,
) -> None:
    identity = configured_identity(built_settings_copy)
    with pytest.raises(BadInput, match="must be HOST:PORT"):
        parts_embedder(built_settings_copy, identity, "nowhere")


def test_missing_ray_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(RayUnavailable, match=r"pip install 'seealso\[ray\]'"):
        check_ray("127.0.0.1:6379")


def _node(alive: bool = True, **resources: float) -> dict[str, object]:
    return {"Alive": alive, "Resources": resources}


def test_there_is_one_worker_per_node_or_per_gpu() -> None:
    head, gone = _node(memory=1.0), _node(alive=False, CPU=64.0, GPU=8.0)
    nodes = [head, gone, _node(CPU=16.0), _node(CPU=8.0)]
    assert pool_for(nodes, "auto") == Pool(2, 8, 0)
    nodes.append(_node(CPU=8.0, GPU=4.0))
    assert pool_for(nodes, "auto") == pool_for(nodes, "torch") == Pool(4, 1, 1)
    assert pool_for(nodes, "openvino") == Pool(3, 8, 0)
    with pytest.raises(RayUnavailable, match="ray start --address"):
        pool_for([head, gone], "auto")
