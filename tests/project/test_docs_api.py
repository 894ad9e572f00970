"""docs/api.md: every command on the page gives the output that the page shows."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.data_folders import copy_data
from tests.support.processes import CHECKOUT, served

pytestmark = pytest.mark.process

PAGE = CHECKOUT / "docs" / "api.md"
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


EXAMPLES = examples(PAGE.read_text())


@pytest.fixture(scope="module")
def address(built_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server over a copy, because one of the commands corrects tags."""
    data = copy_data(built_data, tmp_path_factory.mktemp("docs") / "data")
    with served(data, environment={"SEEALSO_TOKEN": TOKEN}) as server:
        yield server.address


def run(example: Example, address: str) -> subprocess.CompletedProcess[str]:
    command = example.command.replace("http://127.0.0.1:8000", address)
    environment = {"PATH": "/usr/bin:/bin", "SEEALSO_TOKEN": TOKEN}
    return subprocess.run(
        ["sh", "-euc", command],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_page_has_examples_and_each_shows_output() -> None:
    assert len(EXAMPLES) > 20
    assert PAGE.read_text().count(f"\n{_INDENT}$ ") == len(EXAMPLES)
    for example in EXAMPLES:
        assert "http://127.0.0.1:8000" in example.command
        assert example.shown.strip(". \n"), example.command


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.command[:70])
def test_a_command_gives_the_output_on_the_page(address: str, example: Example) -> None:
    ended = run(example, address)
    assert ended.returncode == 0, ended.stderr
    assert example.answer.fullmatch(ended.stdout.rstrip("\n")), ended.stdout[:2000]


def test_the_whole_output_must_match() -> None:
    assert Example("", '{"a":...}').answer.fullmatch('{"a":[1,\n2]}')
    for other in ('{"b":1}', ' {"a":1}', '{"a":1}x'):
        assert not Example("", '{"a":...}').answer.fullmatch(other)
