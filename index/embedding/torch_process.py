"""What runs in torch's own process: sentence-transformers, and the export for the light route.

torch and faiss bring OpenMP runtimes that have crashed in one process (faiss#4273, #3401), and
torch is heavy: this module alone imports it, and `torch_embedder` runs it in a child process.
"""

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from sentence_transformers import SentenceTransformer

from index.arrays import Floats


def load(folder: str, length: int, device: str | None) -> SentenceTransformer:
    """Read a model from its folder; with no device named, on torch's GPU where it has one.

    Raises ValueError for damaged weights.
    """
    try:
        model = SentenceTransformer(
            folder,
            device=device,
            trust_remote_code=False,
            local_files_only=True,
            model_kwargs={"use_safetensors": True},
        )
    except SafetensorError as error:  # no child of any built-in error
        raise ValueError(f"{folder}/model.safetensors: {error}") from error
    model.max_seq_length = length
    return model


def encode(model: SentenceTransformer, texts: Sequence[str]) -> Floats:
    """Unit vectors of the texts, shape (texts, dimension), single precision."""
    vectors = model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
    return np.asarray(vectors, np.float32)


class _Sentences(torch.nn.Module):
    """The whole model, pooling included, as a function of token ids and mask."""

    def __init__(self, model: SentenceTransformer) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        features = {"input_ids": input_ids, "attention_mask": attention_mask}
        found: torch.Tensor = self.model(features)["sentence_embedding"]
        return found


def export(model: SentenceTransformer, target: Path) -> None:
    """Write a model as openvino's `model.xml` and `model.bin`, and its tokenizer, into a folder."""
    import openvino

    tokens = torch.ones((2, 16), dtype=torch.int64)
    any_size = openvino.PartialShape([-1, -1])
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tracing says at length that shapes are dynamic
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
