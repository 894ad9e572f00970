"""JSON output, in the same format as the REST API."""

import json
from dataclasses import asdict, is_dataclass
from datetime import date
from pathlib import Path

import click

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
file_type = click.Path(exists=True, dir_okay=False, path_type=Path)


def print_json(found: object) -> None:
    """Print dataclasses, also nested in dicts and lists, as indented JSON with ISO 8601 dates."""
    click.echo(json.dumps(found, indent=2, ensure_ascii=False, default=_plain))


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{value!r} cannot be encoded as JSON")
