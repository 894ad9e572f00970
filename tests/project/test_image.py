"""The Dockerfile: hadolint finds nothing, it holds every room, and it runs as nobody much."""

import ast
import importlib
import json
import re
import subprocess
import sys
from pathlib import Path

from index.settings import SETTINGS

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "scripts" / "Dockerfile").read_text()
ROOMS = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}


def test_hadolint_finds_nothing() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    ended = subprocess.run(
        [hadolint, "--no-color", ROOT / "scripts" / "Dockerfile"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (0, "")


def test_every_room_comes_in_and_nothing_else() -> None:
    copied = set(re.findall(r"^COPY (?:--\S+ )*(.+) \S+$", DOCKERFILE, re.MULTILINE))
    sources = {name for names in copied for name in names.split()}
    here = {name for name in sources if not name.startswith("/")}
    assert here == {*ROOMS, "pyproject.toml", "README.md"}
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert ignored[0] == "*"
    assert {name.removeprefix("!") for name in ignored if name.startswith("!")} == here


def test_it_runs_without_rights_and_without_a_hub() -> None:
    user, group = re.findall(r"^USER (\d+):(\d+)$", DOCKERFILE, re.MULTILINE)[-1]
    assert min(int(user), int(group)) >= 1000
    assert "HF_HUB_OFFLINE=1" in DOCKERFILE
    assert "VOLUME /data" in DOCKERFILE
    named = set(re.findall(r"SEEALSO_\w+", DOCKERFILE))
    assert named <= {setting.variable for setting in SETTINGS}


def test_its_programs_are_programs() -> None:
    """The health check, and the export of the model, in the form that Docker reads them."""
    joined = re.sub(r"\\\n\s*", "", DOCKERFILE)
    check = json.loads(re.findall(r"HEALTHCHECK .*CMD (\[.*\])", joined)[0])
    assert check[:2] == ["python", "-c"]
    compile(check[2], "HEALTHCHECK", "exec")
    for program in re.findall(r'-c "(.*?)"', joined):
        compile(program, "RUN", "exec")
        for node in ast.walk(ast.parse(program)):
            if isinstance(node, ast.ImportFrom):
                module = importlib.import_module(node.module or "")
                assert all(hasattr(module, name.name) for name in node.names), program
