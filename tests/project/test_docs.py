"""The docs name every command, setting and address, and no link in them is dead."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from fastapi.routing import APIRoute

import api
from api.formats.representations import SUFFIXES, media_type_of
from index.settings import SETTINGS, Setting
from scripts.cli.main import cli
from tests.support.processes import CHECKOUT

DOCS = CHECKOUT / "docs"
PAGES = [CHECKOUT / "README.md", CHECKOUT / "CHANGELOG.md", *sorted(DOCS.glob("*.md"))]
TEXT = "\n".join(page.read_text() for page in PAGES)
_BEGINS, _ENDS = r"(?<![\w}])", r"(?![\w/{}-]|\.\w)"


def commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Every command that does something, as it is typed."""
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from commands(inner, (*path, name))
    else:
        yield " ".join(path)


def addresses() -> set[str]:
    """Every address that the rooms of the API answer, those outside the description too."""
    found = pkgutil.walk_packages(api.__path__, "api.")
    rooms = (importlib.import_module(module.name) for module in found)
    routers = (room.router for room in rooms if hasattr(room, "router"))
    return {route.path for one in routers for route in one.routes if isinstance(route, APIRoute)}


def unnamed(text: str) -> str:
    """Addresses with their variables left empty."""
    return re.sub(r"\{[\w:]*\}", "{}", text)


def with_any_suffix(address: str) -> str:
    """An address that ends in a form's suffix, as the docs name those of all forms together."""
    return re.sub(rf"\.({'|'.join(map(re.escape, SUFFIXES))})$", ".SUFFIX", address)


def slug(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    kept = re.sub(r"[^\w\- ]", "", heading.lower())
    return kept.strip().replace(" ", "-")


COMMANDS, ADDRESSES = sorted(commands(cli)), sorted(addresses())


def test_there_is_something_to_document() -> None:
    assert {"nightly", "tags export skos", "dump"} <= set(COMMANDS)
    assert {"/healthz", "/", "/v1/recommend", "/feeds/search.atom"} <= set(ADDRESSES)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_documented(command: str) -> None:
    assert re.search(rf"(seealso |`){command}\b", TEXT)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.variable)
def test_every_setting_is_documented_with_its_default(setting: Setting) -> None:
    rows = (DOCS / "operating.md").read_text().splitlines()
    [row] = [row for row in rows if row.startswith("|") and f"`{setting.variable}`" in row]
    assert setting.default in row


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_address_is_documented(address: str) -> None:
    said = {address, with_any_suffix(address)}
    assert any(re.search(_BEGINS + re.escape(unnamed(one)) + _ENDS, unnamed(TEXT)) for one in said)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_suffix_is_documented(suffix: str) -> None:
    assert f"| `{suffix}` | `{media_type_of(suffix)}` |" in (DOCS / "api.md").read_text()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_link_is_dead(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", page.read_text()):
        name, _, anchor = target.partition("#")
        file = page.parent / name if name else page
        assert file.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", file.read_text(), re.MULTILINE)
            assert anchor in map(slug, headings), target
