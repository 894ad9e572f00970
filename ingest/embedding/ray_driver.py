"""Driver process of Ray: joins a cluster, distributes parts over workers and passes vectors on."""

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
"""Exit code of this process if the last worker is lost."""
_GRACE = 15  # seconds in which a lost head may answer again, or another worker join

Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Pool:
    """Number of workers, and the CPUs and GPUs that each uses of its node."""

    size: int
    cpus: int
    gpus: int


def pool_for(nodes: Sequence[Node], backend: str) -> Pool:
    """Return one worker per GPU if there are any and the backend uses them, else one per node.

    `nodes` has the form of `ray.nodes()`. Raises RayUnavailable if no node can run a worker.
    """
    resources = [node["Resources"] for node in nodes if node["Alive"]]
    gpus = sum(int(node.get("GPU", 0)) for node in resources)
    if gpus and backend != "openvino":
        return Pool(gpus, 1, 1)
    cpus = [int(node["CPU"]) for node in resources if node.get("CPU", 0) >= 1]
    if not cpus:
        raise RayUnavailable("the Ray cluster has no worker: `ray start --address=...` adds one")
    # OpenVINO uses all cores of a machine, whatever Ray allots.
    return Pool(len(cpus), min(cpus), 0)


def drive(
    parent: Connection, address: str, settings: Mapping[str, str], identity: ModelIdentity
) -> None:
    """Run the driver: send None once connected; embed batches until None arrives; send None.

    If something fails, the next message is a SeeAlsoError instead. Exits with NO_WORKER_LEFT if
    the last worker is lost and no other joins.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles it
    os.environ["RAY_gcs_rpc_server_reconnect_timeout_s"] = str(_GRACE)  # noqa: SIM112
    _silence_ray()
    import ray

    try:
        ray.init(address, log_to_driver=False, logging_level=logging.CRITICAL)
        pool = pool_for(_nodes(), settings["backend"])
        threading.Thread(target=_watch, args=(settings["backend"],), daemon=True).start()
        parent.send(None)
        blocks = [_block(part) for part in iter(parent.recv, None)]
        for embedded in _embedded(blocks, pool, RayWorker, (settings, identity)):
            parent.send(embedded)
        parent.send(None)
    except (SeeAlsoError, ray.exceptions.RayError, OSError, RuntimeError, ValueError) as error:
        parent.send(_translate(error, address))


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
        batch_size=None,  # each block, which is a part, stays as it is
        batch_format="pyarrow",
        compute=ray.data.ActorPoolStrategy(size=pool.size),
        num_cpus=pool.cpus,
        num_gpus=pool.gpus,
    )
    # Prefetching would hold back each part until the next one is ready.
    for part in embedded.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0):
        digests, vectors = (part[name].combine_chunks() for name in ("digest", "vector"))
        yield digests.to_pylist(), vectors.flatten().to_numpy().reshape(len(vectors), -1)


def _block(part: Part) -> pa.Table:
    names = ["digest", "title", "abstract"]
    return pa.table([pa.array(column) for column in zip(*part, strict=True)], names)


def _watch(backend: str) -> None:
    """End this process if the parent ends, or if no worker is left (Ray would wait for ever)."""
    parent, last_seen = os.getppid(), time.monotonic()
    while time.monotonic() - last_seen < _GRACE:
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
    """Discard Ray's verbose output, but keep standard error for Python's own tracebacks."""
    import ray.data

    sys.stderr = os.fdopen(os.dup(2), "w")
    with open(os.devnull, "w") as devnull:
        os.dup2(devnull.fileno(), 1)
        os.dup2(devnull.fileno(), 2)
    assert ray.data  # importing it sets log levels, which the next lines override
    logging.getLogger("ray").setLevel(logging.CRITICAL)
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)


def _translate(error: Exception, address: str) -> SeeAlsoError:
    """Return the error as one of ours; Ray wraps the errors that a worker raises in its own."""
    cause = getattr(error, "cause", None) or error
    if isinstance(cause, SeeAlsoError):
        return cause
    *_, last = str(cause).strip().split("\n")
    return RayUnavailable(f"the Ray cluster at {address} failed: {last or type(cause).__name__}")
