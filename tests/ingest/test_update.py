"""An update with another model embeds and tags all papers again; switching back embeds none."""

import os
from pathlib import Path

import pytest

from index.catalogue.catalogue import open_catalogue
from index.embedding.model_lookup import SPLIT_MODELS
from index.errors import ModelChanged, ModelUnavailable
from index.releases.current import CurrentRelease
from index.settings import load_settings
from ingest.update import update
from tests.conftest import SURVEY, Seealso
from tests.support.catalogue_files import contents
from tests.support.small_mpnet import NAME, install_parts, write_parts, write_small_mpnet


def test_the_model_is_switched_and_switched_back(
    built_data_copy: Path, seealso: Seealso, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages, _ = write_parts(write_small_mpnet(tmp_path / NAME), tmp_path / "parts")
    install_parts(tmp_path / "parts")
    monkeypatch.syspath_prepend(tmp_path / "parts")
    monkeypatch.setitem(SPLIT_MODELS, NAME, packages)
    data = built_data_copy
    first = CurrentRelease(data).get().manifest
    before = set(contents(data / "catalogue.db")["vectors"])
    search = ("search", "efficient language models", "--limit", "3")
    related = ("related", SURVEY, "--limit", "3")
    expected = {command: _list(seealso, data, *command) for command in (search, related)}

    monkeypatch.setenv("SEEALSO_MODEL", NAME)
    assert _list(seealso, data, *related) == expected[related]
    with pytest.raises(ModelUnavailable, match=rf"vectors of {NAME}@.*run `seealso update --embed"):
        seealso(data, *search)
    assert not list((data / "models").glob(f"*{NAME}*"))
    with pytest.raises(ModelChanged) as refused:
        seealso(data, "update")
    message = str(refused.value)
    assert f"vectors of {NAME}@" in message
    assert f"only vectors of {first.identity}" in message
    assert f"its {first.papers} texts again takes about" in message
    assert "and 0.0 MB of its disk" in message
    assert "`seealso update --embed-again`" in message
    assert CurrentRelease(data).get().manifest == first
    assert set(contents(data / "catalogue.db")["vectors"]) == before
    ended = seealso(data, "update", "--embed-again")
    assert f"{first.papers} embedded, {first.papers} tagged" in ended.output
    second = CurrentRelease(data).get().manifest
    assert (second.identity.model, second.identity.dimension) == (NAME, 32)
    assert second.papers == first.papers
    assert _list(seealso, data, *related) != expected[related]
    assert seealso(data, *search).exit_code == 0
    assert before < set(contents(data / "catalogue.db")["vectors"])

    monkeypatch.delenv("SEEALSO_MODEL")
    with pytest.raises(ModelUnavailable, match="run `seealso update --embed-again`"):
        seealso(data, *search)
    ended = seealso(data, "update")
    assert f"\n0 embedded, {first.papers} tagged" in ended.output
    assert {command: _list(seealso, data, *command) for command in (search, related)} == expected


def _list(seealso: Seealso, data: Path, *arguments: str) -> str:
    """Return what a command prints, without the last line, which names the release."""
    ended = seealso(data, *arguments)
    assert ended.exit_code == 0
    return ended.output.strip().rsplit("\n", 1)[0]


def test_an_interrupted_change_of_the_model_continues_without_asking(
    built_data_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_catalogue(built_data_copy) as catalogue:
        settings = load_settings({"SEEALSO_MAX_LENGTH": "16"}, data=str(built_data_copy))
        papers = catalogue.count()

        def interrupt(step: str, done: int, total: int) -> None:
            if step == "embed" and done:
                raise KeyboardInterrupt

        with pytest.raises(ModelChanged, match="SEEALSO_MAX_LENGTH"):
            update(catalogue, settings, interrupt)
        assert "--embed-again" in str(catalogue.runs.recent(1)[0].outcome)
        with pytest.raises(KeyboardInterrupt):
            update(catalogue, settings, interrupt, embed_again=True)
        report = update(catalogue, settings, lambda *_: None)
        assert 0 < report.embedded < papers
        assert report.embedding.embedded == papers


def test_the_release_is_served_while_the_weights_of_a_new_model_are_cut_off(
    built_data_copy: Path, seealso: Seealso, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    related = ("related", SURVEY, "--limit", "3")
    expected = _list(seealso, built_data_copy, *related)
    model = write_small_mpnet(tmp_path / NAME)
    weights = model / "model.safetensors"
    os.truncate(weights, weights.stat().st_size // 2)
    monkeypatch.setenv("SEEALSO_MODEL", str(model))
    for arguments in (["update"], ["update", "--embed-again"]):
        with pytest.raises(ModelUnavailable, match=r"model\.safetensors"):
            seealso(built_data_copy, *arguments)
        assert _list(seealso, built_data_copy, *related) == expected
