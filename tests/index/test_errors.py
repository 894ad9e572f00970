"""The tree of exceptions in the docstring is that of the classes."""

import re

import index.errors
from index.errors import SeeAlsoError


def _tree(error: type[SeeAlsoError], depth: int = 0) -> list[tuple[int, str, int, int]]:
    own = [(depth, error.__name__, error.exit_code, error.status)]
    # Modules that other tests imported have private subclasses of their own.
    public = [one for one in error.__subclasses__() if one.__module__ == index.errors.__name__]
    return own + [row for below in public for row in _tree(below, depth + 1)]


def _documented() -> list[tuple[int, str, int, int]]:
    rows: list[tuple[int, str, int, int]] = []
    _, _, tree = (index.errors.__doc__ or "").partition("\n\nSeeAlsoError ")
    lines = tree.partition("\n\n")[0].splitlines()
    for line in [f"SeeAlsoError {lines[0]}", *lines[1:]]:
        match = re.fullmatch(r"([│├└─ ]*)(\w+) +((?:\d+ +){0,2})\S.*", line)
        assert match, line
        depth = len(match[1]) // 4
        inherited = next((row for row in reversed(rows) if row[0] == depth - 1), (0, "", 0, 0))
        numbers = [int(number) for number in match[3].split()]
        exit_code = next((number for number in numbers if number < 100), inherited[2])
        status = next((number for number in numbers if number >= 100), inherited[3])
        rows.append((depth, match[2], exit_code, status))
    return rows


def test_the_docstring_shows_every_class_with_its_numbers() -> None:
    assert _documented() == _tree(SeeAlsoError)
