"""What lists may be narrowed by, row by row: day of submission, categories, licence."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from index.arrays import Mask, Rows, mapped
from index.licence import licence_name

_ARRAYS = ("days", "category_starts", "category_rows", "licences")
_NAMES = "attributes.json"
_UNKNOWN = 0  # as a day; 0001-01-01 is 1


@dataclass(frozen=True, slots=True)
class Attributes:
    """The attributes of a corpus.

    `days` are proleptic ordinals, 0 where unknown. The rows of category c are
    `category_rows[category_starts[c]:category_starts[c+1]]`, rising; `licences` are numbers in
    `licence_names`. Names are in lower case.
    """

    category_names: list[str]
    licence_names: list[str]
    days: np.ndarray
    category_starts: np.ndarray
    category_rows: np.ndarray
    licences: np.ndarray

    @classmethod
    def of(cls, papers: Iterable[tuple[str | None, str, str | None]]) -> "Attributes":
        """From each paper's day (ISO 8601), categories (separated by blanks) and licence."""
        days, licences, held = [], [], dict[str, list[int]]()
        number_of: dict[str, int] = {}
        named: dict[str | None, int] = {}
        for row, (day, categories, licence) in enumerate(papers):
            days.append(date.fromisoformat(day).toordinal() if day else _UNKNOWN)
            for category in categories.lower().split():
                held.setdefault(category, []).append(row)
            if licence not in named:
                name = licence_name(licence).lower()
                named[licence] = number_of.setdefault(name, len(number_of))
            licences.append(named[licence])
        names = sorted(held)
        return cls(
            category_names=names,
            licence_names=list(number_of),
            days=np.array(days, np.int32),
            category_starts=np.cumsum([0, *(len(held[name]) for name in names)]),
            category_rows=np.concatenate(
                [np.empty(0, np.int32), *(np.array(held[name], np.int32) for name in names)]
            ),
            licences=np.array(licences, np.int32),
        )

    def __len__(self) -> int:
        return len(self.days)

    def submitted_within(self, since: date | None, until: date | None) -> Mask:
        """Papers submitted on one of these days, both included; none of an unknown day."""
        earliest = since.toordinal() if since else _UNKNOWN + 1
        latest = until.toordinal() if until else date.max.toordinal()
        found: Mask = (self.days >= earliest) & (self.days <= latest)
        return found

    def in_categories(self, categories: Sequence[str]) -> Mask:
        """Papers in any of these categories, cross-lists too; an archive means all of its own."""
        asked = {category.lower() for category in categories}
        found = np.zeros(len(self), bool)
        for number, name in enumerate(self.category_names):
            if name in asked or name.partition(".")[0] in asked:
                span = slice(self.category_starts[number], self.category_starts[number + 1])
                found[self.category_rows[span]] = True
        return found

    def with_licences(self, licences: Sequence[str]) -> Mask:
        """Papers under any of these licences, by name or address."""
        asked = {licence_name(licence).lower() for licence in licences}
        numbers = [n for n, name in enumerate(self.licence_names) if name in asked]
        found: Mask = np.isin(self.licences, numbers)
        return found

    @property
    def arrays(self) -> list[np.ndarray]:
        """What `names` number."""
        return [getattr(self, name) for name in _ARRAYS]

    @property
    def names(self) -> dict[str, list[str]]:
        """What the arrays' numbers stand for."""
        return {"categories": self.category_names, "licences": self.licence_names}

    def save(self, folder: Path) -> None:
        """Write into a folder."""
        for name, array in zip(_ARRAYS, self.arrays, strict=True):
            np.save(folder / f"{name}.npy", array, allow_pickle=False)
        (folder / _NAMES).write_text(json.dumps(self.names), encoding="utf-8")

    @classmethod
    def open(cls, folder: Path) -> "Attributes":
        """Open by memory map what `save` wrote; raises OSError, ValueError or KeyError."""
        names = json.loads((folder / _NAMES).read_text(encoding="utf-8"))
        arrays = (mapped(folder / f"{name}.npy") for name in _ARRAYS)
        return cls(names["categories"], names["licences"], *arrays)


def rows_mask(rows: Rows, papers: int) -> Mask:
    """These rows as a place for each paper of the corpus."""
    found = np.zeros(papers, bool)
    found[rows] = True
    return found
