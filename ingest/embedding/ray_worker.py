"""What runs on each worker of a Ray cluster: the model, opened once, and a part's vectors."""

import fcntl
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import pyarrow as pa

from index.embedding.embedder import Embedder
from index.embedding.identity import ModelIdentity
from index.embedding.opening import identity_in_force, open_embedder
from index.errors import ModelUnavailable
from index.settings import load_settings
from ingest.embedding.part import embed_part


class RayWorker:
    """Embeds parts with the model of the settings asked for, where it makes the vectors asked for.

    All other settings, the data folder above all, are those of the worker's own environment.
    """

    def __init__(self, asked: Mapping[str, str], identity: ModelIdentity) -> None:
        self._asked = asked
        self._identity = identity

    def __call__(self, part: pa.Table) -> pa.Table:
        """Columns `digest` and `vector` for those of a part: `digest`, `title`, `abstract`.

        Raises ModelUnavailable.
        """
        names = ("digest", "title", "abstract")
        columns = (part[name].to_pylist() for name in names)
        digests, vectors = embed_part(self._embedder, list(zip(*columns, strict=True)))
        rows = pa.FixedSizeListArray.from_arrays(vectors.ravel(), self._identity.dimension)
        return pa.table({"digest": pa.array(digests, pa.binary()), "vector": rows})

    @cached_property
    def _embedder(self) -> Embedder:
        settings = load_settings(os.environ, **self._asked)
        found = identity_in_force(settings)
        if found != self._identity:
            raise ModelUnavailable(
                f"the Ray worker on {socket.gethostname()} makes vectors of {found}, not of "
                f"{self._identity}: install the same seealso and model there, and where the "
                "machines are not alike set SEEALSO_PRECISION=f32"
            )
        with _alone(settings.data):
            return open_embedder(settings)


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """Wait for this machine's other workers: one of them exports the model for all."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        with (data / "ray.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    except OSError as error:
        raise ModelUnavailable(
            f"the Ray worker on {socket.gethostname()} cannot keep its model in {data}: {error}"
        ) from error
