"""Parse rejected records again when the code that parses records has changed."""

from collections.abc import Callable

from index.arxiv.paper import Paper
from index.catalogue.catalogue import Catalogue
from index.catalogue.rejections import RejectedRecord
from index.errors import BadIdentifier
from ingest.intake import READER
from ingest.oai import records as oai_records
from ingest.snapshot import records as snapshot_records

_PARSERS: dict[str, Callable[[bytes], Paper]] = {
    snapshot_records.SOURCE: snapshot_records.read_line,
    oai_records.SOURCE: oai_records.read_raw_record,
}


def reread(catalogue: Catalogue) -> int:
    """Parse the records that an earlier version rejected; return how many are stored now."""
    understood = 0
    for rejected in catalogue.rejections.all(other_than=READER):
        with catalogue.atomic():
            try:
                paper = _PARSERS[rejected.source](rejected.raw)
            except (ValueError, BadIdentifier) as error:
                again = RejectedRecord(rejected.key, str(error), rejected.raw)
                catalogue.rejections.keep(rejected.source, READER, [again])
            else:
                catalogue.store([paper])
                catalogue.rejections.drop(rejected.source, [rejected.key])
                understood += 1
    return understood
