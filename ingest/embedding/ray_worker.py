"""Code that runs on each worker of a Ray cluster: opens the model once and embeds parts."""

import os
import socket
from collections.abc import Mapping
from functools import cached_property

import pyarrow as pa

from index.embedding.embedder import Embedder
from index.embedding.identity import ModelIdentity
from index.embedding.opening import configured_identity, open_embedder
from index.errors import ModelUnavailable
from index.settings import load_settings
from ingest.embedding.part import embed_part


class RayWorker:
    """Embeds parts with the model of the given settings, if it makes vectors of this identity.

    All other settings, above all the data folder, come from the worker's own environment.
    """

    def __init__(self, settings: Mapping[str, str], identity: ModelIdentity) -> None:
        self._settings = settings
        self._identity = identity

    def __call__(self, part: pa.Table) -> pa.Table:
        """Embed a table with columns `digest`, `title`, `abstract`; return `digest` and `vector`.

        Raises ModelUnavailable if the model of this worker is missing or not the expected one.
        """
        names = ("digest", "title", "abstract")
        columns = (part[name].to_pylist() for name in names)
        digests, vectors = embed_part(self._embedder, list(zip(*columns, strict=True)))
        rows = pa.FixedSizeListArray.from_arrays(vectors.ravel(), self._identity.dimension)
        return pa.table({"digest": pa.array(digests, pa.binary()), "vector": rows})

    @cached_property
    def _embedder(self) -> Embedder:
        settings = load_settings(os.environ, **self._settings)
        host = socket.gethostname()
        try:
            own = configured_identity(settings)
            if own == self._identity:
                return open_embedder(settings)
        except ModelUnavailable as error:
            raise ModelUnavailable(
                f"the Ray worker on {host} cannot open the model: {error}"
            ) from error
        raise ModelUnavailable(
            f"the Ray worker on {host} makes vectors of {own}, not of "
            f"{self._identity}: install the same seealso and model there; if the machines "
            "have different processors, set SEEALSO_PRECISION=f32"
        )
