"""Limits a search to some rows of the corpus."""

from dataclasses import dataclass

import numpy as np

from index.arrays import Mask, Rows
from index.search.attributes import ANY, Conditions


@dataclass(frozen=True, slots=True)
class RowFilter:
    """The rows that a search may return, as a mask over all rows.

    A vector index on another machine receives `conditions` instead, because a mask of all rows
    would be too large to send. If `complete`, the conditions select the same rows as the mask.
    Otherwise they select more rows: criteria that only this machine knows (tags, authors, words)
    are missing from them.
    """

    mask: Mask
    conditions: Conditions = ANY
    complete: bool = False

    @property
    def rows(self) -> Rows:
        """The allowed rows, ascending."""
        return np.flatnonzero(self.mask)
