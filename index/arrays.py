"""Array types shared by all packages, memory-mapped arrays, and unit vectors."""

from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]
Rows: TypeAlias = NDArray[np.int64]
Mask: TypeAlias = NDArray[np.bool_]


def mapped(path: Path) -> np.ndarray:
    """Open a saved array as a memory map; raises OSError or ValueError if it is damaged."""
    array = np.load(path, mmap_mode="r", allow_pickle=False)
    return np.asarray(array)  # slicing a plain array takes a tenth of the time of a memmap


def unit(vectors: Floats) -> Floats:
    """Scale rows to length one; rows of zeros stay zero."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return (vectors / np.where(lengths == 0, 1, lengths)).astype(np.float32)
