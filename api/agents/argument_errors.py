"""Errors in the arguments of a tool call, as sentences that say what would be right."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from index.did_you_mean import did_you_mean

_MAX_ERRORS, _MAX_SHOWN = 5, 80
# By pydantic's type of an error; {value} is the value given, other names are from its context.
_SENTENCES = {
    "missing": "the argument {name} is missing",
    "less_than_equal": "{name} is {value}: it must be at most {le}",
    "greater_than_equal": "{name} is {value}: it must be at least {ge}",
    "string_too_long": "{name} has more than {max_length} characters: shorten it",
    "too_long": "{name} has {actual_length} values: at most {max_length} are allowed",
    "literal_error": "{name} is {value}: it must be {expected}",
    "string_type": "{name} is {value}: it must be a text in quotes",
    "list_type": "{name} is {value}: it must be a list, such as [{value}]",
    "int_type": "{name} is {value}: it must be a whole number",
    "int_parsing": "{name} is {value}: it must be a whole number",
    "int_from_float": "{name} is {value}: it must be a whole number",
    "string_unicode": "{name} is not valid Unicode",
}
_DAY = "{name} is {value}: write a day as 2024-01-31"


def explain_arguments(error: ValidationError, known: Sequence[str]) -> str:
    """Return what is wrong with the arguments of a call; `known` are the tool's arguments."""
    found = error.errors(include_url=False)
    sentences = [_sentence(one, known) for one in found[:_MAX_ERRORS]]
    more = len(found) - _MAX_ERRORS
    return "; ".join([*sentences, *([f"and {more} more errors"] if more > 0 else [])])


def _sentence(error: Mapping[str, Any], known: Sequence[str]) -> str:
    first, *rest = error["loc"] or ("arguments",)
    name = f"{first}{''.join(f'[{part}]' for part in rest)}"[:_MAX_SHOWN]
    kind = error["type"]
    if kind == "extra_forbidden":
        listed = f"the arguments are {', '.join(known)}" if known else "the tool has none"
        return f"unknown argument {name!r}; {did_you_mean(name, known) or listed}"
    template = _DAY if kind.startswith("date") else _SENTENCES.get(kind)
    if template is None:
        return f"{name}: {error['msg'][:1].lower()}{error['msg'][1:]}"
    shown = repr(error["input"])
    value = shown if len(shown) <= _MAX_SHOWN else f"{shown[:_MAX_SHOWN]}…"
    return template.format(name=name, value=value, **error.get("ctx", {}))
