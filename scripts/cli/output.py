"""What commands share: days and files as arguments, JSON as over REST, help that is never cut."""

import json
import re
import sys
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
file_type = click.Path(exists=True, dir_okay=False, path_type=Path)


class _Day(click.DateTime):
    """A day; a wrong one is refused in the words of the API."""

    def __init__(self) -> None:
        super().__init__(["%Y-%m-%d"])

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Return the day as a datetime."""
        try:
            day: datetime = super().convert(value, param, ctx)
        except click.BadParameter as error:
            reason = f"it is {value!r}: write an existing day, as 2024-01-31"
            raise click.BadParameter(reason, ctx, param) from error
        return day


day_type = _Day()


class FullHelpGroup(click.Group):
    """A group of commands whose help shows the whole first sentence of each command.

    click cuts it at the width of the terminal and adds "...".
    """

    group_class = type  # groups in the group are of the same class

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; wrong arguments are refused in the words of the API."""
        try:
            return super().invoke(ctx)
        except click.BadParameter as error:
            reason = _in_own_words(error.message)
            if reason == error.message:
                raise
            raise click.BadParameter(reason, error.ctx, error.param, error.param_hint) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the names and the first sentences of the commands."""
        rows = [
            (name, command.get_short_help_str(sys.maxsize))
            for name, command in sorted(self.commands.items())
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def _in_own_words(message: str) -> str:
    """Return what is wrong with a value, and what would be right, instead of click's sentence."""
    if found := re.fullmatch(r"(.+) is not a valid (integer|float)\.", message):
        return f"it is {found[1]}: it must be a {'whole ' * (found[2] == 'integer')}number"
    if found := re.fullmatch(r"(.+) is not one of (.+)\.", message):
        return f"it is {found[1]}: it must be one of {found[2]}"
    if found := re.fullmatch(r"(.+) is not in the range (.+)\.", message):
        return f"it is {found[1]}: it must be in the range {found[2]}"
    return message


def print_json(found: object) -> None:
    """Print dataclasses, also nested in dicts and lists, as indented JSON with ISO 8601 dates."""
    click.echo(to_json(found))


def to_json(found: object) -> str:
    """Return what `print_json` prints."""
    return json.dumps(found, indent=2, ensure_ascii=False, default=_plain)


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{value!r} cannot be encoded as JSON")
