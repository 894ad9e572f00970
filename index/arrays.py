"""The array types that rooms hand to one another, and arrays on disk."""

from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]
Rows: TypeAlias = NDArray[np.int64]
Mask: TypeAlias = NDArray[np.bool_]


def mapped(path: Path) -> np.ndarray:
    """A saved array by memory map; raises OSError or ValueError where it is damaged."""
    held = np.load(path, mmap_mode="r", allow_pickle=False)
    return np.asarray(held)  # slices of a plain array cost a tenth of a memmap's


def unit(vectors: Floats) -> Floats:
    """Rows scaled to length one; a row of zeros stays as it is."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return (vectors / np.where(lengths == 0, 1, lengths)).astype(np.float32)
