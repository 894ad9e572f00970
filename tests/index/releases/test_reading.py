"""Papers are divided into equal parts, none larger than one process may read."""

import pytest

from index.releases.reading import part_size


@pytest.mark.parametrize(
    ("papers", "size"),
    [(0, 0), (1, 1), (100_000, 100_000), (100_001, 50_001), (142_605, 71_303), (300_001, 75_001)],
)
def test_parts_are_equal(papers: int, size: int) -> None:
    assert part_size(papers) == size
