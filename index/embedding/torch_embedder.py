"""Plain sentence-transformers behind the embedder's door, in a process of its own."""

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
from index.embedding.model_files import ModelFiles
from index.errors import ModelUnavailable

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_P = ParamSpec("_P")
_T = TypeVar("_T")


class TorchEmbedder:
    """Encodes in a child process, on torch's GPU where it has one. Single precision only."""

    def __init__(self, files: ModelFiles, identity: ModelIdentity) -> None:
        if identity.precision != "f32":
            raise ModelUnavailable(
                "torch computes in f32 here: SEEALSO_PRECISION=bf16 needs SEEALSO_BACKEND=openvino"
            )
        self.identity = identity
        self._model = (str(files.folder), identity.length, None)
        self._child = _TorchChild()

    def encode(self, texts: Sequence[str]) -> Floats:
        """Unit vectors of the texts, shape (texts, dimension)."""
        return self._child.run(_encode, *self._model, list(texts))

    def close(self) -> None:
        """End the child process."""
        self._child.close()


def export_for_openvino(files: ModelFiles, length: int, target: Path) -> None:
    """Write a model in openvino's form into a folder; raises ModelUnavailable."""
    child = _TorchChild()
    try:
        child.run(_export, str(files.folder), length, "cpu", target)
    finally:
        child.close()


class _TorchChild:
    """One child process that holds torch and, once asked, the model."""

    def __init__(self) -> None:
        # A fresh interpreter: a fork would carry this process's threads and faiss along.
        self._pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), _quiet)

    def run(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        try:
            return self._pool.submit(work, *args, **kwargs).result()
        except BrokenProcessPool as error:
            raise ModelUnavailable("torch's process died; see its message above") from error
        except (ImportError, OSError, ValueError, RuntimeError, KeyError) as error:
            raise ModelUnavailable(f"torch cannot run the model: {error}") from error

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)


def _quiet() -> None:
    os.environ.update(HF_HUB_OFFLINE="1", TQDM_DISABLE="1", TRANSFORMERS_VERBOSITY="error")


@cache
def _loaded(folder: str, length: int, device: str | None) -> "SentenceTransformer":
    from index.embedding import torch_process

    return torch_process.load(folder, length, device)


def _encode(folder: str, length: int, device: str | None, texts: list[str]) -> Floats:
    from index.embedding import torch_process

    return torch_process.encode(_loaded(folder, length, device), texts)


def _export(folder: str, length: int, device: str | None, target: Path) -> None:
    from index.embedding import torch_process

    torch_process.export(_loaded(folder, length, device), target)
