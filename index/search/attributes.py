"""Attributes of rows that lists are filtered by, and the days that the ranking uses."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from index.arrays import Mask, Rows, mapped
from index.arxiv.identifier import month_of_id
from index.arxiv.licences import licence_name
from index.files import read_json

_ARRAYS = ("days", "approximate_days", "category_starts", "category_rows", "licences")
_NAMES_FILE = "attributes.json"
_UNKNOWN_DAY = 0  # 0001-01-01 is 1
_HALF_A_MONTH = 14  # days


@dataclass(frozen=True, slots=True)
class Conditions:
    """Conditions on attributes in a form that another machine can evaluate; None means any value.

    `days` are the first and the last allowed day as ordinals. `categories` and `licences` are names
    from `Attributes`, of which a paper must have one.
    """

    days: tuple[int, int] | None = None
    categories: tuple[str, ...] | None = None
    licences: tuple[str, ...] | None = None


ANY = Conditions()


@dataclass(frozen=True, slots=True)
class Attributes:
    """The attributes of a corpus.

        attributes = Attributes.from_papers([("2024-01-08", "cs.CL stat.ML", None, None)])
        conditions = attributes.conditions(since=date(2024, 1, 1), categories=["stat"])
        mask = attributes.matching(conditions)

    `days` are proleptic ordinals, 0 if unknown. `approximate_days` has the middle of the month in
    which arXiv assigned the identifier if the day is unknown. The rows of category c are
    `category_rows[category_starts[c]:category_starts[c+1]]`, in ascending order. `licences` are
    positions in `licence_names`. All names are in lower case.
    """

    category_names: list[str]
    licence_names: list[str]
    days: np.ndarray
    approximate_days: np.ndarray
    category_starts: np.ndarray
    category_rows: np.ndarray
    licences: np.ndarray

    @classmethod
    def from_papers(
        cls, papers: Iterable[tuple[str | None, str, str | None, str | None]]
    ) -> "Attributes":
        """Collect the attributes of each paper.

        A paper is its day (ISO 8601), its categories (separated by spaces), its licence, and, if
        it has no day, its identifier.
        """
        days, months, licences, rows_in = [], {}, [], dict[str, list[int]]()
        licence_names: dict[str, int] = {}
        licence_numbers: dict[str | None, int] = {}
        for row, (day, categories, licence, undated_id) in enumerate(papers):
            days.append(date.fromisoformat(day).toordinal() if day else _UNKNOWN_DAY)
            if undated_id:
                months[row] = month_of_id(undated_id).toordinal() + _HALF_A_MONTH
            for category in categories.lower().split():
                rows_in.setdefault(category, []).append(row)
            if licence not in licence_numbers:
                name = licence_name(licence).lower()
                licence_numbers[licence] = licence_names.setdefault(name, len(licence_names))
            licences.append(licence_numbers[licence])
        names = sorted(rows_in)
        approximate_days = np.array(days, np.int32)
        approximate_days[list(months)] = list(months.values())
        return cls(
            category_names=names,
            licence_names=list(licence_names),
            days=np.array(days, np.int32),
            approximate_days=approximate_days,
            category_starts=np.cumsum([0, *(len(rows_in[name]) for name in names)]),
            category_rows=np.concatenate(
                [np.empty(0, np.int32), *(np.array(rows_in[name], np.int32) for name in names)]
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
        """Return conditions with the names of this corpus; without arguments, any paper meets them.

        `since` and `until` are submission days, both included. An archive such as "cs" selects
        all its categories. Licences are given by name or by address.
        """
        days = None
        if since or until:
            first = since.toordinal() if since else _UNKNOWN_DAY + 1
            days = first, (until or date.max).toordinal()
        wanted = {category.lower() for category in categories}
        names = (n for n in self.category_names if n in wanted or n.partition(".")[0] in wanted)
        wanted_licences = {licence_name(licence).lower() for licence in licences}
        return Conditions(
            days,
            tuple(names) if categories else None,
            tuple(n for n in self.licence_names if n in wanted_licences) if licences else None,
        )

    def matching(self, conditions: Conditions) -> Mask:
        """Return a mask of the papers that meet all conditions.

        Categories of cross-lists count. A paper with an unknown day meets no condition on days.
        """
        mask = np.ones(len(self), bool)
        if conditions.days:
            first, last = conditions.days
            mask &= (self.days >= first) & (self.days <= last)
        if conditions.categories is not None:
            mask &= rows_mask(self._rows_in(conditions.categories), len(self))
        if conditions.licences is not None:
            numbers = [self.licence_names.index(name) for name in conditions.licences]
            mask &= np.isin(self.licences, numbers)
        return mask

    def _rows_in(self, categories: Sequence[str]) -> Rows:
        numbers = [self.category_names.index(name) for name in categories]
        spans = [self._span(number) for number in numbers]
        return np.concatenate([np.empty(0, np.int64), *(self.category_rows[s] for s in spans)])

    def _span(self, category: int) -> slice:
        return slice(self.category_starts[category], self.category_starts[category + 1])

    def categories_of(self, rows: Rows) -> list[list[str]]:
        """Return the names of the categories of each of these papers."""
        categories: list[list[str]] = [[] for _ in rows]
        # If the types differed, each search would convert all rows of a category.
        rows = rows.astype(self.category_rows.dtype)
        for number, name in enumerate(self.category_names):
            category_rows = self.category_rows[self._span(number)]
            positions = np.searchsorted(category_rows, rows)
            positions = np.minimum(positions, len(category_rows) - 1)
            for i in np.flatnonzero(category_rows[positions] == rows).tolist():
                categories[i].append(name)
        return categories

    def count_categories(self, rows: Rows) -> list[tuple[str, int]]:
        """Return the categories of these rows with the number of rows that have each."""
        mask = rows_mask(rows, len(self))
        counts = [
            int(np.count_nonzero(mask[self.category_rows[self._span(number)]]))
            for number in range(len(self.category_names))
        ]
        return [one for one in zip(self.category_names, counts, strict=True) if one[1]]

    @property
    def years(self) -> tuple[int, int]:
        """The first and the last year of submission; (0, 0) if no day is known."""
        known = self.days[self.days > _UNKNOWN_DAY]
        if not len(known):
            return 0, 0
        return date.fromordinal(int(known.min())).year, date.fromordinal(int(known.max())).year

    def fingerprints(self) -> np.ndarray:
        """Return a number for each paper that changes if one of its attributes changes."""
        sums = self.days.astype(np.uint64) * _digest("day")
        sums += np.array([_digest("licence " + n) for n in self.licence_names])[self.licences]
        for number, name in enumerate(self.category_names):
            np.add.at(sums, self.category_rows[self._span(number)], _digest(name))
        return sums

    @property
    def arrays(self) -> list[np.ndarray]:
        """All arrays. Categories and licences in them are numbers of `names`."""
        return [getattr(self, name) for name in _ARRAYS]

    @property
    def names(self) -> dict[str, list[str]]:
        """The names that categories and licences in the arrays refer to."""
        return {"categories": self.category_names, "licences": self.licence_names}

    def save(self, folder: Path) -> None:
        """Write the arrays and the names into a folder."""
        for name, array in zip(_ARRAYS, self.arrays, strict=True):
            np.save(folder / f"{name}.npy", array, allow_pickle=False)
        (folder / _NAMES_FILE).write_text(json.dumps(self.names), encoding="utf-8")

    @classmethod
    def open(cls, folder: Path) -> "Attributes":
        """Open what `save` wrote as memory maps; raises OSError or ValueError if it is damaged."""
        arrays = (mapped(folder / f"{name}.npy") for name in _ARRAYS)
        match read_json(folder / _NAMES_FILE):
            case {"categories": [*categories], "licences": [*licences]}:
                if all(isinstance(name, str) for name in (*categories, *licences)):
                    return cls(categories, licences, *arrays)
        raise ValueError(f"{_NAMES_FILE} does not contain names of categories and licences")


def _digest(name: str) -> np.uint64:
    return np.uint64(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]))


def rows_mask(rows: Rows, papers: int) -> Mask:
    """Return a mask of these rows over all papers of the corpus."""
    mask = np.zeros(papers, bool)
    mask[rows] = True
    return mask
