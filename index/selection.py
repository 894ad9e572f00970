"""Which papers a list may hold: by date, category, tag, author, words and licence."""

import re
from dataclasses import dataclass, fields
from datetime import date

import numpy as np

from index.arrays import Mask
from index.attributes import rows_mask
from index.catalogue import Catalogue
from index.errors import BadInput
from index.release import Release
from index.stored_tags import Shelf

_CATEGORY = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)?(?:\.[A-Za-z]+(?:-[A-Za-z]+)?)?")
_MOST_VALUES, _LONGEST_VALUE = 20, 200


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
    tags: frozenset[Shelf] = frozenset()
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
            if len(values) > _MOST_VALUES:
                raise BadInput(f"{len(values)} {field.name}: at most {_MOST_VALUES} are taken")
            for value in values:
                if len(value) > _LONGEST_VALUE or not re.search(r"[^\W_]", value):
                    raise BadInput(
                        f"{field.name}: {value[:30]!r} must hold a letter or digit and have "
                        f"{_LONGEST_VALUE} characters at most"
                    )

    def __bool__(self) -> bool:
        return self != EVERYTHING


EVERYTHING = Selection()


def allowed_by(selection: Selection, catalogue: Catalogue, release: Release) -> Mask | None:
    """A place for each row of the release, true where the paper may be listed; None: all may."""
    if not selection:
        return None
    attributes, text = release.attributes, catalogue.full_text
    masks = []
    if selection.since or selection.until:
        masks.append(attributes.submitted_within(selection.since, selection.until))
    if selection.categories:
        masks.append(attributes.in_categories(selection.categories))
    if selection.licences:
        masks.append(attributes.with_licences(selection.licences))

    def held_by(numbers: list[int]) -> Mask:
        return rows_mask(release.rows(numbers), len(attributes))

    if selection.tags:
        masks.append(held_by(catalogue.tags.carrying(selection.tags)))
    if selection.authors:
        masks.append(held_by(catalogue.numbers_by_authors(selection.authors)))
    if selection.including:
        masks.append(held_by(text.with_phrases(selection.including)))
    if selection.excluding:
        masks.append(~held_by(text.with_any_phrase(selection.excluding)))
    allowed: Mask = np.logical_and.reduce(masks)
    return allowed
