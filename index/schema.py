"""The catalogue's tables, as migrations: small functions, each applied in one transaction."""

from sqlite_utils import Database, Migrations

migrations = Migrations("seealso")


@migrations()
def papers(db: Database) -> None:
    """The papers, their versions, and full text over titles and abstracts."""
    db.execute("""
        CREATE TABLE papers (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            title TEXT NOT NULL,
            abstract TEXT NOT NULL,
            authors TEXT NOT NULL,          -- a JSON list
            categories TEXT NOT NULL,       -- separated by blanks, the primary one first
            version INTEGER,
            submitted TEXT,
            updated TEXT,
            license TEXT,
            doi TEXT,
            journal_ref TEXT,
            comment TEXT,
            withdrawn INTEGER NOT NULL,
            summary TEXT NOT NULL,
            text_hash BLOB NOT NULL
        ) STRICT""")
    db.execute("CREATE INDEX papers_by_text ON papers (text_hash)")
    db.execute("""
        CREATE TABLE versions (
            paper INTEGER NOT NULL REFERENCES papers (number),
            version INTEGER NOT NULL,
            created TEXT NOT NULL,
            PRIMARY KEY (paper, version)
        ) STRICT, WITHOUT ROWID""")
    db.table("papers").enable_fts(["title", "abstract"], create_triggers=True)


@migrations()
def vectors(db: Database) -> None:
    """Vectors by model identity and text hash: a text is embedded once, whoever carries it."""
    db.execute(
        "CREATE TABLE identities (number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE) STRICT"
    )
    db.execute("""
        CREATE TABLE vectors (
            identity INTEGER NOT NULL REFERENCES identities (number),
            text_hash BLOB NOT NULL,
            vector BLOB NOT NULL,           -- little-endian half precision
            PRIMARY KEY (identity, text_hash)
        ) STRICT""")


@migrations()
def tags(db: Database) -> None:
    """Taxonomies by version, what each paper was tagged with, and by which tagger."""
    db.execute("""
        CREATE TABLE taxonomies (
            version TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            source TEXT NOT NULL            -- the TOML text
        ) STRICT""")
    db.execute("""
        CREATE TABLE taggings (             -- abstentions too: no row in tags, one here
            paper INTEGER NOT NULL REFERENCES papers (number),
            taxonomy TEXT NOT NULL,
            tagger TEXT NOT NULL,
            text_hash BLOB NOT NULL,
            PRIMARY KEY (paper, taxonomy)
        ) STRICT, WITHOUT ROWID""")
    db.execute("""
        CREATE TABLE tags (
            paper INTEGER NOT NULL REFERENCES papers (number),
            taxonomy TEXT NOT NULL,
            label TEXT NOT NULL,
            probability REAL NOT NULL,
            PRIMARY KEY (paper, taxonomy, label)
        ) STRICT, WITHOUT ROWID""")
    db.execute("CREATE INDEX tags_by_label ON tags (taxonomy, label)")


@migrations()
def runs(db: Database) -> None:
    """What was run when, with its counts, and what this catalogue follows."""
    db.execute("""
        CREATE TABLE runs (
            number INTEGER PRIMARY KEY,
            kind TEXT NOT NULL,
            started TEXT NOT NULL,
            finished TEXT,
            outcome TEXT NOT NULL,
            counts TEXT NOT NULL            -- a JSON object
        ) STRICT""")
    db.execute("""
        CREATE TABLE harvest_scope (
            source TEXT NOT NULL,
            selection TEXT NOT NULL,
            PRIMARY KEY (source, selection)
        ) STRICT, WITHOUT ROWID""")
