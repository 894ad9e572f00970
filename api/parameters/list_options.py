"""The query parameters that every list takes, as options and a selection."""

import re
from datetime import date
from typing import Annotated

from fastapi import Depends, Query
from pydantic import BeforeValidator, Field, WithJsonSchema

from api.service import Session
from index.lists.options import MAX_LIMIT, ListOptions, ReasonDetail, Sort, When
from index.lists.selection import Selection


def _day_told(value: object) -> object:
    """A field that was left empty in a form asks for nothing.

    What is no day must not pass for the seconds since 1970, as `2024` would.
    """
    if value == "":
        return None
    if isinstance(value, str) and not _DAY.fullmatch(value):
        raise ValueError("write a day as 2024-01-31")
    return value


_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DAY_OR_BLANK = [{"type": "string", "format": "date"}, {"const": ""}]
Day = Annotated[date | None, BeforeValidator(_day_told), WithJsonSchema({"anyOf": _DAY_OR_BLANK})]
_MAX_TAGS = 20
TaxonomyName = Annotated[str, Query(description="One of /v1/taxonomies")]
# Of bounded length, and so of whole characters: what is not held is named in the answer.
IdParameter = Annotated[str, Field(max_length=1_000)]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="How many papers")]


def options_of(
    session: Session,
    limit: Limit = 10,
    sort: Annotated[
        Sort,
        Query(description="The first `limit` by score (500 with a cursor), in this order"),
    ] = "score",
    since: Annotated[Day, Query(description="Submitted on this day or later")] = None,
    until: Annotated[Day, Query(description="Submitted on this day or earlier")] = None,
    when: Annotated[When, Query(description="Submitted after or before the paper itself")] = "any",
    category: Annotated[
        tuple[str, ...], Query(description="Any of these, like cs.CL or math; cross-lists too")
    ] = (),
    tag: Annotated[
        tuple[str, ...],
        Query(
            max_length=_MAX_TAGS,
            description="Any of these, or one below it; TAXONOMY/TAG for one taxonomy's",
        ),
    ] = (),
    author: Annotated[
        tuple[str, ...], Query(description="Any of these, like Hinton or G. Hinton")
    ] = (),
    with_: Annotated[
        tuple[str, ...],
        Query(alias="with", description="Words or phrases that must stand in title or abstract"),
    ] = (),
    without: Annotated[
        tuple[str, ...],
        Query(description="Words or phrases that must not stand in title or abstract"),
    ] = (),
    licence: Annotated[
        tuple[str, ...], Query(description="Any of these, like CC-BY-4.0 or its address")
    ] = (),
    min_score: Annotated[float, Query(ge=0, le=100)] = 0,
    min_percentile: Annotated[float, Query(ge=0, le=100)] = 0,
    diversity: Annotated[
        float, Query(ge=0, le=1, description="How much papers like those before them are avoided")
    ] = 0,
    reasons: Annotated[
        ReasonDetail, Query(description="full: sentences paired by meaning, with the model")
    ] = "brief",
) -> ListOptions:
    """The options that an address asks for."""
    return ListOptions(
        limit=limit,
        sort=sort,
        selection=Selection(
            since=since,
            until=until,
            categories=_given(category),
            tags=session.taxonomies.tag_keys_below(_given(tag)),
            authors=_given(author),
            including=_given(with_),
            excluding=_given(without),
            licences=_given(licence),
        ),
        min_score=min_score,
        min_percentile=min_percentile,
        diversity=diversity,
        when=when,
        reasons=reasons,
    )


def _given(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(value for value in values if value.strip())


Options = Annotated[ListOptions, Depends(options_of)]
