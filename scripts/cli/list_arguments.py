"""Command-line options shared by all commands that print a list."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from scripts.cli.output import day_type

if TYPE_CHECKING:
    from index.catalogue.tags import TagKey
    from index.lists.filters import Filters


def list_arguments(command: Callable[..., None]) -> Callable[..., None]:
    """Add the list options to a command, which receives them as `options: ListOptions`."""

    @wraps(command)
    def with_options(
        *arguments: Any,
        limit: int,
        sort: Any,
        min_score: float,
        min_percentile: float,
        diversity: float,
        reasons: Any,
        weak: Any,
        when: Any = "any",
        **others: Any,
    ) -> None:
        from dataclasses import replace

        from index.lists.options import ListOptions

        since, until = others.pop("since"), others.pop("until")
        filters = replace(
            read_filters(others),
            since=since.date() if since else None,
            until=until.date() if until else None,
        )
        options = ListOptions(
            limit, sort, filters, min_score, min_percentile, diversity, when, reasons, weak
        )
        command(*arguments, options=options, **others)

    for option in reversed(_OPTIONS):
        with_options = option(with_options)
    return with_options


def read_filters(values: dict[str, Any]) -> "Filters":
    """Take the values of `FILTER_OPTIONS` out of a command's arguments, and return the filters."""
    from index.lists.filters import Filters

    return Filters(
        categories=values.pop("category"),
        tags=_tag_keys(values.pop("tag")),
        authors=values.pop("author"),
        including=values.pop("with_"),
        excluding=values.pop("without"),
        licences=values.pop("licence"),
    )


def _tag_keys(tags: tuple[str, ...]) -> "frozenset[TagKey]":
    if not tags:
        return frozenset()
    from classifier.taxonomies.followed import followed_taxonomies
    from index.catalogue.catalogue import read_catalogue

    with read_catalogue(click.get_current_context().obj.data) as catalogue:
        return followed_taxonomies(catalogue).tag_keys_below(tags)


def _several(*names: str, help: str) -> Callable[[Any], Any]:  # noqa: A002 - click's parameter name
    return click.option(*names, multiple=True, help=help)


MIN_SCORE = click.option("--min-score", default=0.0, help="Minimum score, from 0 to 100.")
FILTER_OPTIONS = (
    _several(
        "--category",
        help="Category such as cs.CL or archive such as math; may be repeated to match any.",
    ),
    _several(
        "--tag",
        help="Only papers with this tag (TAG or TAXONOMY/TAG) or a tag below it; may be repeated "
        "to match any.",
    ),
    _several("--author", help="Author such as Hinton or G. Hinton; may be repeated to match any."),
    _several(
        "--with",
        "with_",
        help="Words or a phrase that must occur in the title or abstract; may be repeated "
        "(all of them).",
    ),
    _several(
        "--without",
        help="Words or a phrase that must not occur in the title or abstract; may be repeated "
        "(none of them).",
    ),
    _several("--licence", help="Licence such as CC-BY-4.0; may be repeated to match any."),
)
_OPTIONS = (
    click.option("--limit", default=10, show_default=True, help="Number of papers."),
    click.option(
        "--sort",
        type=click.Choice(["score", "date"]),
        default="score",
        show_default=True,
        help="Highest score first, or newest first.",
    ),
    click.option("--since", type=day_type, help="Only papers submitted on or after this date."),
    click.option("--until", type=day_type, help="Only papers submitted on or before this date."),
    *FILTER_OPTIONS,
    MIN_SCORE,
    click.option("--min-percentile", default=0.0, help="Minimum percentile, from 0 to 100."),
    click.option("--diversity", default=0.0, help="Diversity of the list (MMR), from 0 to 1."),
    click.option(
        "--reasons",
        type=click.Choice(["brief", "full"]),
        default="brief",
        show_default=True,
        help="How entries are explained: brief, by shared words; full, by pairs of sentences with "
        "similar meaning, which loads the model.",
    ),
    click.option(
        "--weak",
        type=click.Choice(["include", "exclude"]),
        default="include",
        show_default=True,
        help="Whether to list weak matches.",
    ),
)
when_option = click.option(
    "--when",
    type=click.Choice(["any", "newer", "older"]),
    default="any",
    show_default=True,
    help="Only papers submitted after or before the given paper.",
)
