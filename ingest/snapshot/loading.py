"""The first load: a whole snapshot, line by line; interrupted, it goes on where it was."""

from functools import partial
from pathlib import Path

from index.catalogue.catalogue import Catalogue
from index.errors import BadInput
from ingest.intake import Intake, Progress, recorded_intake
from ingest.snapshot.read_ahead import read_ahead
from ingest.snapshot.records import SOURCE


def load_snapshot(catalogue: Catalogue, path: Path, progress: Progress) -> Intake:
    """Store the papers of a snapshot; the lines without one are kept aside.

    Raises BadInput for a file that cannot be read, or holds no paper.
    """
    size = path.stat().st_size
    place = f"{path.name} of {size} bytes"
    after = catalogue.runs.bookmark(place)
    with recorded_intake(catalogue, SOURCE, f"ingest {SOURCE}") as intake, catalogue.bulk():
        for lines in read_ahead(path, after):
            if lines:
                last = lines[-1]
                intake.store(
                    (line.record for line in lines),
                    partial(catalogue.runs.save_bookmark, place, last.number),
                )
                progress("bytes read", min(last.read, size - 1), size)
        progress("bytes read", size, size)
        if not intake.changes and not after:
            reason = (
                f"; {intake.rejected[0].key}: {intake.rejected[0].reason}"
                if intake.rejected
                else ""
            )
            raise BadInput(f"{path.name} holds no paper{reason}")
        catalogue.runs.save_bookmark(place, None)
        catalogue.runs.add_scope(SOURCE, path.name)
    return intake
