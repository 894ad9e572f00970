"""The query parameters that every list takes, as options and a selection."""

from datetime import date
from typing import Annotated

from fastapi import Depends, Query
from pydantic import BeforeValidator

from api.service import Answers
from index.list_options import LARGEST_LIMIT, ListOptions, ReasonsWanted, Sort, When
from index.selection import Selection


def _blank_is_none(value: object) -> object:
    """A field that was left empty in a form asks for nothing."""
    return None if value == "" else value


_MOST_TAGS = 20
Limit = Annotated[int, Query(ge=1, le=LARGEST_LIMIT, description="How many papers")]


def options_of(
    answers: Answers,
    limit: Limit = 10,
    sort: Annotated[Sort, Query(description="The first `limit` by score, in this order")] = "score",
    since: Annotated[
        date | None,
        BeforeValidator(_blank_is_none),
        Query(description="Submitted on this day or later"),
    ] = None,
    until: Annotated[
        date | None,
        BeforeValidator(_blank_is_none),
        Query(description="Submitted on this day or earlier"),
    ] = None,
    when: Annotated[When, Query(description="Submitted after or before the paper itself")] = "any",
    category: Annotated[
        list[str] | None, Query(description="Any of these, like cs.CL or math; cross-lists too")
    ] = None,
    tag: Annotated[
        list[str] | None,
        Query(
            max_length=_MOST_TAGS,
            description="Any of these, or one below it; TAXONOMY/TAG for one taxonomy's",
        ),
    ] = None,
    author: Annotated[
        list[str] | None, Query(description="Any of these, like Hinton or G. Hinton")
    ] = None,
    with_: Annotated[
        list[str] | None,
        Query(alias="with", description="Words or phrases that must stand in title or abstract"),
    ] = None,
    without: Annotated[
        list[str] | None,
        Query(description="Words or phrases that must not stand in title or abstract"),
    ] = None,
    licence: Annotated[
        list[str] | None, Query(description="Any of these, like CC-BY-4.0 or its address")
    ] = None,
    min_score: Annotated[float, Query(ge=0, le=100)] = 0,
    min_percentile: Annotated[float, Query(ge=0, le=100)] = 0,
    diversity: Annotated[
        float, Query(ge=0, le=1, description="How much papers like those before them are avoided")
    ] = 0,
    reasons: Annotated[
        ReasonsWanted, Query(description="full: sentences paired by meaning, with the model")
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
            tags=answers.taxonomies.shelves_below(_given(tag)),
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


def _given(values: list[str] | None) -> tuple[str, ...]:
    return tuple(value for value in values or () if value.strip())


Options = Annotated[ListOptions, Depends(options_of)]
