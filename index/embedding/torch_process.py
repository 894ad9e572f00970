"""The code of the torch process: encode with sentence-transformers, and export for OpenVINO.

`torch_embedder` runs this module in a child process, and no other module imports torch. torch and
faiss have OpenMP runtimes that crashed when loaded into one process (faiss#4273, #3401), and torch
takes long to import.
"""

import warnings
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from sentence_transformers import SentenceTransformer

from index.arrays import Floats
from index.embedding.model_files import WEIGHTS
from index.embedding.openvino_import import import_openvino


def load(folder: str, length: int, device: str | None) -> SentenceTransformer:
    """Load a model from its folder; if `device` is None, onto a GPU if torch finds one.

    Raises ValueError if the weights are damaged, incomplete or of other shapes.
    """
    try:
        model = SentenceTransformer(
            folder,
            device=device,
            trust_remote_code=False,
            local_files_only=True,
            model_kwargs={"use_safetensors": True},
        )
    except SafetensorError as error:  # derived from Exception directly
        raise ValueError(f"{folder}/{WEIGHTS}: {error}") from error
    except RuntimeError as error:
        what = "cannot be loaded; they may have other shapes than config.json describes"
        raise ValueError(f"the tensors of {folder}/{WEIGHTS} {what}: {error}") from error
    if missing := missing_tensors(model, Path(folder) / WEIGHTS):
        raise ValueError(
            f"{folder}/{WEIGHTS} lacks {len(missing)} tensors of the model that config.json "
            f"describes, such as {missing[0]}"
        )
    model.max_seq_length = length
    return model


def missing_tensors(model: SentenceTransformer, weights: Path) -> list[str]:
    """Return the names of the tensors of a loaded model that the file of its weights lacks.

    transformers gives them random values, without an error. Names in the file may begin with the
    name of the architecture, and one of several names of a tensor is enough. The pooler is not
    used: sentence-transformers pools the states of the last layer itself.
    """
    transformer: Any = model[0].auto_model
    prefix = transformer.base_model_prefix
    with safe_open(weights, "pt") as file:
        stored = {name.removeprefix(f"{prefix}.") for name in file.keys()}  # noqa: SIM118
    names = defaultdict[int, list[str]](list)
    for name, tensor in transformer.state_dict().items():
        names[tensor.data_ptr()].append(name)
    return [
        same[0]
        for same in names.values()
        if stored.isdisjoint(same) and not same[0].startswith("pooler.")
    ]


def encode(model: SentenceTransformer, texts: Sequence[str]) -> Floats:
    """Return the unit vectors of the texts, shape (texts, dimension), in single precision."""
    vectors = model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
    return np.asarray(vectors, np.float32)


class _Sentences(torch.nn.Module):
    """The complete model, including pooling, as a function of token ids and attention mask."""

    def __init__(self, model: SentenceTransformer) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        features = {"input_ids": input_ids, "attention_mask": attention_mask}
        vectors: torch.Tensor = self.model(features)["sentence_embedding"]
        return vectors


def export(model: SentenceTransformer, target: Path) -> None:
    """Write a model as OpenVINO's `model.xml` and `model.bin`, and its tokenizer, into a folder."""
    openvino = import_openvino()
    tokens = torch.ones((2, 16), dtype=torch.int64)
    any_size = openvino.PartialShape([-1, -1])
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tracing warns repeatedly about dynamic shapes
        converted = openvino.convert_model(
            _Sentences(model).eval(),
            example_input={"input_ids": tokens, "attention_mask": tokens},
            input=[
                ("input_ids", any_size, openvino.Type.i64),
                ("attention_mask", any_size, openvino.Type.i64),
            ],
        )
    openvino.save_model(converted, target / "model.xml", compress_to_fp16=False)
    model.tokenizer.save_pretrained(target)
