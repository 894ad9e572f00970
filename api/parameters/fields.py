"""Selection of a paper's fields in JSON: `fields=title,tags.label`; `id` is always included."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Annotated, TypeAlias, get_args, get_origin, get_type_hints

from fastapi import Depends, Query

from index.did_you_mean import did_you_mean
from index.errors import BadInput
from index.health.freshness import Meta

Include: TypeAlias = dict[str, "Include | bool"]
"""The fields of a record, and of the records in it, that pydantic serialises."""

_EACH = "__all__"  # pydantic's name for every item of a list


FieldNames = Annotated[
    tuple[str, ...],
    Query(
        description="Fields to return for each paper, with commas, like title,tags.label; "
        "without it all fields; id is always returned"
    ),
]


def join_fields(fields: tuple[str, ...]) -> str | None:
    """Return the names with commas; `fields=a&fields=b`, as some clients send it, is `a,b`."""
    return ",".join(fields) or None


async def _selected_fields(fields: FieldNames = ()) -> str | None:
    return join_fields(fields)


FieldsParameter = Annotated[str | None, Depends(_selected_fields)]


@cache
def field_names(record: type) -> tuple[str, ...]:
    """Return the names of all fields of a record; nested fields have dots, as in `tags.label`.

    The fields of Meta are not listed: it can only be selected whole.
    """
    names = []
    for field in fields(record):
        inner, _ = _inner(record, field.name)
        below = field_names(inner) if inner else ()
        names += [field.name, *(f"{field.name}.{name}" for name in below)]
    return tuple(names)


def included_fields(
    selected: str | None, record: type, listing: type | None = None
) -> Include | None:
    """Return what pydantic serialises of a record for a `fields` parameter; None for everything.

    With a `listing`, the selection applies to the records in it, and its own fields all stay::

        included_fields("title", RelatedPaper)  # {"id": True, "title": True}

    Raises BadInput for an unknown field.
    """
    names = {name.strip() or name for name in (selected or "").split(",")} - {""}
    if not names:
        return None
    known = field_names(record)
    for name in sorted(names.difference(known)):
        hint = did_you_mean(name, known) or f"the fields are {', '.join(known)}"
        raise BadInput(f"fields: unknown field {name[:80]!r}; {hint}")
    include: Include = {"id": True}
    for name in sorted(names, reverse=True):  # a whole field replaces its parts
        _add_field(include, record, name)
    if listing is None:
        return include
    return {
        field.name: {_EACH: include} if _inner(listing, field.name) == (record, True) else True
        for field in fields(listing)
    }


def _add_field(include: Include, record: type, name: str) -> None:
    field, dot, rest = name.partition(".")
    inner, is_list = _inner(record, field)
    if not dot or inner is None:
        include[field] = True
        return
    within = include.setdefault(field, {_EACH: {}} if is_list else {})
    assert isinstance(within, dict)
    below = within[_EACH] if is_list else within
    assert isinstance(below, dict)
    _add_field(below, inner, rest)


def _inner(record: type, field: str) -> tuple[type | None, bool]:
    """Return the type of the records in a field, if any, and whether the field is a list."""
    hint = get_type_hints(record)[field]
    inner = next((one for one in _types_in(hint) if is_dataclass(one) and one is not Meta), None)
    return inner, get_origin(hint) is list


def _types_in(hint: object) -> Iterator[type]:
    """Yield the types in a type hint, like Tag and NoneType for `list[Tag | None]`."""
    if isinstance(hint, type) and not get_args(hint):
        yield hint
    for one in get_args(hint):
        yield from _types_in(one)
