"""The query parameters that all lists share, read into ListOptions."""

import re
from datetime import date
from typing import Annotated

from fastapi import Depends, Path, Query
from fastapi.concurrency import run_in_threadpool
from pydantic import BeforeValidator, Field, JsonValue, WithJsonSchema
from pydantic_core import PydanticCustomError

from api.parameters import json_schemas
from api.service import ReadSession, Session
from index.catalogue.tags import TagKey
from index.lists.filters import MAX_VALUES, Filters
from index.lists.options import (
    DEFAULT_OPTIONS,
    MAX_LIMIT,
    ListOptions,
    ReasonDetail,
    Sort,
    WeakMatches,
    When,
)
from index.search.match_strength import PAPER_LINE, TEXT_LINE


def _check_day(value: object) -> object:
    """Check the form of a day; an empty form field means no day.

    Without this check pydantic would read `2024` as seconds since 1970.
    """
    if value == "":
        return None
    if value is not None and not (isinstance(value, str) and _DAY.fullmatch(value)):
        raise PydanticCustomError("date_parsing", "not written as 2024-01-31")
    return value


_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DAY_OR_BLANK = [{"type": "string", "format": "date"}, {"const": ""}]
Day = Annotated[date | None, BeforeValidator(_check_day), WithJsonSchema({"anyOf": _DAY_OR_BLANK})]
_FEW: dict[str, JsonValue] = {"maxItems": MAX_VALUES}  # which Filters checks
Category = Annotated[str, WithJsonSchema(json_schemas.CATEGORY)]
Licence = Annotated[str, WithJsonSchema(json_schemas.LICENCE)]
Words = Annotated[str, WithJsonSchema(json_schemas.WORDS)]
TaxonomyName = Annotated[str, Query(description="Name of a taxonomy, from /v1/taxonomies")]
TagName = Annotated[
    str, Path(description="A label of the taxonomy, from /v1/tags", examples=["model-compression"])
]
# The bound also makes pydantic refuse surrogates, since answers repeat unknown identifiers.
IdParameter = Annotated[str, Field(max_length=1_000)]
WEAK_MEANING = (
    f"score below {PAPER_LINE.score:g}, for a text or a query below {TEXT_LINE.score:g}, or any "
    "score if no paper here contains half of the words of the query"
)
"""What makes a match weak, for descriptions."""
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Maximum number of papers")]


async def list_options(
    session: Session,
    limit: Limit = 10,
    sort: Annotated[
        Sort,
        Query(
            description="Order of the papers: by score, or newest first. Either way the list "
            f"has the `limit` best by score (the {MAX_LIMIT} best with a cursor)"
        ),
    ] = "score",
    since: Annotated[Day, Query(description="Only papers submitted on or after this day")] = None,
    until: Annotated[Day, Query(description="Only papers submitted on or before this day")] = None,
    when: Annotated[
        When, Query(description="Only papers submitted after (newer) or before (older) the paper")
    ] = "any",
    category: Annotated[
        tuple[Category, ...],
        Query(
            description="Only papers in any of these categories, like cs.CL or math",
            json_schema_extra=_FEW,
        ),
    ] = (),
    tag: Annotated[
        tuple[str, ...],
        Query(
            max_length=MAX_VALUES,
            description="Only papers with any of these tags or a tag below them; "
            "TAXONOMY/TAG for a tag of one taxonomy",
        ),
    ] = (),
    author: Annotated[
        tuple[Words, ...],
        Query(
            description="Only papers by any of these authors, like Hinton or G. Hinton",
            json_schema_extra=_FEW,
        ),
    ] = (),
    with_: Annotated[
        tuple[Words, ...],
        Query(
            alias="with",
            description="Only papers with all of these words or phrases in title or abstract",
            json_schema_extra=_FEW,
        ),
    ] = (),
    without: Annotated[
        tuple[Words, ...],
        Query(
            description="Only papers with none of these words or phrases in title or abstract",
            json_schema_extra=_FEW,
        ),
    ] = (),
    licence: Annotated[
        tuple[Licence, ...],
        Query(
            description="Only papers under any of these licences, like CC-BY-4.0 or its URL",
            json_schema_extra=_FEW,
        ),
    ] = (),
    min_score: Annotated[float, Query(ge=0, le=100, description="Lowest score listed")] = 0,
    min_percentile: Annotated[
        float, Query(ge=0, le=100, description="Lowest percentile listed")
    ] = 0,
    diversity: Annotated[
        float,
        Query(
            ge=0,
            le=1,
            description="How strongly a paper is ranked down for resembling those before it "
            "(maximal marginal relevance); 0: not at all",
        ),
    ] = 0,
    reasons: Annotated[
        ReasonDetail,
        Query(
            description="How each reason's pair of sentences is found: brief, by shared terms; "
            "full, by meaning, which runs the embedding model"
        ),
    ] = "brief",
    weak: Annotated[
        WeakMatches,
        Query(
            description=f"Whether to list weak matches: {WEAK_MEANING}. Feeds leave them out "
            "unless this is include"
        ),
    ] = "include",
) -> ListOptions:
    """Return the list options of a request; raises BadInput, UnknownTag or UnknownTaxonomy."""
    tags = non_blank(tag)
    keys = await run_in_threadpool(_tag_keys, session, tags) if tags else frozenset()
    return ListOptions(
        limit=limit,
        sort=sort,
        filters=Filters(
            since=since,
            until=until,
            categories=non_blank(category),
            tags=keys,
            authors=non_blank(author),
            including=non_blank(with_),
            excluding=non_blank(without),
            licences=non_blank(licence),
        ),
        min_score=min_score,
        min_percentile=min_percentile,
        diversity=diversity,
        when=when,
        reasons=reasons,
        weak=weak,
    )


def _tag_keys(session: ReadSession, tags: tuple[str, ...]) -> frozenset[TagKey]:
    return session.taxonomies.tag_keys_below(tags)


def non_blank(values: tuple[str, ...]) -> tuple[str, ...]:
    """Return the values of a parameter without blank ones, which an empty form field sends."""
    return tuple(value for value in values if value.strip())


def is_default(name: str, value: str) -> bool:
    """Return whether a value of a list option is that of a list without the option."""
    default = getattr(DEFAULT_OPTIONS, name, None)
    return default is not None and same_value(value, default)


def same_value(text: str, value: object) -> bool:
    """Return whether the text of a parameter has this value; "0.0" is 0 too."""
    if not isinstance(value, float | int):
        return text == value
    try:
        return float(text) == value
    except ValueError:
        return False


Options = Annotated[ListOptions, Depends(list_options)]
