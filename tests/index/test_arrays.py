"""Arrays: written by rows, united and searched as numpy does; mapped pages are released."""

from pathlib import Path

import numpy as np
import pytest

from index.arrays import is_among, mapped, release_pages, union, writing_array


@pytest.mark.parametrize("rows", [0, 1, 70_000])
def test_the_file_is_that_of_numpy(tmp_path: Path, rows: int) -> None:
    array = (np.arange(rows * 3) % 1000).astype(np.float16).reshape(rows, 3)
    np.save(tmp_path / "whole.npy", array)
    with writing_array(tmp_path / "parts.npy", np.float16, array.shape) as write:
        for start in range(0, rows, 30_000):
            write(array[start : start + 30_000])
    assert (tmp_path / "parts.npy").read_bytes() == (tmp_path / "whole.npy").read_bytes()


@pytest.mark.parametrize("rows", [1, 3])
def test_too_few_and_too_many_rows_are_refused(tmp_path: Path, rows: int) -> None:
    with (
        pytest.raises(ValueError, match=r"array\.npy has \d+ bytes, not 8"),
        writing_array(tmp_path / "array.npy", np.int32, (2,)) as write,
    ):
        write(np.zeros(rows, np.int32))


@pytest.mark.parametrize("rows", [np.zeros((2, 3), np.float32), np.zeros((2, 4), np.float16)])
def test_rows_of_another_shape_or_type_are_refused(tmp_path: Path, rows: np.ndarray) -> None:
    with (
        pytest.raises(ValueError, match="takes rows of float16"),
        writing_array(tmp_path / "array.npy", np.float16, (2, 3)) as write,
    ):
        write(rows)


@pytest.mark.parametrize("rows", [[], [3], [5, 1, 3], [4, 4, 9, 0]])
@pytest.mark.parametrize("others", [[], [3], [9, 1], [0, 7, 7]])
def test_rows_are_united_and_found_as_numpy_does(rows: list[int], others: list[int]) -> None:
    one, other = np.array(rows, np.int64), np.array(others, np.int64)
    assert union(one, other).tolist() == np.union1d(one, other).tolist()
    assert is_among(one, np.sort(other)).tolist() == np.isin(one, other).tolist()


def _resident(file: Path) -> int:
    """Return how many kilobytes of a file are in the memory of this process."""
    maps = Path("/proc/self/smaps").read_text().splitlines()
    starts = [at for at, line in enumerate(maps) if line.endswith(str(file))]
    found = [next(line for line in maps[at:] if line.startswith("Rss:")) for at in starts]
    return sum(int(line.split()[1]) for line in found)


def test_pages_of_a_mapped_array_are_released_and_read_again(tmp_path: Path) -> None:
    file = tmp_path / "array.npy"
    np.save(file, np.arange(1_000_000))
    array = mapped(file)
    total = array.sum()
    assert _resident(file) > 7_000
    release_pages(array[5:])
    assert _resident(file) < 1_000
    assert array.sum() == total


def test_an_array_in_memory_stays_as_it_is() -> None:
    array = np.arange(100_000)
    release_pages(array[1:])
    assert array[-1] == 99_999
