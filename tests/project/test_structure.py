"""Rules of the code base that a program can check: imports, pickle, sizes, start-up time.

`lint-imports` checks which package may import which (pyproject.toml, [tool.importlinter]).
"""

import ast
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ["index", "classifier", "ingest", "api", "scripts"]
FILES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
# These run the tests' replay server, so they need a checkout.
MAY_IMPORT_TESTS = {
    "scripts/benchmarks/nightly_run.py",
    "scripts/trials/attack.py",
    "scripts/trials/fuzz.py",
    "scripts/trials/kill_trials.py",
    "scripts/trials/soak.py",
    "scripts/trials/soak_nightly_runs.py",
}
PICKLES = {"pickle", "joblib", "dill", "cloudpickle", "shelve", "marshal"}
LINT_IMPORTS = str(Path(sys.executable).with_name("lint-imports"))
MAX_LINES = 300
MAX_MODULES = 15
MAX_CPU_SECONDS = 0.4


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in FILES:
        yield path, ast.parse(path.read_text())


def _imported(tree: ast.Module) -> Iterator[str]:
    """Yield the name of every imported module, also inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports must be absolute"
            yield node.module or ""


def test_every_package_is_read() -> None:
    assert len(FILES) > 200
    tracked = subprocess.run(
        ["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert {name.split("/")[0] for name in tracked} == {*PACKAGES, "tests"}


def test_import_rules_hold() -> None:
    command = [LINT_IMPORTS, "--no-cache"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout
    assert " 0 broken." in found.stdout


def test_import_rules_fail_for_an_upward_import(tmp_path: Path) -> None:
    for package in PACKAGES:
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    (tmp_path / "index" / "errors.py").write_text("import api\n")
    settings = tmp_path / "rules.toml"
    rules = (ROOT / "pyproject.toml").read_text().partition("[tool.importlinter]")[2]
    first = rules.split("[[tool.importlinter.contracts]]")[:2]
    settings.write_text("[tool.importlinter]" + "[[tool.importlinter.contracts]]".join(first))
    command = [LINT_IMPORTS, "--no-cache", "--config", str(settings)]
    found = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 1, found.stdout
    assert "index is not allowed to import api" in found.stdout


def test_only_trials_import_the_tests() -> None:
    importing = {_name(path) for path, tree in _trees() if _imports_tests(tree)}
    assert importing == MAY_IMPORT_TESTS


def _imports_tests(tree: ast.Module) -> bool:
    return any(module.split(".")[0] == "tests" for module in _imported(tree))


def test_no_pickle() -> None:
    faults = []
    for path, tree in _trees():
        if {module.split(".")[0] for module in _imported(tree)} & PICKLES:
            faults.append(f"{_name(path)}: imports pickle or the like")
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"np.load", "np.save"}:
                given = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
                if given.get("allow_pickle") != "False":
                    faults.append(f"{_name(path)}:{node.lineno}: must pass allow_pickle=False")
            elif isinstance(node, ast.keyword) and node.arg == "allow_pickle":
                allowed = ast.unparse(node.value) != "False"
                faults += [f"{_name(path)}:{node.value.lineno}: allows pickle"] * allowed
    assert not faults, "\n".join(faults)


def test_modules_and_folders_are_small() -> None:
    lines = {_name(path): len(path.read_text().splitlines()) for path in FILES}
    assert {name: count for name, count in lines.items() if count > MAX_LINES} == {}
    modules = Counter(path.parent for path in FILES if path.name != "__init__.py")
    large = {_name(folder): count for folder, count in modules.items() if count > MAX_MODULES}
    assert large == {}


def test_every_package_has_a_docstring_and_no_code() -> None:
    for path, tree in _trees():
        if path.name == "__init__.py":
            assert ast.get_docstring(tree), _name(path)
            assert len(tree.body) == 1, _name(path)


def _cpu_seconds_of_help() -> float:
    program = Path(sys.executable).with_name("seealso")
    child = os.posix_spawn(
        program,
        [str(program), "--help"],
        os.environ,
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)],
    )
    _, status, usage = os.wait4(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    return usage.ru_utime + usage.ru_stime


@pytest.mark.alone
def test_help_is_quick() -> None:
    assert min(_cpu_seconds_of_help() for _ in range(3)) < MAX_CPU_SECONDS
