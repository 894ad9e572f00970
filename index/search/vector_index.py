"""The interface of vector indexes: search with a filter, read vectors, save."""

from pathlib import Path
from typing import Protocol

from index.arrays import Floats, Rows
from index.search.row_filter import RowFilter


class VectorIndex(Protocol):
    """Finds the rows whose unit vectors have the largest cosines with a query."""

    def __len__(self) -> int:
        """Return the number of vectors."""
        ...

    @property
    def kind(self) -> str:
        """The search method: "exact" or "partitioned" for FAISS, "milvus" for Milvus."""
        ...

    def search(
        self, query: Floats, limit: int, allowed: RowFilter | None = None
    ) -> tuple[Rows, Floats]:
        """Return rows and cosines of the nearest allowed papers, best first, shape (found,).

        `found` is at most `limit`. If `allowed` is None, all rows are allowed.
        """
        ...

    def vectors(self, rows: Rows) -> Floats:
        """Return the vectors of these rows in single precision, shape (rows, dimension)."""
        ...

    def release_memory(self) -> None:
        """Release the memory of vectors that were read, if they are mapped from a file."""
        ...

    def check(self, *, complete: bool) -> None:
        """Check that vectors outside the release folder are available; if `complete`, all of them.

        Raises IndexUnavailable if their server does not answer, and DamagedRelease if vectors are
        missing or of another kind.
        """
        ...

    def save(self, folder: Path) -> None:
        """Write the index into a folder."""
        ...
