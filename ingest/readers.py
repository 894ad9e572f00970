"""Which version of this program's readers rejected a record: a later one may understand it."""

import hashlib
from pathlib import Path

_INGEST, _INDEX = Path(__file__).parent, Path(__file__).parents[1] / "index"
_READING = (
    _INGEST / "snapshot" / "records.py",
    _INGEST / "oai" / "records.py",
    _INGEST / "author_names.py",
    _INDEX / "arxiv" / "identifier.py",
    _INDEX / "arxiv" / "paper.py",
)

READER = hashlib.sha256(b"".join(file.read_bytes() for file in _READING)).hexdigest()[:12]
"""Changes with every change of what reads records, so that nobody has to remember it."""
