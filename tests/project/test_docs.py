"""The docs describe every command, setting and address, and contain no dead link."""

import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
import pytest
from cogapp import Cog
from fastapi.routing import APIRoute

import api
from api.formats.representations import SUFFIXES, media_type_of
from index.settings import SETTINGS
from scripts.cli.main import cli
from tests.support.processes import CHECKOUT

DOCS = CHECKOUT / "docs"
README = CHECKOUT / "README.md"
PAGES = [README, CHECKOUT / "CHANGELOG.md", *sorted(DOCS.glob("*.md"))]
TEXT = "\n".join(page.read_text() for page in PAGES)
_BEGINS, _ENDS = r"(?<![\w}])", r"(?![\w/{}-]|\.\w)"


def commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Every command that is not a group, as it is typed."""
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from commands(inner, (*path, name))
    else:
        yield " ".join(path)


def commands_in_table(page: str) -> list[str]:
    """The commands that have a row in the table of commands, without their arguments."""
    _, _, section = page.partition("\n## Commands\n")
    section, _, _ = section.partition("\n## ")
    rows = re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)
    return [re.match(r"[a-z]+( [a-z]+)*", row)[0] for row in rows]  # type: ignore[index]


def addresses() -> set[str]:
    """Every address that a router of the API answers, also those not in the description."""
    modules = pkgutil.walk_packages(api.__path__, "api.")
    loaded = (importlib.import_module(module.name) for module in modules)
    routers = (module.router for module in loaded if hasattr(module, "router"))
    return {route.path for one in routers for route in one.routes if isinstance(route, APIRoute)}


def unnamed(text: str) -> str:
    """Addresses with the names of their variables removed."""
    return re.sub(r"\{[\w:]*\}", "{}", text)


def with_any_suffix(address: str) -> str:
    """An address that ends in the suffix of a format, as the docs name it for all formats."""
    return re.sub(rf"\.({'|'.join(map(re.escape, SUFFIXES))})$", ".SUFFIX", address)


def undocumented_addresses(known: Iterable[str], text: str) -> list[str]:
    """The addresses that the text does not mention as a whole."""
    text = unnamed(text)
    return [
        address
        for address in sorted(known)
        if not any(
            re.search(_BEGINS + re.escape(unnamed(one)) + _ENDS, text)
            for one in (address, with_any_suffix(address))
        )
    ]


def slug(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    kept = re.sub(r"[^\w\- ]", "", heading.lower())
    return kept.strip().replace(" ", "-")


def dead_links(page: Path) -> list[str]:
    """The relative links of a page whose file or heading does not exist."""
    dead = []
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", page.read_text()):
        name, _, anchor = target.partition("#")
        file = page.parent / name if name else page
        if not file.exists():
            dead.append(target)
        elif anchor:
            headings = re.findall(r"^#+ (.*)$", file.read_text(), re.MULTILINE)
            if anchor not in map(slug, headings):
                dead.append(target)
    return dead


COMMANDS, ADDRESSES = sorted(commands(cli)), sorted(addresses())


def test_there_is_something_to_document() -> None:
    assert {"nightly", "tags export skos", "dump"} <= set(COMMANDS)
    assert {"/healthz", "/", "/v1/recommend", "/feeds/search.atom"} <= set(ADDRESSES)


def test_every_command_has_one_row_in_the_table_of_commands() -> None:
    assert sorted(commands_in_table(README.read_text())) == COMMANDS


def test_a_command_that_is_only_mentioned_has_no_row() -> None:
    page = (
        "Run `seealso polish` and `polish all`.\n\n## Commands\n\nNot `polish`.\n\n"
        "| command | what it does |\n|---|---|\n"
        "| `tags show ID` | show tags; see also `polish` |\n"
        "| `ingest snapshot [PATH]` | store papers |\n"
        "| `backup` | copy |\n"
        "\n## Settings\n\n| `polish` | not a command |\n"
    )
    assert commands_in_table(page) == ["tags show", "ingest snapshot", "backup"]


def test_every_setting_is_documented_with_its_default() -> None:
    lines = (DOCS / "operating.md").read_text().splitlines()
    rows = {
        setting: [
            line for line in lines if line.startswith("|") and f"`{setting.variable}`" in line
        ]
        for setting in SETTINGS
    }
    assert [
        setting.variable
        for setting, found in rows.items()
        if len(found) != 1 or setting.default not in found[0]
    ] == []


def test_generated_tables_are_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    generated = [str(page) for page in PAGES if "[[[cog" in page.read_text()]
    assert str(DOCS / "operating.md") in generated
    monkeypatch.syspath_prepend(str(CHECKOUT))
    assert Cog().main(["cog", "--check", *generated]) == 0, f"renew them: cog -r {generated}"


def test_an_old_table_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "page.md"
    text = (DOCS / "operating.md").read_text()
    page.write_text(text.replace("| `SEEALSO_PORT` | `8000`", "| `SEEALSO_PORT` | `8001`"))
    assert page.read_text() != text
    monkeypatch.syspath_prepend(str(CHECKOUT))
    assert Cog().main(["cog", "--check", str(page)]) != 0


def test_every_address_is_documented() -> None:
    assert undocumented_addresses(ADDRESSES, TEXT) == []


def test_a_part_of_an_address_documents_no_other() -> None:
    known = ["/v1/tags", "/v1/tags/{label}", "/papers/{id}.bib", "/v1/polish"]
    text = "`/v1/tags/{name}/papers`, /v1/tags, `/papers/{id}.SUFFIX` and /v1/polished"
    assert undocumented_addresses(known, text) == ["/v1/polish", "/v1/tags/{label}"]


def test_every_suffix_is_documented() -> None:
    page = (DOCS / "api.md").read_text()
    rows = {suffix: f"| `{suffix}` | `{media_type_of(suffix)}` |" for suffix in SUFFIXES}
    assert [suffix for suffix, row in rows.items() if row not in page] == []


def test_the_program_is_called_in_one_way() -> None:
    """After the environment is activated; only other programs need the path of the program."""
    assert re.findall(r"(?<!/)\.venv/bin/seealso", TEXT) == []
    assert ". .venv/bin/activate" in README.read_text()


def test_no_link_is_dead() -> None:
    dead = {page.name: dead_links(page) for page in PAGES}
    assert {name: links for name, links in dead.items() if links} == {}


def test_a_link_to_no_file_or_no_heading_is_dead(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# One two\n[a](#one-two) [b](page.md#one) [c](other.md) [d](https://e.org/)")
    assert dead_links(page) == ["page.md#one", "other.md"]
