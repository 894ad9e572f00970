"""A release that extends the previous one equals one built from scratch, byte for byte."""

import hashlib
import json
import os
import shutil
import signal
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import index.releases.manifest
import index.releases.reading
import index.search.tfidf
from index.arrays import unit
from index.arxiv.paper import Paper
from index.arxiv.tex.folding import folding_form
from index.arxiv.withdrawal.decision import Withdrawal
from index.catalogue.catalogue import Catalogue, open_catalogue
from index.embedding.identity import ModelIdentity
from index.errors import NoSpaceLeft
from index.releases.current import CurrentRelease
from index.releases.folder import current_name
from index.releases.manifest import Manifest
from index.search.term_counts import TermCounts
from index.search.words.counting import count_words
from tests.support.damage import edit_manifest, flip_bytes
from tests.support.releases import build_release

NEW = [
    Paper(f"2402.{i:05}", f"Newts of pond {i}: a survey", f"Tadpoles zzyzx{i} in deep networks.")
    for i in range(12)
]
INDEX = "vectors.faiss"  # if partitioned, it depends on how it was built


def _build(data: Path, identity: ModelIdentity, exact_up_to: int = 50_000) -> Manifest:
    with open_catalogue(data) as catalogue:
        return build_release(catalogue, identity, data, exact_up_to, keep=2)


def _build_from_scratch(data: Path, identity: ModelIdentity, exact_up_to: int = 50_000) -> Manifest:
    """Build the same in a copy of the data folder without releases."""
    bare = data.with_name("bare")
    shutil.rmtree(bare, ignore_errors=True)
    shutil.copytree(data, bare, ignore=shutil.ignore_patterns("models", "releases"))
    return _build(bare, identity, exact_up_to)


def _store(catalogue: Catalogue, identity: ModelIdentity, papers: list[Paper]) -> None:
    """Store papers with vectors, each near that of a paper in the catalogue."""
    catalogue.store(papers)
    _, held = catalogue.vectors.of(identity).matrix()
    random = np.random.default_rng(len(papers))
    chosen = held[random.integers(0, len(held), len(papers))]
    noise = random.normal(scale=0.01, size=chosen.shape).astype(np.float32)
    catalogue.vectors.of(identity).add([paper.text_hash for paper in papers], unit(chosen + noise))


def _change_papers(data: Path, identity: ModelIdentity) -> int:
    """Add papers, change texts, withdraw a paper, and leave a new text without a vector.

    Returns the number of texts that the next release must read.
    """
    with open_catalogue(data) as catalogue:
        entries = [entry.paper for entry in catalogue.entries(range(1, 60, 5)).values()]
        first, second, *others = entries
        revised = [replace(p, version=99, title=f"{p.title} heron{p.id}") for p in others]
        _store(catalogue, identity, NEW + revised)
        catalogue.store([replace(first, version=99, withdrawal=Withdrawal.FLAG)])
        catalogue.store([replace(second, version=99, abstract="Not embedded.")])
    return len(NEW + revised)


def test_an_incremental_release_equals_one_built_from_scratch(
    built_data_copy: Path, identity: ModelIdentity
) -> None:
    _change_papers(built_data_copy, identity)
    night = _build(built_data_copy, identity)
    nothing = _build_from_scratch(built_data_copy, identity)
    assert INDEX in night.files
    assert night.files == nothing.files
    assert night.state == nothing.state


def test_so_does_a_second_one_that_undoes_changes_of_the_first(
    built_data_copy: Path, identity: ModelIdentity
) -> None:
    _change_papers(built_data_copy, identity)
    _build(built_data_copy, identity)
    with open_catalogue(built_data_copy) as catalogue:
        numbers = catalogue.numbers_of([paper.id for paper in NEW])
        held = catalogue.entries([numbers[NEW[3].id]])[numbers[NEW[3].id]].paper
        _store(catalogue, identity, [replace(held, version=2, abstract="No tadpole is left.")])
    night = _build(built_data_copy, identity)
    assert night.files == _build_from_scratch(built_data_copy, identity).files
    vocabulary = CurrentRelease(built_data_copy).get().nearness.words.vocabulary
    assert "zzyzx4" in vocabulary
    assert "zzyzx3" not in vocabulary


def test_only_new_texts_are_read(
    built_data_copy: Path, identity: ModelIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def recorded(texts: Iterable[str], stop_words: frozenset[str]) -> TermCounts:
        read.extend(texts)
        return count_words(read, stop_words)

    monkeypatch.setattr(index.releases.reading, "count_words", recorded)
    _build(built_data_copy, identity)
    assert read == []
    new = _change_papers(built_data_copy, identity)
    _build(built_data_copy, identity)
    assert len(read) == new


def test_a_partitioned_index_is_extended_and_all_other_files_are_equal(
    built_data_copy: Path, identity: ModelIdentity
) -> None:
    before = _build(built_data_copy, identity, exact_up_to=10)
    _change_papers(built_data_copy, identity)
    night = _build(built_data_copy, identity, exact_up_to=10)
    nothing = _build_from_scratch(built_data_copy, identity, exact_up_to=10)
    assert before.kind == night.kind == nothing.kind == "partitioned"
    release = CurrentRelease(built_data_copy).get()
    # Papers that were there keep their partitions, and query expansion finds what is in them.
    assert night.files.pop(INDEX) != nothing.files.pop(INDEX)
    night.files.pop("random.npy"), nothing.files.pop("random.npy")
    assert night.files == nothing.files
    for row in range(len(release.nearness)):
        nearest = release.nearness.nearest(release.nearness.seed(row), 3, np.array([], np.int64))
        assert row in [neighbour.row for neighbour in nearest]


def _flip_a_count(folder: Path) -> None:
    flip_bytes(folder / "words-high.npy", 4000)


def _flip_a_vector(folder: Path) -> None:
    flip_bytes(folder / "vectors.npy", 4000)


def _older_format(folder: Path) -> None:
    edit_manifest(folder, format=index.releases.manifest._FORMAT - 1)


def _older_model(folder: Path) -> None:
    held = json.loads((folder / "manifest.json").read_text())["identity"]
    edit_manifest(folder, identity=held | {"precision": "f64"})


def _missing(folder: Path) -> None:
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    "damage",
    [_flip_a_count, _flip_a_vector, _older_format, _older_model, _missing],
    ids=lambda damage: damage.__name__,
)
def test_nothing_is_copied_from_a_damaged_or_different_release(
    built_data_copy: Path, identity: ModelIdentity, damage: Callable[[Path], None]
) -> None:
    whole = _build(built_data_copy, identity)
    damage(built_data_copy / "releases" / str(current_name(built_data_copy)))
    assert _build(built_data_copy, identity).files == whole.files


def test_a_change_of_copied_data_needs_another_format() -> None:
    """Otherwise a release would mix words of two rules. If this fails, change both values."""
    stop_words = " ".join(sorted(index.search.tfidf.STOP_WORDS))
    rules = f"{folding_form().partition(',')[0]} {stop_words}"
    digest = hashlib.sha256(rules.encode()).hexdigest()[:8]
    assert (index.releases.manifest._FORMAT, digest) == (11, "e056c6b0")


def test_several_processes_build_the_same_release_as_one(
    built_data_copy: Path, identity: ModelIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = _build_from_scratch(built_data_copy, identity)
    monkeypatch.setattr(index.releases.reading, "_MAX_PAPERS", 100)
    together = _build_from_scratch(built_data_copy, identity)
    assert together.papers > 200
    assert together.files == alone.files


def _die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_killed_process_is_reported_and_the_current_release_stays(
    built_data_copy: Path, identity: ModelIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = current_name(built_data_copy)
    with open_catalogue(built_data_copy) as catalogue:
        _store(catalogue, identity, NEW)
    monkeypatch.setattr(index.releases.reading, "_MAX_PAPERS", 5)
    monkeypatch.setattr(index.releases.reading, "_read_part", _die)
    with pytest.raises(NoSpaceLeft, match="was killed"):
        _build(built_data_copy, identity)
    assert current_name(built_data_copy) == name
