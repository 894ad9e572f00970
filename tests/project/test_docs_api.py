"""Pages about the API: every command on a page gives the output that the page shows."""

import json
import re
import shlex
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from api.openapi.reference import Operation, operations_of
from scripts.write_openapi import PATH
from tests.support.data_folders import copy_data
from tests.support.processes import CHECKOUT, served

pytestmark = pytest.mark.process

NAMES = (
    "api from-semantic-scholar from-arxiv-sanity zotero feed-readers reading-lists agents digest"
).split()
PAGES = [CHECKOUT / "docs" / f"{name}.md" for name in NAMES]
TOKEN = "a token of the tests"
_INDENT = "    "


@dataclass(frozen=True, slots=True)
class Example:
    """A command and the output shown below it, with `...` for variable parts."""

    command: str
    shown: str

    @property
    def answer(self) -> re.Pattern[str]:
        return re.compile(re.escape(self.shown).replace(re.escape("..."), ".*"), re.DOTALL)


def examples(text: str) -> list[Example]:
    """Return the example of every indented block that begins with `$`.

    Further lines of the command are indented deeper.
    """
    found = []
    for block in re.findall(r"(?:^    .*\n)+", text, re.MULTILINE):
        lines = [line.removeprefix(_INDENT) for line in block.splitlines()]
        if not lines[0].startswith("$ "):
            continue
        length = next(
            (n for n, line in enumerate(lines) if n and not line.startswith(" ")), len(lines)
        )
        command, shown = lines[:length], lines[length:]
        found.append(Example("\n".join(command).removeprefix("$ "), "\n".join(shown)))
    return found


def programs(text: str) -> list[str]:
    """Return the Python program of every indented block that begins with an import.

    Blank lines belong to a program if what follows them is indented.
    """
    blocks = re.findall(r"(?:^    (?:import|from) .*\n(?:(?:^    .*)?\n)*)", text, re.MULTILINE)
    return [textwrap.dedent(block).strip() + "\n" for block in blocks]


EXAMPLES = [example for page in PAGES for example in examples(page.read_text())]
PROGRAMS = [program for page in PAGES for program in programs(page.read_text())]
OPERATIONS = operations_of(json.loads(PATH.read_text()), "http://127.0.0.1:8000")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the program `seealso`, in which the commands run."""
    made = tmp_path_factory.mktemp("docs")
    program = made / "seealso"
    start = shlex.join([sys.executable, "-c", "from scripts.cli.main import main; main()"])
    program.write_text(f'#!/bin/sh\nexec {start} "$@"\n')
    program.chmod(0o700)
    return made


@pytest.fixture(scope="module")
def address(built_data: Path, folder: Path) -> Iterator[str]:
    """A server over a copy, because one of the commands corrects tags."""
    data = copy_data(built_data, folder / "data")
    with served(data, environment={"SEEALSO_TOKEN": TOKEN}) as server:
        yield server.address


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": f"{folder}:/usr/bin:/bin",
        "PYTHONPATH": str(CHECKOUT),
        "SEEALSO_TOKEN": TOKEN,
        "SEEALSO_DATA": str(folder / "data"),
    }
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_page_has_examples_and_each_shows_output() -> None:
    assert len(EXAMPLES) > 40
    assert len(PROGRAMS) >= 4
    shown = sum(page.read_text().count(f"\n{_INDENT}$ ") for page in PAGES)
    assert shown == len(EXAMPLES)
    for example in EXAMPLES:
        assert "http://127.0.0.1:8000" in example.command or "seealso " in example.command
        assert example.shown.strip(), example.command


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.command[:70])
def test_a_command_gives_the_output_on_the_page(
    address: str, folder: Path, example: Example
) -> None:
    command = example.command.replace("http://127.0.0.1:8000", address)
    ended = run(["sh", "-euc", command], folder)
    assert ended.returncode == 0, ended.stderr
    assert example.answer.fullmatch(ended.stdout.rstrip("\n")), ended.stdout[:2000]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.splitlines()[0])
def test_a_program_on_a_page_prints_something(address: str, folder: Path, program: str) -> None:
    ended = run([sys.executable, "-c", program.replace("http://127.0.0.1:8000", address)], folder)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.strip()


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
@pytest.mark.parametrize("language", ["curl", "python"])
def test_the_examples_of_the_page_of_the_api_work(
    address: str, folder: Path, operation: Operation, language: str
) -> None:
    """The commands that /docs shows for each operation; no vectors are offered here."""
    code = getattr(operation, language).replace("http://127.0.0.1:8000", address)
    command = [sys.executable, "-c", code] if language == "python" else ["sh", "-euc", code]
    ended = run(command, folder)
    if operation.path.startswith("/v1/vectors"):
        assert "404" in ended.stdout + ended.stderr
        return
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.strip()
    assert '"status":4' not in ended.stdout


def test_the_whole_output_must_match() -> None:
    assert Example("", '{"a":...}').answer.fullmatch('{"a":[1,\n2]}')
    for other in ('{"b":1}', ' {"a":1}', '{"a":1}x'):
        assert not Example("", '{"a":...}').answer.fullmatch(other)
