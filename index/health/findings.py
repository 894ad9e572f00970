"""What a look at one thing found, and what to do about it."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from index.errors import SeeAlsoError

State = Literal["well", "warning", "broken"]

DAMAGE_ERRORS = (SeeAlsoError, sqlite3.Error, OSError, ValueError, KeyError, TypeError)
"""What reading of damaged files and tables raises."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `do` says what to do about it, empty where it is well."""

    subject: str
    state: State
    what: str
    do: str = ""


def report_damage(subject: str, do: str, findings: Iterator[Finding]) -> Iterator[Finding]:
    """These findings; damage that ends the look is one more."""
    try:
        yield from findings
    except DAMAGE_ERRORS as error:
        what = f"the examination ended with {type(error).__name__}: {error}"
        yield Finding(subject, "broken", what, do)


def count_finding(subject: str, number: int, what: str, do: str) -> Finding:
    """A warning where there is any; well where there is none."""
    if number:
        return Finding(subject, "warning", f"{number} {what}", do)
    return Finding(subject, "well", f"0 {what}")
