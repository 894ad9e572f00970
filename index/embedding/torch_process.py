"""The code of the torch process: encode with sentence-transformers, and export for OpenVINO.

`torch_embedder` runs this module in a child process, and no other module imports torch. torch and
faiss have OpenMP runtimes that crashed when loaded into one process (faiss#4273, #3401), and torch
takes long to import.
"""

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from sentence_transformers import SentenceTransformer

from index.arrays import Floats
from index.embedding.openvino_import import import_openvino


def load(folder: str, length: int, device: str | None) -> SentenceTransformer:
    """Load a model from its folder; if `device` is None, onto a GPU if torch finds one.

    Raises ValueError if the weights are damaged.
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
        raise ValueError(f"{folder}/model.safetensors: {error}") from error
    model.max_seq_length = length
    return model


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
