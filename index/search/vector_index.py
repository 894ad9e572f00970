"""The port to whatever finds near vectors: search with a filter, read back, save."""

from pathlib import Path
from typing import Protocol

import numpy as np

from index.arrays import Floats, Rows
from index.search.row_filter import RowFilter


class VectorIndex(Protocol):
    """Finds the rows whose unit vectors are nearest to a query by cosine."""

    def __len__(self) -> int:
        """How many vectors are held."""
        ...

    @property
    def kind(self) -> str:
        """How it searches, in the engine's own words."""
        ...

    def search(
        self, query: Floats, limit: int, allowed: RowFilter | None = None
    ) -> tuple[Rows, Floats]:
        """Rows and cosines of the nearest among the allowed, best first, shape (found,).

        `found` is `limit` at most; all rows are allowed where `allowed` is None.
        """
        ...

    def search_many(self, queries: Floats, limit: int) -> Rows:
        """Rows of the nearest to each query, best first, shape (queries, limit at most).

        -1 stands where there is none.
        """
        ...

    def vectors(self, rows: Rows) -> Floats:
        """The vectors of these rows as they were given, shape (rows, dimension)."""
        ...

    def check(self, *, complete: bool) -> None:
        """Look that what lies outside the release's folder answers; if `whole`, that all is there.

        Raises IndexUnavailable; DamagedRelease.
        """
        ...

    def save(self, folder: Path) -> None:
        """Write the index into a folder."""
        ...


class GrowingIndex(VectorIndex, Protocol):
    """An index while it is made."""

    def replace(self, rows: Rows, vectors: np.ndarray) -> None:
        """Put other unit vectors, in half precision, under these rows, which are new ones."""
        ...
