"""The command-line options that every list takes."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from index.catalogue.tags import TagKey

_DAY = click.DateTime(["%Y-%m-%d"])


def list_arguments(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a list; it gets them as `options`, a ListOptions."""

    @wraps(command)
    def with_options(
        *arguments: Any,
        limit: int,
        sort: Any,
        min_score: float,
        min_percentile: float,
        diversity: float,
        reasons: Any,
        when: Any = "any",
        **others: Any,
    ) -> None:
        from index.lists.options import ListOptions
        from index.lists.selection import Selection

        since, until = others.pop("since"), others.pop("until")
        selection = Selection(
            since=since.date() if since else None,
            until=until.date() if until else None,
            categories=others.pop("category"),
            tags=_shelves(others.pop("tag")),
            authors=others.pop("author"),
            including=others.pop("with_"),
            excluding=others.pop("without"),
            licences=others.pop("licence"),
        )
        options = ListOptions(
            limit, sort, selection, min_score, min_percentile, diversity, when, reasons
        )
        command(*arguments, options=options, **others)

    for option in reversed(_OPTIONS):
        with_options = option(with_options)
    return with_options


def _shelves(tags: tuple[str, ...]) -> "frozenset[TagKey]":
    if not tags:
        return frozenset()
    from classifier.taxonomies.followed import followed_taxonomies
    from index.catalogue.catalogue import read_catalogue

    with read_catalogue(click.get_current_context().obj.data) as catalogue:
        return followed_taxonomies(catalogue).tag_keys_below(tags)


def _several(*names: str, help: str) -> Callable[[Any], Any]:  # noqa: A002 - click's own word
    return click.option(*names, multiple=True, help=help)


_OPTIONS = (
    click.option("--limit", default=10, show_default=True, help="How many papers."),
    click.option(
        "--sort", type=click.Choice(["score", "date"]), default="score", show_default=True
    ),
    click.option("--since", type=_DAY, help="Submitted on this day or later."),
    click.option("--until", type=_DAY, help="Submitted on this day or earlier."),
    _several("--category", help="Any of these, like cs.CL or math."),
    _several("--tag", help="Any of these, or one below it; TAXONOMY/TAG for one taxonomy's."),
    _several("--author", help="Any of these, like Hinton or G. Hinton."),
    _several("--with", "with_", help="Words or a phrase that must stand in title or abstract."),
    _several("--without", help="Words or a phrase that must not."),
    _several("--licence", help="Any of these, like CC-BY-4.0."),
    click.option("--min-score", default=0.0, help="From 0 to 100."),
    click.option("--min-percentile", default=0.0, help="From 0 to 100."),
    click.option("--diversity", default=0.0, help="From 0 to 1: how little it repeats itself."),
    click.option(
        "--reasons",
        type=click.Choice(["brief", "full"]),
        default="brief",
        show_default=True,
        help="full: sentences paired by meaning.",
    ),
)
when_option = click.option(
    "--when",
    type=click.Choice(["any", "newer", "older"]),
    default="any",
    show_default=True,
    help="Submitted after or before the paper itself.",
)
