"""The port to whatever finds near vectors: search with a filter, read back, save."""

from pathlib import Path
from typing import Protocol

from index.arrays import Floats, Rows


class VectorIndex(Protocol):
    """Finds the rows whose unit vectors are nearest to a query by cosine."""

    def __len__(self) -> int:
        """How many vectors are held."""
        ...

    @property
    def kind(self) -> str:
        """How it searches, in the engine's own words."""
        ...

    def search(self, query: Floats, limit: int) -> tuple[Rows, Floats]:
        """Rows and cosines of the nearest, best first, shape (found,); found is `limit` at most."""
        ...

    def vectors(self, rows: Rows) -> Floats:
        """The vectors of these rows as they were given, shape (rows, dimension)."""
        ...

    def save(self, folder: Path) -> None:
        """Write the index into a folder."""
        ...
