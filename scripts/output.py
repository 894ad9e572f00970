"""Printing for machines: the same forms as the REST answers."""

import json
from dataclasses import asdict, is_dataclass
from datetime import date
from pathlib import Path

import click

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for a machine.")
file_type = click.Path(exists=True, dir_okay=False, path_type=Path)
limit_option = click.option("--limit", default=10, show_default=True, help="How many papers.")


def print_json(found: object) -> None:
    """Print a record or a dict as indented JSON, dates in ISO 8601."""
    content = asdict(found) if is_dataclass(found) and not isinstance(found, type) else found
    click.echo(json.dumps(content, indent=2, ensure_ascii=False, default=_date))


def _date(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{value!r} has no JSON form")
