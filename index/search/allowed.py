"""Which rows of a corpus a search may find."""

from dataclasses import dataclass

import numpy as np

from index.arrays import Mask, Rows
from index.search.attributes import ANY, Conditions


@dataclass(frozen=True, slots=True)
class Allowed:
    """Rows as a mask, with a place for each, for whoever holds the corpus here.

    For an index on another machine, where a mask of all rows would be too much to send,
    `conditions` say the same, or, where not `complete`, they say a part of it: what is known only
    here (tags, authors, words) is then not among them.
    """

    mask: Mask
    conditions: Conditions = ANY
    complete: bool = False

    @property
    def rows(self) -> Rows:
        """The allowed rows, rising."""
        return np.flatnonzero(self.mask)
