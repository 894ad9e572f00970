"""The student: layers of the packaged model over its token embeddings, which stay as they are."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from transformers import BertModel

from index.embedding.model_files import WEIGHTS
from index.embedding.model_lookup import find_model
from index.errors import BadInput
from index.settings import PACKAGED_MODEL

LAYERS = {6: (0, 1, 2, 3, 4, 5), 3: (0, 3, 5)}
"""The layers of the packaged model that a student of so many layers begins with."""


class Student(torch.nn.Module):
    """An encoder that pools by the mean, as the packaged model does."""

    def __init__(self, layers: int) -> None:
        """Begin with layers of the packaged model; the token embeddings are not trained."""
        super().__init__()
        self.folder = Path(find_model(PACKAGED_MODEL).on_disk(Path()))
        self.bert: Any = BertModel.from_pretrained(
            self.folder, add_pooling_layer=False, attn_implementation="sdpa"
        )
        encoder = self.bert.encoder
        encoder.layer = torch.nn.ModuleList([encoder.layer[number] for number in LAYERS[layers]])
        self.bert.config.num_hidden_layers = layers
        self.bert.embeddings.requires_grad_(False)
        # No dropout: the similarities of the teacher are exact.
        self.bert.eval()  # type: ignore[no-untyped-call]
        self._tokenizer = Tokenizer.from_file(str(self.folder / "tokenizer.json"))

    @property
    def layers(self) -> dict[str, torch.Tensor]:
        """The weights of the layers by name: those that are trained and shipped."""
        weights: dict[str, torch.Tensor] = self.bert.encoder.state_dict()
        return weights

    def load(self, weights: dict[str, torch.Tensor]) -> None:
        """Replace the weights of the layers; raises BadInput if names or shapes differ."""
        try:
            self.bert.encoder.load_state_dict(
                {name: tensor.float() for name, tensor in weights.items()}
            )
        except RuntimeError as error:
            raise BadInput(
                f"these weights do not fit {len(self.layers)} tensors: {error}"
            ) from None

    def forward(self, texts: Sequence[str], length: int) -> torch.Tensor:
        """Return the unit vectors of texts, cut to `length` tokens, shape (texts, dimension)."""
        states, mask = self.hidden_states(texts, length)
        return self.pooled(states[-1], mask)

    def hidden_states(
        self, texts: Sequence[str], length: int
    ) -> tuple[tuple[torch.Tensor, ...], torch.Tensor]:
        """Return the states after the embeddings and each layer, and which places have a token.

        A state has shape (texts, tokens, dimension), the mask (texts, tokens).
        """
        self._tokenizer.enable_truncation(length)
        self._tokenizer.enable_padding()
        encoded = self._tokenizer.encode_batch(list(texts))
        ids = torch.tensor([encoding.ids for encoding in encoded])
        mask = torch.tensor([encoding.attention_mask for encoding in encoded])
        output = self.bert(input_ids=ids, attention_mask=mask, output_hidden_states=True)
        return output.hidden_states, mask

    @staticmethod
    def pooled(state: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Return the unit vectors of a state: means over tokens, shape (texts, dimension)."""
        weights = mask.unsqueeze(-1).float()
        means = (state.float() * weights).sum(1) / weights.sum(1)
        return torch.nn.functional.normalize(means, dim=1)


def averaged(
    student: dict[str, torch.Tensor], original: dict[str, torch.Tensor], share: float
) -> dict[str, torch.Tensor]:
    """Return the mean of two sets of weights, with this share of the student's."""
    return {name: torch.lerp(original[name], student[name], share) for name in student}


def save_layers(weights: dict[str, torch.Tensor], path: Path) -> None:
    """Write the weights of layers in half precision."""
    save_file({name: tensor.half().contiguous() for name, tensor in weights.items()}, path)


def save_model(student: Student, folder: Path) -> None:
    """Write a complete model of sentence-transformers, which SEEALSO_MODEL can name."""
    shutil.copytree(student.folder, folder, dirs_exist_ok=True)
    weights = load_file(folder / WEIGHTS)
    kept = {name: tensor for name, tensor in weights.items() if "encoder.layer." not in name}
    prefix = "bert." if any(name.startswith("bert.") for name in weights) else ""
    layers = {f"{prefix}encoder.{name}": tensor for name, tensor in student.layers.items()}
    save_file({**kept, **layers}, folder / WEIGHTS, {"format": "pt"})
    config = json.loads((folder / "config.json").read_text())
    config["num_hidden_layers"] = len(student.bert.encoder.layer)
    (folder / "config.json").write_text(json.dumps(config, indent=1))
