"""How much of an answer is asked for: which fields of each paper, and which page of a list."""

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import Depends

from api.fields import AskedFields
from api.paging import AskedPage, Page, PageEnd
from index.list_options import LARGEST_LIMIT, ListOptions
from index.listing import Answer, Ranked


@dataclass(frozen=True, slots=True)
class Shape:
    """The fields as the address names them, and the page; None for all fields, and for no page."""

    fields: str | None = None
    page: Page | None = None


WHOLE = Shape()


async def _asked_shape(page: AskedPage, fields: AskedFields = None) -> Shape:
    return Shape(fields, page)


AskedShape = Annotated[Shape, Depends(_asked_shape)]


def paged_options(options: ListOptions, page: Page | None) -> ListOptions:
    """How a list is to be ranked of which a page is shown: every page of the same whole."""
    return replace(options, limit=LARGEST_LIMIT) if page else options


def page_of_ranked(
    ranked: Ranked[Answer], page: Page | None, limit: int
) -> tuple[Ranked[Answer], PageEnd | None]:
    """The entries of the page, and where it ends; all of them, and None, where none is asked for.

    Raises BadInput as `Page.span`.
    """
    if page is None:
        return ranked, None
    span, end = page.span([one.near.row for one in ranked.found], limit)
    return replace(ranked, found=ranked.found[span]), end
