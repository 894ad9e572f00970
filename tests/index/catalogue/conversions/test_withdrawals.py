"""Papers stored by an earlier seealso are judged again by the migration `withdrawals`."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from index.arxiv.calendar import Calendar
from index.arxiv.paper import Paper
from index.arxiv.withdrawal.decision import Withdrawal
from index.catalogue.catalogue import open_catalogue
from index.catalogue.harvests import Day

DAY = date(2026, 3, 2)
SOUND = Paper("2601.00001", "On testing", abstract="We test.", version=1)
STATED = replace(SOUND, id="2601.00002", comment="The authors have withdrawn this paper")
MISJUDGED = replace(
    SOUND, id="2601.00003", comment="Supersedes arXiv:2501.00001, withdrawn by the authors"
)
EMPTY = replace(SOUND, id="2601.00004")


def make_older(data: Path, *withdrawn: str) -> None:
    """Turn a catalogue into one from before the migration, in which these papers are withdrawn."""
    with closing(sqlite3.connect(data / "catalogue.db")) as db:
        for table, column in (
            ("papers", "withdrawal"),
            ("versions", "size"),
            ("versions", "flags"),
        ):
            db.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        db.execute("DELETE FROM _sqlite_migrations WHERE name = 'withdrawals'")
        db.executemany(
            "UPDATE papers SET withdrawn = 1 WHERE id = ?", [(one,) for one in withdrawn]
        )
        db.commit()


def test_stored_papers_are_judged_again(tmp_path: Path) -> None:
    with open_catalogue(tmp_path) as catalogue:
        catalogue.store([SOUND, replace(STATED, withdrawal=None), MISJUDGED, EMPTY])
        log = catalogue.harvests
        log.save_datestamps(dict.fromkeys((SOUND.id, EMPTY.id), DAY))
        log.save_days("cs", [Day(DAY, 2, 0)])
        log.finish("cs", DAY, datetime(2026, 3, 3, tzinfo=UTC), Calendar(frozenset()))
    make_older(tmp_path, MISJUDGED.id, EMPTY.id)
    with open_catalogue(tmp_path) as catalogue:
        found = {one.id: catalogue.entry(one.id).paper for one in (SOUND, STATED, MISJUDGED, EMPTY)}
        assert {paper_id: paper.withdrawal for paper_id, paper in found.items()} == {
            SOUND.id: None,
            STATED.id: Withdrawal.WORDS,
            MISJUDGED.id: None,
            EMPTY.id: Withdrawal.UNVERIFIED,
        }
        numbers = [catalogue.entry(paper_id).number for paper_id in found]
        assert set(catalogue.ids_not_withdrawn(numbers).values()) == {SOUND.id, MISJUDGED.id}
        # Whether the source was only empty is seen when the record is read again.
        assert catalogue.harvests.filter_unread(dict.fromkeys((SOUND.id, EMPTY.id), DAY)) == {
            EMPTY.id: DAY
        }
        assert catalogue.harvests.days_with_gaps("cs") == [Day(DAY, 2, 1)]
