"""Lines of any length and any number of blank lines are read with bounded memory."""

import io
import json
import random
import tracemalloc
from collections.abc import Mapping
from pathlib import Path

import pytest

from index.catalogue.catalogue import Catalogue
from index.catalogue.rejections import MAX_RAW, TOO_LONG, RejectedRecord
from ingest.bounds import MAX_RECORD
from ingest.rereading import reread
from ingest.snapshot.lines import bounded_lines
from ingest.snapshot.loading import load_snapshot
from ingest.snapshot.records import read_line, read_snapshot

GOOD = {"id": "2401.00001", "title": "A title", "abstract": "A text."}


def written(record: Mapping[str, object]) -> bytes:
    return json.dumps(record).encode()


def test_lines_are_those_of_the_file() -> None:
    chosen = random.Random(0)
    pieces = [b"\n", b"\r\n", b" ", b"\t", b"a", b"bc" * 7, b"\n\n\n", b"\x0b\n", b'{"x": 1}\n']
    for _ in range(300):
        content = b"".join(chosen.choices(pieces, k=chosen.randrange(60)))
        expected = [
            (number, line) for number, line in enumerate(content.split(b"\n"), 1) if line.strip()
        ]
        found = list(bounded_lines(io.BytesIO(content), 1_000))
        assert [(number, line.strip()) for number, line in found] == [
            (number, line.strip()) for number, line in expected
        ]


@pytest.mark.parametrize("length", [2**20 - 1, 2**20, 2**20 + 1, 3 * 2**20])
def test_a_long_line_is_cut_and_the_next_ones_are_whole(length: int) -> None:
    longest = 2**19
    content = b"a\n" + b"x" * length + b"\n\nb\n" + b"y" * length + b"\nlast"
    found = list(bounded_lines(io.BytesIO(content), longest))
    cut = longest + 1
    assert found == [(1, b"a"), (2, b"x" * cut), (4, b"b"), (5, b"y" * cut), (6, b"last")]
    assert list(bounded_lines(io.BytesIO(b"z" * length), longest)) == [(1, b"z" * cut)]


class Repeated:
    """A file that repeats one byte between a beginning and an end."""

    def __init__(self, begin: bytes, byte: bytes, count: int, end: bytes) -> None:
        self._parts = [begin, *[byte * 2**20] * (count // 2**20), end]

    def read1(self, size: int, /) -> bytes:
        assert size >= 2**20
        return self._parts.pop(0) if self._parts else b""


@pytest.mark.parametrize("byte", [b"x", b" ", b"\n", b"\r", b"{"])
def test_300_mb_without_a_record_take_little_memory(byte: bytes) -> None:
    file = Repeated(b"first\n", byte, 300 * 2**20, b"\nlast\n")
    tracemalloc.start()
    lines = [(number, line[:5]) for number, line in bounded_lines(file, MAX_RECORD)]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * MAX_RECORD
    assert lines[0] == (1, b"first")
    assert lines[-1] == ((2 if byte != b"\n" else 300 * 2**20 + 2) + 1, b"last")


def test_a_long_line_is_kept_aside_in_part_and_the_rest_stored(
    empty_catalogue: Catalogue, tmp_path: Path
) -> None:
    path = tmp_path / "long.jsonl"
    long = written({**GOOD, "id": "2401.00002", "title": "x" * (MAX_RECORD + 1)})
    path.write_bytes(long + b"\n" * 1_000 + written(GOOD) + b"\n")
    intake = load_snapshot(empty_catalogue, path, lambda *_: None)
    assert (intake.changes.total(), len(intake.rejected)) == (1, 1)
    (rejected,) = empty_catalogue.rejections.all()
    assert rejected.key == "long.jsonl:1"
    assert rejected.reason.startswith("it has more than 2,097,152 bytes, of which only the first")
    assert rejected.raw == long[:1_000]
    assert reread(empty_catalogue) == 0
    assert empty_catalogue.rejections.all() == [rejected]
    assert empty_catalogue.entry("2401.00001").paper.title == "A title"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"title": "x " * 5_001}, "the title has 10,001 characters: at most 10,000"),
        ({"abstract": "x" * 100_001}, "the abstract has 100,001 characters"),
        ({"comments": "x" * 20_001}, "the comment has 20,001 characters"),
        ({"journal-ref": "x" * 10_001}, "the journal_ref has 10,001 characters"),
        ({"doi": "10.1/" + "x" * 2_000}, "the doi has 2,005 characters"),
        ({"license": "x" * 1_001}, "the license has 1,001 characters"),
        ({"authors_parsed": [["A", "B"]] * 20_001}, "the authors has 20,001 entries"),
        ({"authors_parsed": [["A" * 10_000, "B"]]}, "the longest author has 10,002 characters"),
        ({"categories": " ".join(f"cs.A{'B' * i}" for i in range(600))}, "the categories has 600"),
        ({"categories": "x" * 101}, "the longest category has 101 characters"),
        (
            {
                "versions": [
                    {"version": f"v{n}", "created": "Mon, 1 Jan 2024 10:00:00 GMT"}
                    for n in range(1, 1_002)
                ]
            },
            "the versions has 1,001 entries",
        ),
    ],
)
def test_a_field_beyond_any_of_arxiv_is_refused(changed: dict[str, object], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_line(written({**GOOD, **changed}))


def test_a_paper_of_thousands_of_authors_is_read() -> None:
    names = [[f"Family{number}", "Given Names", ""] for number in range(6_000)]
    assert len(read_line(written({**GOOD, "authors_parsed": names})).authors) == 6_000


def test_a_rejected_record_is_bounded() -> None:
    record = RejectedRecord("k" * 10_000, "r" * 10_000, b"x" * MAX_RAW)
    assert (len(record.key), len(record.reason), len(record.raw)) == (300, 1_000, MAX_RAW)
    long = RejectedRecord("k", "reason", b"x" * (MAX_RAW + 1))
    assert long.reason == f"{TOO_LONG}: reason"
    assert len(long.raw) == 1_000


def test_a_compressed_long_line_is_read_in_parts(tmp_path: Path) -> None:
    import gzip

    path = tmp_path / "bomb.jsonl.gz"
    with gzip.open(path, "wb") as file:
        for _ in range(100):
            file.write(b"x" * 2**20)
        file.write(b"\n" + written(GOOD))
    tracemalloc.start()
    records = [line.record for line in read_snapshot(path)]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(records[0], RejectedRecord)
    assert len(records) == 2
    assert peak < 6 * MAX_RECORD
