"""Fixtures for all tests, first of all a small catalogue of real papers that is built once."""

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
from tests.arxiv_server.harvesting import four_days, serve_arxiv
from tests.arxiv_server.oai_replay import OaiReplay
from tests.support.data_folders import copy_data, link_models
from tests.support.milvus_lite import MilvusLite, milvus_lite
from tests.support.workers import made_once, shared_folder, turn

SURVEY = "2401.08092"
Seealso = Callable[..., Result]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Under pytest-xdist, start the longest files first, so that the workers end together.

    The very first file needs the built data: one worker builds it while another runs files of
    Milvus, which do not.
    """
    if not hasattr(config, "workerinput"):
        return
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    items[:] = [item for file in sorted(files.values(), key=_place) for item in file]


def _place(file: list[pytest.Item]) -> tuple[int, bool, int]:
    """The place of a file in the order of files."""
    kinds = [("cluster",), ("process", "browser")]
    marked = [
        kind
        for kind, names in enumerate(kinds)
        if any(item.get_closest_marker(name) for item in file for name in names)
    ]
    needs_data = any("built_data" in getattr(item, "fixturenames", ()) for item in file)
    return min(marked, default=len(kinds)), not needs_data, -len(file)


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A temporary folder that all workers of a run share."""
    return shared_folder(tmp_path_factory)


@pytest.fixture(scope="session", autouse=True)
def _own_request_slot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the lock on requests to arXiv apart from other workers and from the user's own runs."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
        yield


@pytest.fixture(autouse=True)
def _turn(request: pytest.FixtureRequest, run_folder: Path) -> Iterator[None]:
    """Run tests marked `alone` while no other worker runs a test."""
    with turn(run_folder, alone=request.node.get_closest_marker("alone") is not None):
        yield


@pytest.fixture(scope="session")
def small_snapshot(run_folder: Path) -> Path:
    """The survey, every sixth labelled paper, some unlabelled papers, and old identifiers."""
    examples = load_taxonomy().examples
    wanted = {paper_id for paper_id in sorted(examples) if examples[paper_id]}
    wanted = set(sorted(wanted)[::6]) | {SURVEY}
    outside = [paper_id for paper_id in sorted(examples) if not examples[paper_id]]
    wanted |= set(outside[::22])

    def write(folder: Path) -> None:
        with (
            gzip.open(SAMPLE, "rt", encoding="utf-8") as lines,
            (folder / "small.jsonl").open("w") as kept,
        ):
            old_style = 0
            for line in lines:
                paper_id = json.loads(line)["id"]
                old = "/" in paper_id and old_style < 20
                old_style += old
                if old or paper_id in wanted:
                    kept.write(line)

    return made_once(run_folder / "snapshot", write) / "small.jsonl"


@pytest.fixture
def empty_catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    """An empty catalogue of the test's own."""
    with open_catalogue(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def arxiv(monkeypatch: pytest.MonkeyPatch) -> Iterator[OaiReplay]:
    """A local arXiv server with four days of records; the settings point to it."""
    with serve_arxiv(four_days(), monkeypatch) as replay:
        yield replay


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the exported model, which `built_data` fills."""
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="session")
def built_data(
    tmp_path_factory: pytest.TempPathFactory, run_folder: Path, small_snapshot: Path, models: Path
) -> Path:
    """A data folder after ingest and update, shared by all workers.

    Only for reading: a test that writes takes `built_data_copy`.
    """

    def build(folder: Path) -> None:
        runner = CliRunner()
        for arguments in (["ingest", "snapshot", str(small_snapshot)], ["update"]):
            command = ["--data", str(folder / "data"), *arguments]
            result = runner.invoke(cli, command, catch_exceptions=False)
            assert result.exit_code == 0, result.output

    data = made_once(run_folder / "built_data", build) / "data"
    link_models(data / "models", models)
    return data


@pytest.fixture
def built_data_copy(built_data: Path, tmp_path: Path) -> Path:
    """A copy of the built data folder that the test may write to or damage."""
    return copy_data(built_data, tmp_path / "data")


@pytest.fixture
def empty_data(built_data: Path, models: Path, tmp_path: Path) -> Path:
    """A data folder with nothing in it but the exported model."""
    folder = tmp_path / "fresh"
    folder.mkdir()
    (folder / "models").symlink_to(models)
    return folder


@pytest.fixture
def settings(built_data: Path) -> Settings:
    """Default settings for the built data folder."""
    return load_settings({}, data=str(built_data))


@pytest.fixture
def catalogue(built_data: Path) -> Iterator[Catalogue]:
    """The built catalogue, read-only."""
    with read_catalogue(built_data) as opened:
        yield opened


@pytest.fixture
def release(built_data: Path) -> Release:
    """The built release."""
    return CurrentRelease(built_data).get()


@pytest.fixture
def identity(release: Release) -> ModelIdentity:
    """The identity of the built release's vectors."""
    return release.manifest.identity


@pytest.fixture
def built_settings_copy(built_data_copy: Path) -> Settings:
    """Default settings for a copy of the built data folder."""
    return load_settings({}, data=str(built_data_copy))


@pytest.fixture(scope="module")
def milvus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MilvusLite]:
    """A Milvus server on loopback. A test that stops it must start it again."""
    with milvus_lite(tmp_path_factory.mktemp("milvus")) as server:
        yield server


@pytest.fixture(scope="session")
def seealso() -> Seealso:
    """Run the command in this process: seealso(data, *arguments). Errors are raised."""

    def run(data: Path, *arguments: str) -> Result:
        return CliRunner().invoke(cli, ["--data", str(data), *arguments], catch_exceptions=False)

    return run


@pytest.fixture(scope="session")
def embedder(built_data: Path) -> Embedder:
    """The model that made the vectors of `built_data`; it keeps no file open."""
    return open_embedder(load_settings({}, data=str(built_data)), "openvino")
