"""The child process that knows Ray: it joins a cluster, gives parts out and passes vectors on."""

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import pyarrow as pa

from index.embedding.identity import ModelIdentity
from index.errors import RayUnavailable, SeeAlsoError
from ingest.embedding.part import Embedded, Part
from ingest.embedding.ray_worker import RayWorker

NO_WORKER_LEFT = 3
"""The exit code that says so."""
_PATIENCE = 15  # seconds in which a lost head may answer again, or another worker join

Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Pool:
    """How many workers, and what each takes of its node."""

    size: int
    cpus: int
    gpus: int


def pool_for(nodes: Sequence[Node], backend: str) -> Pool:
    """A worker a GPU where a node has one and it is wanted; else a worker a node.

    `nodes` as `ray.nodes()` lists them. Raises RayUnavailable where none can work.
    """
    held = [node["Resources"] for node in nodes if node["Alive"]]
    gpus = sum(int(node.get("GPU", 0)) for node in held)
    if gpus and backend != "openvino":
        return Pool(gpus, 1, 1)
    cpus = [int(node["CPU"]) for node in held if node.get("CPU", 0) >= 1]
    if not cpus:
        raise RayUnavailable("the Ray cluster has no worker: `ray start --address=...` adds one")
    # OpenVINO takes all of a machine's cores, whatever Ray allots.
    return Pool(len(cpus), min(cpus), 0)


def drive(
    parent: Connection, address: str, asked: Mapping[str, str], identity: ModelIdentity
) -> None:
    """Say None once the cluster is joined, take parts up to None, send their vectors, then None.

    What keeps something from coming is sent in its place, as a SeeAlsoError. Exits with
    NO_WORKER_LEFT where the last worker is lost and no other joins.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent's to answer
    os.environ["RAY_gcs_rpc_server_reconnect_timeout_s"] = str(_PATIENCE)  # noqa: SIM112
    _silence_ray()
    import ray

    try:
        ray.init(address, log_to_driver=False, logging_level=logging.CRITICAL)
        pool = pool_for(_nodes(), asked["backend"])
        threading.Thread(target=_watch, args=(asked["backend"],), daemon=True).start()
        parent.send(None)
        blocks = [_block(part) for part in iter(parent.recv, None)]
        for embedded in _embedded(blocks, pool, RayWorker, (asked, identity)):
            parent.send(embedded)
        parent.send(None)
    except (SeeAlsoError, ray.exceptions.RayError, OSError, RuntimeError, ValueError) as error:
        parent.send(_ours(error, address))


def _embedded(
    blocks: list[pa.Table], pool: Pool, worker: type[RayWorker], arguments: tuple[object, ...]
) -> Generator[Embedded]:
    import ray

    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    context.raise_original_map_exception = True
    embedded = ray.data.from_blocks(blocks).map_batches(
        worker,
        fn_constructor_args=arguments,
        batch_size=None,  # each block as it is: a part
        batch_format="pyarrow",
        compute=ray.data.ActorPoolStrategy(size=pool.size),
        num_cpus=pool.cpus,
        num_gpus=pool.gpus,
    )
    # Without prefetching, which holds each part back until the next one is there.
    for part in embedded.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0):
        digests, vectors = (part[name].combine_chunks() for name in ("digest", "vector"))
        yield digests.to_pylist(), vectors.flatten().to_numpy().reshape(len(vectors), -1)


def _block(part: Part) -> pa.Table:
    names = ["digest", "title", "abstract"]
    return pa.table([pa.array(column) for column in zip(*part, strict=True)], names)


def _watch(backend: str) -> None:
    """End this process once no worker is left, for which Ray would wait for ever, or no parent."""
    parent, last_seen = os.getppid(), time.monotonic()
    while time.monotonic() - last_seen < _PATIENCE:
        time.sleep(1)
        if os.getppid() != parent:
            break
        try:
            pool_for(_nodes(), backend)
            last_seen = time.monotonic()
        except RayUnavailable:
            continue
    os._exit(NO_WORKER_LEFT)


def _nodes() -> list[Node]:
    import ray

    nodes: list[Node] = ray.nodes()  # type: ignore[no-untyped-call]
    return nodes


def _silence_ray() -> None:
    """Keep what Ray tells at length from standard error, which Python's tracebacks still reach."""
    import ray.data

    sys.stderr = os.fdopen(os.dup(2), "w")
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    assert ray.data  # whose import sets levels of its own
    logging.getLogger("ray").setLevel(logging.CRITICAL)
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)


def _ours(error: Exception, address: str) -> SeeAlsoError:
    """The error as the parent knows it; what was raised by a worker lies in Ray's own."""
    cause = getattr(error, "cause", None) or error
    if isinstance(cause, SeeAlsoError):
        return cause
    *_, last = str(cause).strip().split("\n")
    return RayUnavailable(f"the Ray cluster at {address} failed: {last or type(cause).__name__}")
