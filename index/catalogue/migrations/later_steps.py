"""Later steps of the schema. To change the schema, append a step; never change an existing one.

A step that leaves everything that programs without it read as it was, such as a new table, is
marked with `ignorable`. A server of the version before it then continues to read the catalogue.
"""

from collections.abc import Callable
from functools import wraps

from sqlite_utils import Database

Step = Callable[[Database], None]


def ignorable(step: Step) -> Step:
    """Mark a step as one that programs without it may ignore when they read the catalogue."""

    @wraps(step)
    def marked(db: Database) -> None:
        step(db)
        db.execute("INSERT OR IGNORE INTO ignorable_steps (name) VALUES (?)", [step.__name__])

    return marked


def ignorable_steps(db: Database) -> None:
    """Create the names of the steps that programs without them may ignore when they read."""
    db.execute("CREATE TABLE ignorable_steps (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID")


@ignorable
def harvest_scope_by_submission(db: Database) -> None:
    """Add the day from which on a selection's papers are wanted, and records that were skipped."""
    db.execute("ALTER TABLE followed ADD COLUMN submitted_since TEXT")
    # 1: everything from `since` on has still to be listed, also what was listed before
    db.execute("ALTER TABLE followed ADD COLUMN pending INTEGER NOT NULL DEFAULT 0")
    db.execute("""
        CREATE TABLE skipped (              -- records read but not stored, by canonical identifier
            id TEXT PRIMARY KEY,
            datestamp TEXT NOT NULL
        ) STRICT, WITHOUT ROWID""")


@ignorable
def names_full_text(db: Database) -> None:
    """Create a full text of titles and authors alone, whose words are completed as one types.

    Completing a word reads all words that begin so. The full text of abstracts has many more.
    """
    db.execute("""
        CREATE VIRTUAL TABLE names_fts USING fts5 (
            title, authors, content = 'papers_text', content_rowid = 'number'
        )""")
    db.execute("DELETE FROM full_text_form")  # `FullText.update` fills it


@ignorable
def outlines(db: Database) -> None:
    """Create the outlines of papers, which `seealso update` computes, and the form they have."""
    db.execute("""
        CREATE TABLE outlines (
            paper INTEGER PRIMARY KEY REFERENCES papers (number),
            content BLOB NOT NULL           -- see index/lists/outlines/outline.py
        ) STRICT""")
    db.execute("CREATE TABLE outline_form (form TEXT PRIMARY KEY) STRICT")


@ignorable
def arrivals(db: Database) -> None:
    """Add what the catalogue had when a run began, so that the papers that it added are known.

    NULL for runs before this step.
    """
    db.execute("ALTER TABLE runs ADD COLUMN papers_before INTEGER")  # the largest paper number
    db.execute("ALTER TABLE runs ADD COLUMN newest_before TEXT")  # the newest announcement


STEPS = (ignorable_steps, harvest_scope_by_submission, names_full_text, outlines, arrivals)
"""The steps in the order in which they are applied, after the first ones."""
