"""The Dockerfile: hadolint accepts it, it copies every package, and it runs without rights."""

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
PACKAGES = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}


def test_hadolint_accepts_it() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    ended = subprocess.run(
        [hadolint, "--no-color", ROOT / "scripts" / "Dockerfile"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (0, "")


def test_it_copies_every_package_and_nothing_else() -> None:
    copied = set(re.findall(r"^COPY (?:--\S+ )*(.+) \S+$", DOCKERFILE, re.MULTILINE))
    sources = {name for names in copied for name in names.split()}
    here = {name for name in sources if not name.startswith("/")}
    assert here == {*PACKAGES, "pyproject.toml", "README.md"}
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert ignored[0] == "*"
    assert {name.removeprefix("!") for name in ignored if name.startswith("!")} == here


def test_it_runs_as_an_ordinary_user_without_a_model_hub() -> None:
    user, group = re.findall(r"^USER (\d+):(\d+)$", DOCKERFILE, re.MULTILINE)[-1]
    assert min(int(user), int(group)) >= 1000
    assert "HF_HUB_OFFLINE=1" in DOCKERFILE
    assert "VOLUME /data" in DOCKERFILE
    named = set(re.findall(r"SEEALSO_\w+", DOCKERFILE))
    assert named <= {setting.variable for setting in SETTINGS}


def test_its_programs_compile_and_their_imports_exist() -> None:
    """These are the health check and the export of the model, as Docker parses them."""
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
