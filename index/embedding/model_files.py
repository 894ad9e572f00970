"""The files of a sentence-transformers model: read the configuration, check that it can be used."""

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from index.errors import ModelUnavailable
from index.files import file_sha256

WEIGHTS = "model.safetensors"
_TRUSTED_MODULES = "sentence_transformers."
# These architectures number the positions of tokens from the number after the padding token's.
_POSITIONS_AFTER_PADDING = ("camembert", "mpnet", "roberta", "xlm-roberta")


class ModelFiles(ABC):
    """The files of a sentence-transformers model with safetensors weights.

    The properties raise ModelUnavailable if a configuration file is missing or malformed.
    """

    name: str

    @property
    @abstractmethod
    def place(self) -> str:
        """Where the files are, for error messages."""

    @property
    @abstractmethod
    def sha256(self) -> str:
        """The SHA-256 of the weights, in hexadecimal."""

    @abstractmethod
    def has(self, path: str) -> bool:
        """Return whether there is a file at this path in the model."""

    @abstractmethod
    def read(self, path: str) -> bytes:
        """Return the content of a small file; raises OSError if it cannot be read."""

    @abstractmethod
    def on_disk(self, models: Path) -> Path:
        """Return a folder that contains all files; if there is none, write it into `models`.

        Raises ModelUnavailable if it cannot be written.
        """

    @property
    def revision(self) -> str:
        """The first 12 digits of the checksum, which is enough to distinguish models."""
        return self.sha256[:12]

    @cached_property
    def modules(self) -> list[tuple[str, str]]:
        """The type and the folder of each module: the model, its pooling, further layers."""
        listed = self._read_json("modules.json")
        modules = []
        for module in listed if isinstance(listed, list) else []:
            match module:
                case {"type": str(kind), "path": str(folder)}:
                    modules.append((kind, folder))
                case _:
                    raise ModelUnavailable(
                        f"{self.place}/modules.json: {module!r} has no type and path"
                    )
        if len(modules) < 2:
            raise ModelUnavailable(
                f"{self.place}/modules.json must list at least two modules, the model and its "
                "pooling"
            )
        return modules

    @cached_property
    def pooling(self) -> str:
        """The pooling mode and the layers after it, such as "mean_tokens+Normalize"."""
        (_, folder), *others = self.modules[1:]
        layers = [kind.rsplit(".", 1)[-1] for kind, _ in others]
        return "+".join([self._pooling_mode(folder), *layers])

    def _pooling_mode(self, folder: str) -> str:
        config = self._config(folder)
        mode = config.get("pooling_mode")
        flags = [key for key, value in config.items() if value is True]
        modes = [key.removeprefix("pooling_mode_") for key in flags]
        return str(mode or "+".join(sorted(m for m in modes if not m.startswith("include"))))

    @cached_property
    def dimension(self) -> int:
        """The number of components of a vector."""
        for _, folder in reversed(self.modules):
            if self.has(_config_path(folder)):
                config = self._config(folder)
                for key in ("out_features", "word_embedding_dimension", "embedding_dimension"):
                    if key in config:
                        return self._number(key, config[key])
        return self._number("hidden_size", self._config().get("hidden_size"))

    @cached_property
    def max_tokens(self) -> int:
        """The maximum number of tokens that the model can read."""
        config = self._config()
        key = "max_position_embeddings"
        positions = self._number(key, config.get(key, 512))
        if config.get("model_type") in _POSITIONS_AFTER_PADDING:
            positions -= self._number("pad_token_id", config.get("pad_token_id", 1)) + 1
        return positions

    def check_trust(self) -> None:
        """Check that the required files exist and that the model does not require its own code.

        Raises ModelUnavailable if not.
        """
        for required in ("modules.json", "config.json", WEIGHTS):
            if not self.has(required):
                raise ModelUnavailable(
                    f"{self.place} has no {required}: a sentence-transformers model with "
                    "safetensors weights is required"
                )
        types = [kind for kind, _ in self.modules]
        if foreign := [name for name in types if not name.startswith(_TRUSTED_MODULES)]:
            raise ModelUnavailable(
                f"{self.place} requires its own code ({', '.join(foreign)}); seealso does not run "
                "it"
            )

    def _config(self, folder: str = "") -> dict[str, Any]:
        path = _config_path(folder)
        config = self._read_json(path)
        if not isinstance(config, dict):
            raise ModelUnavailable(f"{self.place}/{path} is not a JSON object")
        return config

    def _read_json(self, path: str) -> Any:
        try:
            return json.loads(self.read(path))
        except (OSError, ValueError, RecursionError) as error:
            raise ModelUnavailable(f"{self.place}/{path} cannot be read: {error}") from error

    def _number(self, key: str, value: object) -> int:
        if not isinstance(value, int):
            raise ModelUnavailable(f"{self.place}: {key} is {value!r}, not a number")
        return value


@dataclass(frozen=True)
class ModelFolder(ModelFiles):
    """A folder that contains a model."""

    name: str
    folder: Path

    @property
    def place(self) -> str:
        """The path of the folder."""
        return str(self.folder)

    @cached_property
    def sha256(self) -> str:
        """The SHA-256 of the weights, in hexadecimal."""
        return file_sha256(self.folder / WEIGHTS)

    def has(self, path: str) -> bool:
        """Return whether there is a file at this path in the folder."""
        return (self.folder / path).is_file()

    def read(self, path: str) -> bytes:
        """Return the content of a small file; raises OSError if it cannot be read."""
        return (self.folder / path).read_bytes()

    def on_disk(self, models: Path) -> Path:  # noqa: ARG002
        """Return the folder."""
        return self.folder


def _config_path(folder: str) -> str:
    return f"{folder}/config.json" if folder else "config.json"
