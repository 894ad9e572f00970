"""Records in the Kaggle snapshot's form, for tests to vary."""

import json
from pathlib import Path
from typing import Any


def record(paper_id: str = "2401.00001", **fields: Any) -> dict[str, Any]:
    """An object of the snapshot, as it stands there."""
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
    """One record a line; text stands as it is."""
    return "".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in records)


def snapshot_of(folder: Path, *records: object) -> Path:
    """A plain snapshot of these records."""
    path = folder / "few.jsonl"
    path.write_text(lines(*records))
    return path
