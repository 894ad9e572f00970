"""Which fields of a paper an answer holds: `fields=title,tags.label`; `id` comes with any."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Annotated, TypeAlias, get_args, get_origin, get_type_hints

from fastapi import Query

from index.did_you_mean import did_you_mean
from index.errors import BadInput
from index.health.freshness import Meta

Include: TypeAlias = dict[str, "Include | bool"]
"""What pydantic is to write of a record, and of each record within it."""

FieldsParameter = Annotated[
    str | None,
    Query(description="Only these of each paper, like title,tags.label; id comes with any"),
]
_EACH = "__all__"  # pydantic's word for every member of a list


@cache
def field_names(record: type) -> tuple[str, ...]:
    """Every field of a record, with dots those of the records in it. Meta is one, whole."""
    names = []
    for field in fields(record):
        inner, _ = _inner(record, field.name)
        below = field_names(inner) if inner else ()
        names += [field.name, *(f"{field.name}.{name}" for name in below)]
    return tuple(names)


def included(asked: str | None, record: type, listing: type | None = None) -> Include | None:
    """What is asked for of a record, None for all of it; raises BadInput for an unknown field.

    Of a list that holds such records all else stays.
    """
    names = {name.strip() for name in (asked or "").split(",")} - {""}
    if not names:
        return None
    known = field_names(record)
    for name in sorted(names.difference(known)):
        hint = did_you_mean(name, known) or f"there are {', '.join(known)}"
        raise BadInput(f"fields: unknown field {name[:80]!r}; {hint}")
    chosen: Include = {"id": True}
    for name in sorted(names, reverse=True):  # a whole field after its parts, for it has them all
        _include(chosen, record, name)
    if listing is None:
        return chosen
    return {
        field.name: {_EACH: chosen} if _inner(listing, field.name) == (record, True) else True
        for field in fields(listing)
    }


def _include(chosen: Include, record: type, name: str) -> None:
    field, dot, rest = name.partition(".")
    inner, many = _inner(record, field)
    if not dot or inner is None:
        chosen[field] = True
        return
    within = chosen.setdefault(field, {_EACH: {}} if many else {})
    assert isinstance(within, dict)
    below = within[_EACH] if many else within
    assert isinstance(below, dict)
    _include(below, inner, rest)


def _inner(record: type, field: str) -> tuple[type | None, bool]:
    """The record that a field holds, None for none, and whether it holds many."""
    hint = get_type_hints(record)[field]
    inner = next((one for one in _types_in(hint) if is_dataclass(one) and one is not Meta), None)
    return inner, get_origin(hint) is list


def _types_in(hint: object) -> Iterator[type]:
    """The types that a hint is made of, like those of `list[Tag | None]`."""
    if isinstance(hint, type) and not get_args(hint):
        yield hint
    for one in get_args(hint):
        yield from _types_in(one)
