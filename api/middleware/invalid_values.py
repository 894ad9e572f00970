"""What is wrong with a value that pydantic refused, as sentences that say what would be right."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from index.did_you_mean import did_you_mean

_MAX_SHOWN = 80  # characters of a value or a name
_OWN = "Value error, "  # what pydantic puts before the message of a check of ours
_NO_FILE = "Expected UploadFile"  # how FastAPI begins
_WHOLE_NUMBER = "it must be a whole number"
_NUMBER = "it must be a number"
_TEXT = "it must be a text in quotes"
_LIST = "it must be a list, such as [{value}]"
_OBJECT = 'it must be an object, such as {{"name": "value"}}'
_DAY = "write an existing day, as 2024-01-31"
_FLAG = "it must be true or false"
# By pydantic's type of an error; {value} is the value given, other names are from its context.
_FAULTS = {
    "missing": "{name} is missing",
    "less_than_equal": "{name} is {value}: it must be at most {le}",
    "greater_than_equal": "{name} is {value}: it must be at least {ge}",
    "less_than": "{name} is {value}: it must be less than {lt}",
    "greater_than": "{name} is {value}: it must be more than {gt}",
    "string_too_long": "{name} has more than {max_length} characters: shorten it",
    "string_too_short": "{name} is {value}: it must have at least {min_length} characters",
    "too_long": "{name} has {actual_length} values: at most {max_length} are allowed",
    "too_short": "{name} has {actual_length} values: at least {min_length} are needed",
    "string_unicode": "{name} is not valid Unicode: send UTF-8",
    "json_invalid": "the body is not valid JSON: {error}, at character {at}",
}
_RIGHT = {
    **dict.fromkeys(("literal_error", "enum"), "it must be {expected}"),
    **dict.fromkeys(
        ("int_type", "int_parsing", "int_from_float", "int_parsing_size"), _WHOLE_NUMBER
    ),
    **dict.fromkeys(("float_type", "float_parsing", "finite_number"), _NUMBER),
    **dict.fromkeys(("bool_type", "bool_parsing"), _FLAG),
    **dict.fromkeys(("string_type", "string_sub_type"), _TEXT),
    **dict.fromkeys(("list_type", "tuple_type", "set_type"), _LIST),
    **dict.fromkeys(
        ("model_attributes_type", "model_type", "dataclass_type", "dict_type"), _OBJECT
    ),
    **dict.fromkeys(
        (
            "date_type",
            "date_parsing",
            "date_from_datetime_parsing",
            "date_from_datetime_inexact",
            "date_past",
            "date_future",
        ),
        _DAY,
    ),
}
_ANY_OTHER = "it is not accepted; /docs says what is"


def fault_in_request(error: Mapping[str, Any], known: Sequence[str] = ()) -> str:
    """Return what is wrong with a parameter or a member of the body, as `fault_of` does.

    FastAPI's locations begin with "query", "body" or the like, which is left out.
    """
    return fault_of({**error, "loc": error["loc"][1:]}, known)


def fault_of(error: Mapping[str, Any], known: Sequence[str] = ()) -> str:
    """Return what is wrong with a value that pydantic refused, and what would be right.

    `known` are the names that are allowed instead of an unknown one. The value is named as in a
    request, such as `limit` or `liked[0]`.
    """
    kind, place = error["type"], error["loc"]
    context = {name: _whole(value) for name, value in error.get("ctx", {}).items()}
    name = _name_of(place)
    if kind == "extra_forbidden":
        listed = f"the names are {', '.join(known)}" if known else "leave it out"
        return f"{name!r} is unknown; {did_you_mean(name, known) or listed}"
    if kind in ("value_error", "assertion_error"):
        message = error["msg"].removeprefix(_OWN)
        if message.startswith(_NO_FILE):
            return f"{name} is a text: send it as a file, in multipart/form-data"
        return f"{name}: {message}"
    template = _FAULTS.get(kind) or f"{{name}} is {{value}}: {_RIGHT.get(kind, _ANY_OTHER)}"
    value = _shown(error.get("input"))
    return template.format(
        **{**context, "name": name, "value": value, "at": place[-1] if place else 0}
    )


def _whole(value: object) -> object:
    """Return 1.0 as 1, and other values as they are."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _name_of(place: Sequence[int | str]) -> str:
    if not place or isinstance(place[0], int):
        return "the body"
    first, *rest = place
    return f"{first}{''.join(f'[{part}]' for part in rest)}"[:_MAX_SHOWN]


def _shown(value: object) -> str:
    """Return a value as it may be written in a request, cut if it is long."""
    shown = repr(value)
    if isinstance(value, bool) or value is None:
        shown = {True: "true", False: "false", None: "null"}[value]
    shown = re.sub(r"[\ud800-\udfff]", "\ufffd", shown)
    return shown if len(shown) <= _MAX_SHOWN else f"{shown[:_MAX_SHOWN]}…"
