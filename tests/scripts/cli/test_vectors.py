"""`seealso vectors export` and `import`: from one catalogue to another, without embedding again."""

import functools
import json
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from index.catalogue.catalogue import read_catalogue
from index.errors import BadInput
from tests.conftest import Seealso
from tests.support.vector_files import without_vectors


@pytest.fixture
def exported(built_data: Path, seealso: Seealso, tmp_path: Path) -> Path:
    file = tmp_path / "public" / "vectors.parquet"
    file.parent.mkdir()
    result = seealso(built_data, "vectors", "export", str(file))
    assert "vectors of all-MiniLM-L6-v2" in result.output
    return file


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def address(exported: Path) -> Iterator[str]:
    handler = functools.partial(_Quiet, directory=str(exported.parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as http:
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}/{exported.name}"
        http.shutdown()
        thread.join()


@pytest.mark.parametrize("over_http", [False, True])
def test_update_finds_the_imported_vectors(
    request: pytest.FixtureRequest,
    built_data_copy: Path,
    seealso: Seealso,
    exported: Path,
    over_http: bool,
) -> None:
    data = without_vectors(built_data_copy)
    before = sorted((data / "releases").iterdir())
    source = request.getfixturevalue("address") if over_http else str(exported)
    result = seealso(data, "vectors", "import", source, "--json")
    report = json.loads(result.stdout)
    with read_catalogue(data) as catalogue:
        assert report["taken"] == catalogue.count() > 0
    assert report["unknown"] == report["stale"] == report["present"] == 0
    assert report["compared"] == 16
    assert sorted((data / "releases").iterdir()) == before
    assert "0 embedded" in seealso(data, "update").output
    assert list((data / "downloads").iterdir() if over_http else []) == []


def test_the_report_is_one_sentence(
    built_data_copy: Path, seealso: Seealso, exported: Path
) -> None:
    result = seealso(built_data_copy, "vectors", "import", str(exported))
    with read_catalogue(built_data_copy) as catalogue:
        count = catalogue.count()
    assert "0 vectors taken" in result.output
    assert f"{count} already present, 0 unknown, 0 stale; none compared" in result.output


def test_a_missing_file_or_checksum_is_named(
    built_data_copy: Path, seealso: Seealso, exported: Path
) -> None:
    with pytest.raises(BadInput, match="there is no file nowhere"):
        seealso(built_data_copy, "vectors", "import", "nowhere")
    exported.with_name("vectors.parquet.sha256").unlink()
    with pytest.raises(BadInput, match=r"there is no file .*vectors\.parquet\.sha256"):
        seealso(built_data_copy, "vectors", "import", str(exported))


def test_export_reports_the_checksum_as_json(
    built_data: Path, seealso: Seealso, tmp_path: Path, exported: Path
) -> None:
    result = seealso(built_data, "vectors", "export", str(tmp_path / "second"), "--json")
    made = json.loads(result.stdout)
    assert exported.with_name("vectors.parquet.sha256").read_text().split()[0] == made["sha256"]
    with read_catalogue(built_data) as catalogue:
        assert made["vectors"] == catalogue.count()
