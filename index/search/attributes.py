"""What lists may be narrowed by, row by row: day of submission, categories, licence."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from index.arrays import Mask, Rows, mapped
from index.arxiv.licences import licence_name
from index.files import read_json

_ARRAYS = ("days", "category_starts", "category_rows", "licences")
_NAMES = "attributes.json"
_UNKNOWN = 0  # as a day; 0001-01-01 is 1


@dataclass(frozen=True, slots=True)
class Conditions:
    """What attributes must be, in terms that another machine understands; None: anything.

    `days` are ordinals, the first and the last; of `categories` and of `licences`, by the names
    that papers carry here, any one suffices.
    """

    days: tuple[int, int] | None = None
    categories: tuple[str, ...] | None = None
    licences: tuple[str, ...] | None = None


ANY = Conditions()


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

    def conditions(
        self,
        since: date | None = None,
        until: date | None = None,
        categories: Sequence[str] = (),
        licences: Sequence[str] = (),
    ) -> Conditions:
        """What is asked for, in the terms of these papers; nothing asked: anything.

        Days of submission are both included. An archive means all categories of its own.
        Licences are told by name or address.
        """
        days, meant = None, {category.lower() for category in categories}
        if since or until:
            earliest = since.toordinal() if since else _UNKNOWN + 1
            days = earliest, (until or date.max).toordinal()
        of_these = {licence_name(licence).lower() for licence in licences}
        held = (n for n in self.category_names if n in meant or n.partition(".")[0] in meant)
        return Conditions(
            days,
            tuple(held) if categories else None,
            tuple(n for n in self.licence_names if n in of_these) if licences else None,
        )

    def meeting(self, conditions: Conditions) -> Mask:
        """The papers that meet all conditions; cross-lists count, an unknown day is none."""
        found = np.ones(len(self), bool)
        if conditions.days:
            earliest, latest = conditions.days
            found &= (self.days >= earliest) & (self.days <= latest)
        if conditions.categories is not None:
            found &= rows_mask(self._rows_in(conditions.categories), len(self))
        if conditions.licences is not None:
            numbers = [self.licence_names.index(name) for name in conditions.licences]
            found &= np.isin(self.licences, numbers)
        return found

    def _rows_in(self, categories: Sequence[str]) -> Rows:
        places = [self.category_names.index(name) for name in categories]
        spans = [self._span(place) for place in places]
        return np.concatenate([np.empty(0, np.int64), *(self.category_rows[s] for s in spans)])

    def _span(self, category: int) -> slice:
        return slice(self.category_starts[category], self.category_starts[category + 1])

    def categories_of(self, rows: Rows) -> list[list[str]]:
        """The categories of each of these papers, by name."""
        found: list[list[str]] = [[] for _ in rows]
        asked = rows.astype(self.category_rows.dtype)  # else each search would convert all held
        for number, name in enumerate(self.category_names):
            held = self.category_rows[self._span(number)]
            places = np.minimum(np.searchsorted(held, asked), len(held) - 1)
            for one in np.flatnonzero(held[places] == asked).tolist():
                found[one].append(name)
        return found

    def fingerprints(self) -> np.ndarray:
        """A number for each paper that is another where an attribute is another."""
        found = self.days.astype(np.uint64) * _digest("day")
        found += np.array([_digest("licence " + n) for n in self.licence_names])[self.licences]
        for number, name in enumerate(self.category_names):
            np.add.at(found, self.category_rows[self._span(number)], _digest(name))
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
        """Open by memory map what `save` wrote; raises OSError or ValueError."""
        arrays = (mapped(folder / f"{name}.npy") for name in _ARRAYS)
        match read_json(folder / _NAMES):
            case {"categories": [*categories], "licences": [*licences]}:
                if all(isinstance(name, str) for name in (*categories, *licences)):
                    return cls(categories, licences, *arrays)
        raise ValueError(f"{_NAMES} does not hold names")


def _digest(name: str) -> np.uint64:
    return np.uint64(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]))


def rows_mask(rows: Rows, papers: int) -> Mask:
    """These rows as a place for each paper of the corpus."""
    found = np.zeros(papers, bool)
    found[rows] = True
    return found
