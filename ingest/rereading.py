"""Parse rejected records again when the code that parses records has changed."""

from collections.abc import Callable

from index.arxiv.paper import Paper
from index.catalogue.catalogue import Catalogue
from index.catalogue.rejections import TOO_LONG, RejectedRecord
from ingest.arxiv.query_api import read_entry
from ingest.intake import READER
from ingest.oai import records as oai_records
from ingest.scope import HarvestedPapers
from ingest.snapshot import records as snapshot_records


def _read_xml(raw: bytes) -> Paper:
    """Parse a record of a harvest: OAI-PMH, or the query API for missing identifiers."""
    return read_entry(raw) if raw.startswith(b"<entry") else oai_records.read_raw_record(raw)


_PARSERS: dict[str, Callable[[bytes], Paper]] = {
    snapshot_records.SOURCE: snapshot_records.read_line,
    oai_records.SOURCE: _read_xml,
    "api": read_entry,
    "ids": read_entry,
}


def reread(catalogue: Catalogue) -> int:
    """Parse the records that an earlier version rejected; return how many are stored now.

    Records that are stored only in part are left as they are. Of harvested papers, only those
    within the harvest scope, and new versions of stored papers, are stored.
    """
    understood = 0
    select = HarvestedPapers(catalogue)
    for rejected in catalogue.rejections.all(other_than=READER):
        if rejected.reason.startswith(TOO_LONG):
            continue
        with catalogue.atomic():
            try:
                paper = _PARSERS[rejected.source](rejected.raw)
            except ValueError as error:
                again = RejectedRecord(rejected.key, str(error), rejected.raw)
                catalogue.rejections.keep(rejected.source, READER, [again])
            else:
                catalogue.rejections.drop(rejected.source, [rejected.key])
                if rejected.source == oai_records.SOURCE and not select([(paper, None)]):
                    continue
                catalogue.store([paper])
                understood += 1
    return understood
