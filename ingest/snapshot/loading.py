"""Load a whole snapshot line by line. An interrupted load resumes after the last stored line."""

from functools import partial
from pathlib import Path

from index.arxiv.paper import Change
from index.catalogue.catalogue import Catalogue
from index.errors import BadInput
from index.files import file_sha256
from index.progress import Progress
from ingest.intake import READER, Intake, recorded_intake
from ingest.snapshot.read_ahead import read_ahead
from ingest.snapshot.records import SOURCE

_MAX_REJECTED = 10_000  # lines of a file with fewer papers than these; no snapshot has so many


def load_snapshot(catalogue: Catalogue, path: Path, progress: Progress) -> Intake:
    """Store the papers of a snapshot. Lines that cannot be parsed are kept as rejected records.

    A file is not parsed again if nothing else was ingested since it was loaded without rejections.
    Raises BadInput if the file cannot be read, contains no paper, or has so many other lines that
    it cannot be a snapshot. No line of such a file is kept as a rejected record.
    """
    size = path.stat().st_size
    content = f"{SOURCE} {file_sha256(path)} parsed by {READER}"
    place = f"{path.name} of {size} bytes"
    resume_after = catalogue.runs.bookmark(place)
    previous = catalogue.runs.latest_ingest_number()
    with recorded_intake(catalogue, SOURCE, f"ingest {SOURCE}") as intake, catalogue.bulk():
        run = catalogue.runs.latest_ingest_number()
        assert run is not None
        if previous is not None and catalogue.runs.bookmark(content) == previous:
            intake.changes[Change.UNCHANGED] += sum(catalogue.runs.counts_of(previous).values())
            catalogue.runs.save_bookmark(content, run)
            return intake
        for lines in read_ahead(path, resume_after):
            if lines:
                last = lines[-1]
                intake.store(
                    (line.record for line in lines),
                    partial(catalogue.runs.save_bookmark, place, last.number),
                )
                progress("bytes read", min(last.read, size - 1), size)
            if len(intake.rejected) > max(_MAX_REJECTED, intake.changes.total()):
                _forget(catalogue, intake, place)
                raise BadInput(
                    f"{path.name} is no snapshot: {len(intake.rejected):,} of its lines are no "
                    f"papers, {intake.changes.total():,} are; {_first_reason(intake)}"
                )
        progress("bytes read", size, size)
        if not intake.changes and not resume_after:
            _forget(catalogue, intake, place)
            reason = f"; {_first_reason(intake)}" if intake.rejected else ""
            raise BadInput(f"{path.name} contains no paper{reason}")
        catalogue.runs.save_bookmark(place, None)
        if not resume_after and not intake.rejected:
            catalogue.runs.save_bookmark(content, run)
        catalogue.runs.add_scope(SOURCE, path.name)
    return intake


def _forget(catalogue: Catalogue, intake: Intake, place: str) -> None:
    """Delete what was stored of a file that is no snapshot, except its papers."""
    with catalogue.atomic():
        catalogue.rejections.drop(SOURCE, [record.key for record in intake.rejected])
        catalogue.runs.save_bookmark(place, None)


def _first_reason(intake: Intake) -> str:
    return f"{intake.rejected[0].key}: {intake.rejected[0].reason}"
