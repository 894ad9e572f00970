"""A small catalogue of real papers, taken once through the whole road, for every test to read."""

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from classifier.taxonomies.taxonomy import load_taxonomy
from index.catalogue.catalogue import Catalogue, open_catalogue, read_catalogue
from index.embedding.embedder import Embedder
from index.embedding.identity import ModelIdentity
from index.embedding.opening import open_embedder
from index.releases.current import CurrentRelease
from index.releases.release import Release
from index.settings import Settings, load_settings
from ingest.snapshot.records import SAMPLE
from scripts.cli.main import cli
from tests.arxiv_server.harvesting import four_days, harvestable
from tests.arxiv_server.oai_replay import OaiReplay
from tests.support.data_folders import copy_data, link_models
from tests.support.milvus_lite import MilvusLite, milvus_lite

SURVEY = "2401.08092"
Seealso = Callable[..., Result]


@pytest.fixture(scope="session")
def small_snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The survey, every sixth labelled paper, some papers on no shelf, and old identifiers."""
    examples = load_taxonomy().examples
    wanted = {paper_id for paper_id in sorted(examples) if examples[paper_id]}
    wanted = set(sorted(wanted)[::6]) | {SURVEY}
    outside = [paper_id for paper_id in sorted(examples) if not examples[paper_id]]
    wanted |= set(outside[::22])
    path = tmp_path_factory.mktemp("snapshot") / "small.jsonl"
    with gzip.open(SAMPLE, "rt", encoding="utf-8") as lines, path.open("w") as kept:
        old_style = 0
        for line in lines:
            paper_id = json.loads(line)["id"]
            old = "/" in paper_id and old_style < 20
            old_style += old
            if old or paper_id in wanted:
                kept.write(line)
    return path


@pytest.fixture
def empty_catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    """An empty catalogue of the test's own."""
    with open_catalogue(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def arxiv(monkeypatch: pytest.MonkeyPatch) -> Iterator[OaiReplay]:
    """arXiv, with four days of records, which is what seealso asks."""
    with harvestable(four_days(), monkeypatch) as replay:
        yield replay


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the exported model is kept, made once for all tests."""
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="session")
def built_data(
    tmp_path_factory: pytest.TempPathFactory, small_snapshot: Path, models: Path
) -> Path:
    """A data folder after ingest and update. Read it; to write, take `built_data_copy`."""
    data = tmp_path_factory.mktemp("road") / "data"
    runner = CliRunner()
    for arguments in (["ingest", "snapshot", str(small_snapshot)], ["update"]):
        result = runner.invoke(cli, ["--data", str(data), *arguments], catch_exceptions=False)
        assert result.exit_code == 0, result.output
    link_models(data / "models", models)
    return data


@pytest.fixture
def built_data_copy(built_data: Path, tmp_path: Path) -> Path:
    """A copy of the finished data folder that the test may write to or break."""
    return copy_data(built_data, tmp_path / "data")


@pytest.fixture
def empty_data(built_data: Path, models: Path, tmp_path: Path) -> Path:
    """A data folder that holds nothing but the exported model."""
    folder = tmp_path / "fresh"
    folder.mkdir()
    (folder / "models").symlink_to(models)
    return folder


@pytest.fixture
def settings(built_data: Path) -> Settings:
    """Default settings over the finished data folder."""
    return load_settings({}, data=str(built_data))


@pytest.fixture
def catalogue(built_data: Path) -> Iterator[Catalogue]:
    """The finished catalogue, read-only."""
    with read_catalogue(built_data) as opened:
        yield opened


@pytest.fixture
def release(built_data: Path) -> Release:
    """The finished release."""
    return CurrentRelease(built_data).get()


@pytest.fixture
def identity(release: Release) -> ModelIdentity:
    """The identity of the finished release's vectors."""
    return release.manifest.identity


@pytest.fixture
def built_settings_copy(built_data_copy: Path) -> Settings:
    """Default settings over a copy of the finished data folder."""
    return load_settings({}, data=str(built_data_copy))


@pytest.fixture(scope="module")
def milvus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MilvusLite]:
    """A Milvus on loopback; who stops it starts it again."""
    with milvus_lite(tmp_path_factory.mktemp("milvus")) as server:
        yield server


@pytest.fixture
def seealso() -> Seealso:
    """The program in this process: seealso(data, *arguments), errors raised."""

    def run(data: Path, *arguments: str) -> Result:
        return CliRunner().invoke(cli, ["--data", str(data), *arguments], catch_exceptions=False)

    return run


@pytest.fixture(scope="session")
def embedder(built_data: Path) -> Embedder:
    """The model that made the road's vectors; it keeps nothing open."""
    return open_embedder(load_settings({}, data=str(built_data)), "openvino")
