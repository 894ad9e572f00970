"""Records and files in the format of the Kaggle snapshot."""

import json
from pathlib import Path
from typing import Any


def record(paper_id: str = "2401.00001", **fields: Any) -> dict[str, Any]:
    """Return a record of the snapshot, with some fields changed."""
    return {
        "id": paper_id,
        "authors": "C. Bal\\'azs, E. L. Berger",
        "title": "Calculation of prompt\n  diphoton production",
        "comments": "37 pages",
        "journal-ref": None,
        "doi": "10.1103/PhysRevD.76.013009",
        "categories": "hep-ph hep-ex",
        "license": None,
        "abstract": "  A fully differential calculation\nis presented.\n",
        "versions": [
            {"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"},
            {"version": "v2", "created": "Tue, 24 Jul 2007 20:10:27 GMT"},
        ],
        "update_date": "2008-11-26",
        "authors_parsed": [["Balázs", "C.", ""], ["Berger", "E. L.", "Jr"]],
        **fields,
    }


def lines(*records: object) -> str:
    """Return one line for each record; a text is used unchanged."""
    return "".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in records)


def snapshot_of(folder: Path, *records: object) -> Path:
    """Write an uncompressed snapshot of these records; return its path."""
    path = folder / "few.jsonl"
    path.write_text(lines(*records))
    return path
