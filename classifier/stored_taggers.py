"""Taggers on disk: a folder for each version with weights and model card; one is current."""

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from classifier.tagger import Tagger
from index.embedding.identity import ModelIdentity
from index.errors import DamagedTagger, NotReady
from index.files import has_checksums, verify_checksums, write_checksums, write_file, write_folder
from index.health.findings import Finding

_ARRAYS = ("idf", "vector_weights", "word_weights", "biases", "description_vectors")
_KEPT = 5
_VERSION = re.compile(rb"[\w-]+")
_WEIGHTS = "weights.safetensors"


def taggers_folder(data: Path, taxonomy: str) -> Path:
    """Return the folder that contains the taggers of a taxonomy."""
    return data / "taggers" / taxonomy


def tagger_path(data: Path, taxonomy: str, version: str) -> Path:
    """Return the path of a tagger's weights."""
    return taggers_folder(data, taxonomy) / version / _WEIGHTS


def save_tagger(tagger: Tagger, data: Path, texts: Mapping[str, str]) -> None:
    """Write a tagger with its metadata, and `texts` by file name to the same folder.

    Makes the tagger the current one. Keeps some previous taggers for comparison and deletes older
    ones.
    """
    from safetensors.numpy import save

    metadata = {
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
    # The same version exists already if its files are damaged and it was trained again.
    shutil.rmtree(folder / tagger.version, ignore_errors=True)
    with write_folder(folder / tagger.version) as written:
        # A single metadata entry, because safetensors writes several in an unpredictable order.
        (written / _WEIGHTS).write_bytes(save(arrays, {"about": json.dumps(metadata)}))
        for name, text in texts.items():
            (written / name).write_text(text, encoding="utf-8")
        write_checksums(written)
    write_file(_current(data, tagger.taxonomy), tagger.version.encode())
    for version in list(_versions(data, tagger.taxonomy))[_KEPT:]:
        shutil.rmtree(folder / version)


def remove_taggers(data: Path, taxonomy: str) -> None:
    """Delete all taggers of a taxonomy."""
    shutil.rmtree(taggers_folder(data, taxonomy), ignore_errors=True)


def trained_tagger(data: Path, taxonomy: str) -> Tagger:
    """Return the current tagger of a taxonomy.

    Raises NotReady if none has been trained, DamagedTagger if it cannot be read.
    """
    tagger = load_tagger(data, taxonomy)
    if tagger is None:
        raise NotReady(
            f"no tagger has been trained for {taxonomy}: run `seealso update` or "
            "`seealso tags train`"
        )
    return tagger


def load_tagger(data: Path, taxonomy: str) -> Tagger | None:
    """Return the current tagger of a taxonomy, None if none has been trained.

    Raises DamagedTagger if it cannot be read.
    """
    version = current_version(data, taxonomy)
    return None if version is None else _load(tagger_path(data, taxonomy, version))


def current_version(data: Path, taxonomy: str) -> str | None:
    """Return the version of the current tagger, None if none has been trained.

    Raises DamagedTagger if it cannot be read.
    """
    path = _current(data, taxonomy)
    if not path.is_file():
        return None
    content = path.read_bytes()
    if not _VERSION.fullmatch(content):
        raise DamagedTagger(
            f"{path} contains {content[:40]!r}, not the version of a tagger: train one with "
            "`seealso tags train`"
        )
    return content.decode()


def kept_taggers(data: Path, taxonomy: str) -> Iterator[Tagger]:
    """Yield the current tagger, then the previous ones, newest first; raises DamagedTagger."""
    for version in _versions(data, taxonomy):
        yield _load(tagger_path(data, taxonomy, version))


def find_tagger_faults(data: Path, *, earlier: bool) -> Iterator[Finding]:
    """Verify the current tagger of every taxonomy, and earlier ones if requested."""
    for folder in sorted((data / "taggers").glob("[!.]*")):
        try:
            current = current_version(data, folder.name)
        except DamagedTagger as error:
            yield Finding("tagger", "broken", str(error), "`seealso update`")
            continue
        if current:
            yield from _faults(folder / current, "`seealso update`")
        others = [path for path in sorted(folder.glob("[!.]*")) if path.is_dir()]
        for path in others if earlier else []:
            if path.name != current:
                yield from _faults(path, f"it is not in use; delete it: rm -r {path}")


def _faults(folder: Path, do: str) -> Iterator[Finding]:
    if (folder / _WEIGHTS).is_file() and not has_checksums(folder):
        what = f"the tagger {folder} has no checksums: an earlier version of seealso wrote it"
        yield Finding("tagger", "warning", what, do)
        return
    try:
        _load(folder / _WEIGHTS)
    except DamagedTagger as error:
        yield Finding("tagger", "broken", str(error), do)


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
        verify_checksums(path.parent)
        with safe_open(path, "numpy") as file:
            metadata = json.loads(file.metadata()["about"])
            arrays = {name: file.get_tensor(name) for name in _ARRAYS}
        return Tagger(
            taxonomy=metadata["taxonomy"],
            version=metadata["version"],
            basis=metadata["basis"],
            identity=ModelIdentity.from_key(metadata["identity"]),
            leaves=tuple(metadata["leaves"]),
            separate_scope=metadata["scope_apart"],
            vocabulary=tuple(metadata["vocabulary"]),
            **arrays,
        )
    except (SafetensorError, OSError, KeyError, ValueError, TypeError) as error:
        raise DamagedTagger(
            f"the tagger {path} cannot be read ({error}): train it again with `seealso tags train`"
        ) from error
