"""Findings of the doctor: what was checked, what is wrong, and what to do about it."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from index.errors import SeeAlsoError

State = Literal["well", "warning", "broken"]

DAMAGE_ERRORS = (SeeAlsoError, sqlite3.Error, OSError, ValueError)
"""The errors that reading damaged files and tables raises."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check; `do` says how to repair it and is empty if all is well."""

    subject: str
    state: State
    what: str
    do: str = ""


def report_damage(subject: str, do: str, findings: Iterator[Finding]) -> Iterator[Finding]:
    """Yield the findings of a check; if damage ends the check, yield that as a finding."""
    try:
        yield from findings
    except DAMAGE_ERRORS as error:
        what = f"the check failed with {type(error).__name__}: {error}"
        yield Finding(subject, "broken", what, do)


def count_finding(subject: str, number: int, what: str, do: str) -> Finding:
    """Return a warning if the number is not 0, otherwise a finding that all is well."""
    if number:
        return Finding(subject, "warning", f"{number} {what}", do)
    return Finding(subject, "well", f"0 {what}")
