"""Which papers a list may hold: by date, category, tag, author, words and licence."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date

import numpy as np

from index.arrays import Mask
from index.arxiv.categories import CATEGORIES
from index.arxiv.licences import ARXIV_LICENCES, licence_name
from index.catalogue.catalogue import Catalogue
from index.catalogue.tags import TagKey
from index.did_you_mean import did_you_mean
from index.errors import BadInput
from index.releases.release import Release
from index.search.attributes import Attributes, rows_mask
from index.search.row_filter import RowFilter

_CATEGORY = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)?(?:\.[A-Za-z]+(?:-[A-Za-z]+)?)?")
_MAX_VALUES, _MAX_VALUE_LENGTH = 20, 200


@dataclass(frozen=True, slots=True)
class Selection:
    """What a paper must be to be listed; every condition given must hold.

    `since` and `until` are days of submission, both included. Of `categories`, `tags`, `authors`
    and `licences` any one suffices; every one of `including` must stand in title or abstract,
    as a word or a phrase, and none of `excluding`. Raises BadInput for what cannot be.
    """

    since: date | None = None
    until: date | None = None
    categories: tuple[str, ...] = ()
    tags: frozenset[TagKey] = frozenset()
    authors: tuple[str, ...] = ()
    including: tuple[str, ...] = ()
    excluding: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.since and self.until and self.since > self.until:
            raise BadInput(f"since {self.since} is after until {self.until}: no day lies between")
        for category in self.categories:
            if not _CATEGORY.fullmatch(category):
                raise BadInput(f"{category!r} is no arXiv category: write it like cs.CL or math")
        for field in fields(self):
            values = getattr(self, field.name)
            if not isinstance(values, tuple):
                continue
            if len(values) > _MAX_VALUES:
                raise BadInput(f"{len(values)} {field.name}: at most {_MAX_VALUES} are taken")
            for value in values:
                if len(value) > _MAX_VALUE_LENGTH or not re.search(r"[^\W_]", value):
                    raise BadInput(
                        f"{field.name}: {value[:30]!r} must hold a letter or digit and have "
                        f"{_MAX_VALUE_LENGTH} characters at most"
                    )

    def __bool__(self) -> bool:
        return self != UNRESTRICTED


UNRESTRICTED = Selection()


def allowed_rows(selection: Selection, catalogue: Catalogue, release: Release) -> RowFilter | None:
    """Which rows of the release may be listed; None: all may.

    Raises BadInput for a category or licence that is neither arXiv's nor any paper's here.
    """
    if not selection:
        return None
    attributes, text = release.attributes, catalogue.full_text
    _check_values(selection, attributes)
    conditions = attributes.conditions(
        selection.since, selection.until, selection.categories, selection.licences
    )
    masks = []

    def held_by(numbers: list[int]) -> Mask:
        return rows_mask(release.rows(numbers), len(attributes))

    if selection.tags:
        masks.append(held_by(catalogue.tags.numbers_with_tags(selection.tags)))
    if selection.authors:
        masks.append(held_by(catalogue.numbers_by_authors(selection.authors)))
    if selection.including:
        masks.append(held_by(text.with_phrases(selection.including)))
    if selection.excluding:
        masks.append(~held_by(text.with_any_phrase(selection.excluding)))
    mask: Mask = np.logical_and.reduce([attributes.meeting(conditions), *masks])
    return RowFilter(mask, conditions, complete=not masks)


def _check_values(selection: Selection, attributes: Attributes) -> None:
    held = attributes.category_names
    archives = {name.partition(".")[0] for name in held}
    _check_names("category", selection.categories, CATEGORIES, archives.union(held))
    names = [licence_name(licence) for licence in selection.licences]
    _check_names("licence", names, ARXIV_LICENCES, attributes.licence_names)


def _check_names(
    what: str, asked: Sequence[str], official: Iterable[str], held: Iterable[str]
) -> None:
    known = {*(name.lower() for name in official), *held}
    for name in asked:
        if name.lower() not in known:
            hint = (
                did_you_mean(name, official)
                or f"no paper here has it, and it is no {what} of arXiv"
            )
            raise BadInput(f"unknown {what} {name!r}: {hint}")
