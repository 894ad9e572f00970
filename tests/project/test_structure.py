"""The laws of the house that reading the code can check."""

import ast
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAY_IMPORT = {
    "index": set[str](),
    "classifier": {"index"},
    "ingest": {"index", "classifier"},
    "api": {"index", "classifier"},
    "scripts": {"index", "classifier", "ingest", "api"},
}
ROOMS = list(MAY_IMPORT)
FILES = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
# What runs nights of the tests' own arXiv.
NEEDS_A_CHECKOUT = {
    ROOT / "scripts" / name
    for name in (
        "benchmarks/night.py",
        "trials/fuzz.py",
        "trials/kill_trials.py",
        "trials/soak.py",
        "trials/soak_nights.py",
    )
}
MAX_LINES = 300
MAX_CPU_SECONDS = 0.4


def _imported(tree: ast.Module) -> Iterator[str]:
    """Every module that a file imports, anywhere in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports name their room"
            yield node.module or ""


def _trees(room: str) -> Iterator[tuple[Path, ast.Module]]:
    for path in FILES:
        if path.is_relative_to(ROOT / room):
            yield path, ast.parse(path.read_text())


def test_every_room_is_read() -> None:
    assert len(FILES) > 50
    assert {path.relative_to(ROOT).parts[0] for path in FILES} == set(ROOMS)
    top = {
        path.relative_to(ROOT).parts[0]
        for path in ROOT.glob("*/**/*.py")
        if ".venv" not in path.parts
    }
    assert top - {"tests"} == set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_no_arrow_runs_back(room: str) -> None:
    forbidden = {*ROOMS, "tests"} - MAY_IMPORT[room] - {room}
    for path, tree in _trees(room):
        rooms = {module.split(".")[0] for module in _imported(tree)}
        allowed = {"tests"} if path in NEEDS_A_CHECKOUT else set()
        assert not rooms & forbidden - allowed, path


@pytest.mark.parametrize("room", ROOMS)
def test_no_pickle(room: str) -> None:
    for path, tree in _trees(room):
        modules = {module.split(".")[0] for module in _imported(tree)}
        assert not modules & {"pickle", "joblib", "dill", "cloudpickle", "shelve", "marshal"}, path
        for node in ast.walk(tree):
            if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
                assert ast.unparse(node.value) == "False", f"{path}:{node.value.lineno}"
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"np.load", "np.save"}:
                assert "allow_pickle" in {k.arg for k in node.keywords}, f"{path}:{node.lineno}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_two_rooms(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MAX_LINES


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


def test_help_is_quick() -> None:
    assert min(_cpu_seconds_of_help() for _ in range(3)) < MAX_CPU_SECONDS
