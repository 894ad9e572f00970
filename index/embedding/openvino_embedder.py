"""Embedder on the CPU with tokenizers and OpenVINO; needs torch only to export the model once."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from index.arrays import Floats, unit
from index.embedding.identity import ModelIdentity
from index.embedding.model_files import ModelFiles
from index.embedding.openvino_import import import_openvino
from index.errors import ModelUnavailable
from index.files import folder_lock, write_checksums, write_folder
from index.work_limit import check_work


class OpenVinoEmbedder:
    """Encodes on the CPU, one text per inference request, with one request for each stream.

    Texts are not padded into batches, so a vector depends on its text alone, to the last bit. On
    two cores this is as fast as batches.
    """

    def __init__(self, files: ModelFiles, identity: ModelIdentity, cache: Path) -> None:
        """Compile the model; raises ModelUnavailable if the processor lacks the precision."""
        openvino = import_openvino()
        self.identity = identity
        folder = _export_once(files, identity.length, cache)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(identity.length)
        compiled = openvino.Core().compile_model(
            folder / "model.xml",
            "CPU",
            {"INFERENCE_PRECISION_HINT": identity.precision, "PERFORMANCE_HINT": "THROUGHPUT"},
        )
        if (computed := computed_precisions(compiled)) != {identity.precision}:
            raise ModelUnavailable(
                f"OpenVINO computes in {' and '.join(sorted(computed))} on this processor, not in "
                f"{identity.precision}: set SEEALSO_PRECISION=f32"
            )
        self._requests = openvino.AsyncInferQueue(compiled)

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return the unit vectors of the texts, shape (texts, dimension)."""
        vectors = np.zeros((len(texts), self.identity.dimension), np.float32)

        def store(request: Any, row: int) -> None:
            vectors[row] = request.get_output_tensor(0).data[0]

        self._requests.set_callback(store)
        for row, encoding in enumerate(self._tokenizer.encode_batch(list(texts))):
            check_work()
            tokens = np.asarray(encoding.ids, np.int64)[None]
            self._requests.start_async([tokens, np.ones_like(tokens)], row)
        self._requests.wait_all()
        return unit(vectors)

    def close(self) -> None:
        """Do nothing: OpenVINO frees its memory with the object."""


def computed_precisions(compiled: Any) -> set[str]:
    """Return the precisions that a compiled model computes with, by its properties and its graph.

    OpenVINO 2026.4 compiles a model for another precision, without an error, if the processor does
    not have the requested one. The executed graph has the precision of each layer; those with
    weights are `FullyConnected`.
    """
    precisions = {str(compiled.get_property("INFERENCE_PRECISION_HINT").to_string())}
    for layer in compiled.get_runtime_model().get_ordered_ops():
        info = layer.get_rt_info()
        if info["layerType"].astype(str) == "FullyConnected":
            precisions.add(info["runtimePrecision"].astype(str))
    return precisions


def _export_once(files: ModelFiles, length: int, cache: Path) -> Path:
    """Return the folder of the exported model; export it first if it is not in the cache.

    If two processes need it, one exports the model and the other waits. Raises ModelUnavailable if
    the export fails or the model has no fast tokenizer.
    """
    folder = cache / f"{files.name.replace('/', '--')}-{files.revision}"
    if not folder.is_dir():
        source = files.on_disk(cache)
        try:
            with folder_lock(cache):
                if not folder.is_dir():
                    _export(files.name, source, length, folder)
        except OSError as error:
            raise ModelUnavailable(
                f"cannot write the exported model to {cache}: {error}"
            ) from error
    return folder


def _export(name: str, source: Path, length: int, folder: Path) -> None:
    from index.embedding.torch_embedder import export_for_openvino

    with write_folder(folder) as target:
        export_for_openvino(source, length, target)
        if not (target / "tokenizer.json").is_file():
            raise ModelUnavailable(f"{name} has no fast tokenizer: set SEEALSO_BACKEND=torch")
        write_checksums(target)
