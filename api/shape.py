"""How much of an answer is asked for: which fields of each paper, and which page of a list."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends

from api.parameters.fields import AskedFields
from api.parameters.paging import AskedPage, Page


@dataclass(frozen=True, slots=True)
class Shape:
    """The fields as the address names them, and the page; None for all fields, and for no page."""

    fields: str | None = None
    page: Page | None = None


WHOLE = Shape()


async def _asked_shape(page: AskedPage, fields: AskedFields = None) -> Shape:
    return Shape(fields, page)


AskedShape = Annotated[Shape, Depends(_asked_shape)]
