"""Filters of a list: date, category, tag, author, phrases and licence."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Protocol

import numpy as np

from index.arrays import Mask, Rows
from index.arxiv.categories import CATEGORIES, categories_of_subject
from index.arxiv.licences import ARXIV_LICENCES, licence_name
from index.arxiv.tex.folding import searchable_text
from index.catalogue.catalogue import Catalogue
from index.catalogue.tags import TagKey
from index.did_you_mean import did_you_mean
from index.errors import BadInput, Contradiction, NotFound
from index.search.attributes import Attributes, rows_mask
from index.search.row_filter import RowFilter

_CATEGORY = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)?(?:\.[A-Za-z]+(?:-[A-Za-z]+)?)?")
_LETTER_OR_DIGIT = re.compile(r"[^\W_]")
MAX_VALUES, MAX_VALUE_LENGTH = 20, 200  # of a filter, and of one of its values
_NAMES = {
    "categories": "category",
    "authors": "author",
    "including": "with",
    "excluding": "without",
    "licences": "licence",
}


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters that listed papers pass; an empty field is no condition.

    `since` and `until` are days of submission, both included. A paper must match at least one of
    `categories`, of `tags`, of `authors` and of `licences`. Its title or abstract must have every
    word or phrase of `including` and none of `excluding`. If `numbers` is not None, it must have
    one of these catalogue numbers. Raises BadInput for invalid values, and Contradiction if `since`
    is after `until`.
    """

    since: date | None = None
    until: date | None = None
    categories: tuple[str, ...] = ()
    tags: frozenset[TagKey] = frozenset()
    authors: tuple[str, ...] = ()
    including: tuple[str, ...] = ()
    excluding: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()
    numbers: frozenset[int] | None = None

    def __post_init__(self) -> None:
        if self.since and self.until and self.since > self.until:
            raise Contradiction(f"since={self.since} is after until={self.until}: swap them")
        for category in self.categories:
            if not _CATEGORY.fullmatch(category):
                raise BadInput(
                    f"{category!r} is not an arXiv category: write it like cs.CL or math"
                )
        for field in fields(self):
            values = getattr(self, field.name)
            if not isinstance(values, tuple):
                continue
            name = _NAMES[field.name]
            if len(values) > MAX_VALUES:
                raise BadInput(f"{name} has {len(values)} values: at most {MAX_VALUES} are allowed")
            for value in values:
                if len(value) > MAX_VALUE_LENGTH or not _LETTER_OR_DIGIT.search(value):
                    raise BadInput(
                        f"{name}: {value[:30]!r} must have a letter or digit, and at most "
                        f"{MAX_VALUE_LENGTH} characters"
                    )
                if not _LETTER_OR_DIGIT.search(searchable_text(value)):
                    raise NotFound(
                        f"{name}: {value[:30]!r} has no letter or digit once its TeX is "
                        "decoded, so no paper has it"
                    )

    def __bool__(self) -> bool:
        return self != UNRESTRICTED


UNRESTRICTED = Filters()


class PaperRows(Protocol):
    """Papers in rows, such as those of a release."""

    @property
    def attributes(self) -> Attributes:
        """The attributes of the rows."""
        ...

    def rows(self, numbers: list[int]) -> Rows:
        """Return the rows of those of these papers (catalogue numbers) that are here, ascending."""
        ...


def allowed_rows(filters: Filters, catalogue: Catalogue, release: PaperRows) -> RowFilter | None:
    """Return the rows of the release that pass the filters; None means all rows.

    Raises BadInput for a category or licence that neither arXiv nor any paper here has.
    """
    if not filters:
        return None
    attributes, text = release.attributes, catalogue.full_text
    _check_values(filters, attributes)
    conditions = attributes.conditions(
        filters.since, filters.until, filters.categories, filters.licences
    )
    masks = []

    def mask_of(numbers: list[int]) -> Mask:
        return rows_mask(release.rows(numbers), len(attributes))

    if filters.numbers is not None:
        masks.append(mask_of(list(filters.numbers)))
    if filters.tags:
        masks.append(mask_of(catalogue.tags.numbers_with_tags(filters.tags)))
    if filters.authors:
        masks.append(mask_of(catalogue.numbers_by_authors(filters.authors)))
    if filters.including:
        masks.append(mask_of(text.with_phrases(filters.including)))
    if filters.excluding:
        masks.append(~mask_of(text.with_any_phrase(filters.excluding)))
    mask: Mask = np.logical_and.reduce([attributes.matching(conditions), *masks])
    return RowFilter(mask, conditions, complete=not masks)


def _check_values(filters: Filters, attributes: Attributes) -> None:
    present = attributes.category_names
    archives = {name.partition(".")[0] for name in present}
    _check_names("category", filters.categories, CATEGORIES, archives.union(present))
    names = [licence_name(licence) for licence in filters.licences]
    _check_names("licence", names, ARXIV_LICENCES, attributes.licence_names)


def _check_names(
    what: str, names: Sequence[str], official: Iterable[str], present: Iterable[str]
) -> None:
    known = {*(name.lower() for name in official), *present}
    for name in names:
        if name.lower() not in known:
            of_subject = " or ".join(categories_of_subject(name)) if what == "category" else ""
            hint = (
                f"did you mean {of_subject}?" if of_subject else did_you_mean(name, official)
            ) or f"arXiv has no such {what}, and no paper here has it"
            raise BadInput(f"unknown {what} {name!r}: {hint}")
