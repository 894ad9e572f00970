"""Taggers on disk: each version in a folder of its own with its card, one of them in use."""

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from classifier.tagger import Tagger
from index.embedding.identity import ModelIdentity
from index.errors import DamagedTagger, NotReady
from index.files import write_file, write_folder

_ARRAYS = ("idf", "vector_weights", "word_weights", "biases")
_KEPT = 5
_WEIGHTS = "weights.safetensors"


def taggers_folder(data: Path, taxonomy: str) -> Path:
    """Where the taggers of a taxonomy lie."""
    return data / "taggers" / taxonomy


def tagger_path(data: Path, taxonomy: str, version: str) -> Path:
    """Where the weights of a tagger lie."""
    return taggers_folder(data, taxonomy) / version / _WEIGHTS


def save_tagger(tagger: Tagger, data: Path, beside: Mapping[str, str]) -> None:
    """Write the weights, with what they belong to, and texts beside them by file name.

    The tagger is in use from then on; the latest few before it stay to be compared with.
    """
    from safetensors.numpy import save

    about = {
        "taxonomy": tagger.taxonomy,
        "version": tagger.version,
        "basis": tagger.basis,
        "identity": tagger.identity.key,
        "leaves": tagger.leaves,
        "scope_apart": tagger.separate_scope,
        "vocabulary": tagger.vocabulary,
    }
    arrays = {name: np.ascontiguousarray(getattr(tagger, name)) for name in _ARRAYS}
    folder = taggers_folder(data, tagger.taxonomy)
    shutil.rmtree(folder / tagger.version, ignore_errors=True)  # a damaged one, made again
    with write_folder(folder / tagger.version) as written:
        # One entry: safetensors writes several in an order that changes.
        (written / _WEIGHTS).write_bytes(save(arrays, {"about": json.dumps(about)}))
        for name, text in beside.items():
            (written / name).write_text(text, encoding="utf-8")
    write_file(_current(data, tagger.taxonomy), tagger.version.encode())
    for version in list(_versions(data, tagger.taxonomy))[_KEPT:]:
        shutil.rmtree(folder / version)


def remove_taggers(data: Path, taxonomy: str) -> None:
    """Delete the taggers of a taxonomy, if there are any."""
    shutil.rmtree(taggers_folder(data, taxonomy), ignore_errors=True)


def trained_tagger(data: Path, taxonomy: str) -> Tagger:
    """As `load_tagger`; raises NotReady where there is none."""
    tagger = load_tagger(data, taxonomy)
    if tagger is None:
        raise NotReady("no tagger yet: run `seealso update` or `seealso tags train`")
    return tagger


def load_tagger(data: Path, taxonomy: str) -> Tagger | None:
    """The tagger of a taxonomy that is in use, None where there is none; raises DamagedTagger."""
    version = current_version(data, taxonomy)
    path = tagger_path(data, taxonomy, version or "none")
    return _load(path) if path.is_file() else None


def current_version(data: Path, taxonomy: str) -> str | None:
    """The version of the tagger in use, None where there is none."""
    path = _current(data, taxonomy)
    return path.read_text(encoding="utf-8").strip() if path.is_file() else None


def kept_taggers(data: Path, taxonomy: str) -> Iterator[Tagger]:
    """The tagger in use and those kept from before, the newest first; raises DamagedTagger."""
    for version in _versions(data, taxonomy):
        yield _load(tagger_path(data, taxonomy, version))


def _current(data: Path, taxonomy: str) -> Path:
    return taggers_folder(data, taxonomy) / "current"


def _versions(data: Path, taxonomy: str) -> Iterator[str]:
    paths = [path.parent for path in taggers_folder(data, taxonomy).glob(f"[!.]*/{_WEIGHTS}")]
    newest_first = sorted(paths, key=lambda path: (-path.stat().st_mtime_ns, path.name))
    current = current_version(data, taxonomy)
    yield from sorted((path.name for path in newest_first), key=lambda name: name != current)


def _load(path: Path) -> Tagger:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "numpy") as file:
            about = json.loads(file.metadata()["about"])
            arrays = {name: file.get_tensor(name) for name in _ARRAYS}
        return Tagger(
            taxonomy=about["taxonomy"],
            version=about["version"],
            basis=about["basis"],
            identity=ModelIdentity.from_key(about["identity"]),
            leaves=tuple(about["leaves"]),
            separate_scope=about["scope_apart"],
            vocabulary=tuple(about["vocabulary"]),
            **arrays,
        )
    except (SafetensorError, OSError, KeyError, ValueError, TypeError) as error:
        raise DamagedTagger(
            f"{path} cannot be read ({error}): train it again with `seealso tags train`"
        ) from error
