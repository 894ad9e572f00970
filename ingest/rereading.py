"""Records kept aside are read again whenever what reads them has changed."""

from collections.abc import Callable

from index.arxiv.paper import Paper
from index.catalogue.catalogue import Catalogue
from index.catalogue.rejections import RejectedRecord
from index.errors import BadIdentifier
from ingest.intake import READER
from ingest.oai import records as oai_records
from ingest.snapshot import records as snapshot_records

_READ: dict[str, Callable[[bytes], Paper]] = {
    snapshot_records.SOURCE: snapshot_records.read_line,
    oai_records.SOURCE: oai_records.read_raw_record,
}


def reread(catalogue: Catalogue) -> int:
    """Read what an earlier reader rejected; returns how many records are understood now."""
    understood = 0
    for kept in catalogue.rejections.all(other_than=READER):
        with catalogue.atomic():
            try:
                paper = _READ[kept.source](kept.raw)
            except (ValueError, BadIdentifier) as error:
                still = RejectedRecord(kept.key, str(error), kept.raw)
                catalogue.rejections.keep(kept.source, READER, [still])
            else:
                catalogue.store([paper])
                catalogue.rejections.drop(kept.source, [kept.key])
                understood += 1
    return understood
