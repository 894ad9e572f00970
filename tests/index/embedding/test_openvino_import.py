"""OpenVINO is imported without the package that sends usage statistics."""

import ast
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[3]
_PROGRAM = """
import sys
from index.embedding.openvino_embedder import OpenVinoEmbedder
from index.embedding.openvino_import import import_openvino
openvino = import_openvino()
from openvino.tools.ovc import telemetry_utils
print(telemetry_utils.tm.__name__, sys.modules["openvino_telemetry"])
"""


def test_openvino_is_imported_without_usage_statistics() -> None:
    completed = subprocess.run(
        [sys.executable, "-c", _PROGRAM], cwd=_ROOT, capture_output=True, text=True, check=True
    )
    assert completed.stdout.split() == ["openvino.tools.ovc.telemetry_stub", "None"]


def test_openvino_is_imported_in_one_place() -> None:
    importing = set()
    for package in ("index", "classifier", "ingest", "api", "scripts"):
        for path in (_ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Import):
                    names = [alias.name for alias in node.names]
                else:
                    names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                if any(name.split(".")[0] == "openvino" for name in names):
                    importing.add(path.name)
    assert importing == {"openvino_import.py"}
