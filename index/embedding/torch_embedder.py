"""Embedder with sentence-transformers and torch, in a child process."""

import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from index.arrays import Floats
from index.embedding.identity import ModelIdentity
from index.errors import ModelUnavailable

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_P = ParamSpec("_P")
_T = TypeVar("_T")


class TorchEmbedder:
    """Encodes in a child process, on a GPU if torch finds one, in single precision only."""

    def __init__(self, folder: Path, identity: ModelIdentity) -> None:
        if identity.precision != "f32":
            raise ModelUnavailable(
                "the torch backend supports f32 only: SEEALSO_PRECISION=bf16 requires "
                "SEEALSO_BACKEND=openvino"
            )
        self.identity = identity
        self._model = (str(folder), identity.length, None)
        self._process = _TorchProcess()

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return the unit vectors of the texts, shape (texts, dimension)."""
        return self._process.run(_encode, *self._model, list(texts))

    def close(self) -> None:
        """End the child process."""
        self._process.close()


def export_for_openvino(source: Path, length: int, target: Path) -> None:
    """Export the model in `source` for OpenVINO; raises ModelUnavailable if torch fails."""
    process = _TorchProcess()
    try:
        process.run(_export, str(source), length, "cpu", target)
    finally:
        process.close()


class _TorchProcess:
    """A child process that imports torch and loads the model on first use."""

    def __init__(self) -> None:
        # Spawn, because a fork would copy the threads and the faiss of this process.
        self._pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), _set_environment)

    def run(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        try:
            return self._pool.submit(work, *args, **kwargs).result()
        except BrokenProcessPool as error:
            raise ModelUnavailable(
                "the torch process ended unexpectedly; see its messages above"
            ) from error
        except (ImportError, OSError, ValueError, RuntimeError, KeyError) as error:
            raise ModelUnavailable(f"torch cannot run the model: {error}") from error

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)


def _set_environment() -> None:
    os.environ.update(HF_HUB_OFFLINE="1", TQDM_DISABLE="1", TRANSFORMERS_VERBOSITY="error")


@cache
def _load_model(folder: str, length: int, device: str | None) -> "SentenceTransformer":
    from index.embedding import torch_process

    return torch_process.load(folder, length, device)


def _encode(folder: str, length: int, device: str | None, texts: list[str]) -> Floats:
    from index.embedding import torch_process

    return torch_process.encode(_load_model(folder, length, device), texts)


def _export(folder: str, length: int, device: str | None, target: Path) -> None:
    from index.embedding import torch_process

    torch_process.export(_load_model(folder, length, device), target)
