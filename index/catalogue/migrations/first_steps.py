"""The first steps of the schema: never changed, because catalogues store that they have run."""

from sqlite_utils import Database

from index.catalogue.conversions.withdrawals import judge_stored_papers


def papers(db: Database) -> None:
    """Create papers, their versions, and full text over titles and abstracts."""
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


def vectors(db: Database) -> None:
    """Create vectors by model identity and text hash; papers with equal texts share a vector."""
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


def tags(db: Database) -> None:
    """Create taxonomies by version, the tags of papers, and the tagger that judged each paper."""
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


def runs(db: Database) -> None:
    """Create the log of runs with their counts, and the harvest scope."""
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


def harvests(db: Database) -> None:
    """Create the state of harvests: followed selections, listed days, missing identifiers."""
    db.execute("""
        CREATE TABLE followed (
            selection TEXT PRIMARY KEY,     -- an OAI set, '' for all of arXiv
            since TEXT NOT NULL,            -- day from which on nothing was left out
            complete TEXT,                  -- responseDate of the last harvest that came to its end
            next_due TEXT,                  -- when the first announcement after it should appear
            unfinished TEXT                 -- a JSON object: checkpoint of an unfinished harvest
        ) STRICT, WITHOUT ROWID""")
    db.execute("""
        CREATE TABLE datestamps (           -- OAI's days of last change, by canonical identifier
            id TEXT PRIMARY KEY,
            datestamp TEXT NOT NULL
        ) STRICT, WITHOUT ROWID""")
    db.execute("""
        CREATE TABLE days (                 -- how much arXiv listed under a datestamp
            selection TEXT NOT NULL,
            day TEXT NOT NULL,
            listed INTEGER NOT NULL,
            missing INTEGER NOT NULL,       -- of them, when last compared
            PRIMARY KEY (selection, day)
        ) STRICT, WITHOUT ROWID""")
    db.execute("""
        CREATE TABLE stretches (            -- runs of identifiers that are missing
            selection TEXT NOT NULL,
            month TEXT NOT NULL,
            first INTEGER NOT NULL,
            last INTEGER NOT NULL,
            asked INTEGER NOT NULL,         -- nights on which arXiv was asked for them and answered
            PRIMARY KEY (selection, month, first)
        ) STRICT, WITHOUT ROWID""")


def records(db: Database) -> None:
    """Create rejected records, texts of earlier versions, and bookmarks in snapshot files."""
    db.execute("""
        CREATE TABLE rejected (
            source TEXT NOT NULL,
            key TEXT NOT NULL,              -- an identifier, or a file's name and line
            reason TEXT NOT NULL,
            raw BLOB NOT NULL,
            reader TEXT NOT NULL,           -- the version of the reader that could not parse it
            seen TEXT NOT NULL,
            PRIMARY KEY (source, key)
        ) STRICT""")
    db.execute("""
        CREATE TABLE earlier_texts (
            paper INTEGER NOT NULL REFERENCES papers (number),
            version INTEGER NOT NULL,
            title TEXT NOT NULL,
            abstract TEXT NOT NULL,
            PRIMARY KEY (paper, version)
        ) STRICT, WITHOUT ROWID""")
    db.execute("CREATE TABLE bookmarks (file TEXT PRIMARY KEY, line INTEGER NOT NULL) STRICT")
    # Building a release uses the first index and every list the second; neither reads all papers.
    db.execute("CREATE INDEX papers_withdrawn ON papers (number) WHERE withdrawn")
    db.execute("CREATE INDEX papers_by_day ON papers (updated)")


def full_text(db: Database) -> None:
    """Drop the triggers: with them FTS5 writes a segment per row. `FullText` replaces them."""
    for trigger in ("papers_ai", "papers_ad", "papers_au"):
        db.execute(f"DROP TRIGGER {trigger}")


def narrowing(db: Database) -> None:
    """Add what list filters use: authors in the full text, other attributes in an index."""
    db.table("papers").disable_fts()
    db.table("papers").enable_fts(["title", "abstract", "authors"])
    # Building a release reads these columns of all papers; without the index SQLite would read
    # every abstract.
    db.execute("CREATE INDEX papers_attributes ON papers (number, submitted, categories, license)")


def dois(db: Database) -> None:
    """Add indexes on DOIs: case-insensitive, and for the few fields with several DOIs."""
    db.execute("CREATE INDEX papers_by_doi ON papers (doi COLLATE NOCASE) WHERE doi IS NOT NULL")
    db.execute("CREATE INDEX papers_of_several_dois ON papers (doi) WHERE doi LIKE '% %'")


def corrections(db: Database) -> None:
    """Create tag corrections by people, as events."""
    db.execute("""
        CREATE TABLE corrections (
            number INTEGER PRIMARY KEY,
            taxonomy TEXT NOT NULL,
            paper INTEGER NOT NULL REFERENCES papers (number),
            labels TEXT NOT NULL,           -- a JSON array, empty if no label fits the paper
            by TEXT NOT NULL,
            at TEXT NOT NULL
        ) STRICT""")
    db.execute("CREATE INDEX corrections_by_paper ON corrections (taxonomy, paper)")


def own_taxonomies(db: Database) -> None:
    """Create followed taxonomies besides the survey's, taggers, and records of tagging runs."""
    db.execute("""
        CREATE TABLE followed_taxonomies (
            name TEXT PRIMARY KEY,
            version TEXT NOT NULL REFERENCES taxonomies (version)
        ) STRICT, WITHOUT ROWID""")
    db.execute("""
        CREATE TABLE taggers (
            version TEXT PRIMARY KEY,
            taxonomy TEXT NOT NULL,
            trained TEXT NOT NULL,
            card TEXT NOT NULL              -- a JSON object
        ) STRICT, WITHOUT ROWID""")
    db.execute("ALTER TABLE taggings ADD COLUMN at TEXT")
    db.execute("""
        CREATE TABLE tagging_records (
            number INTEGER PRIMARY KEY,
            taxonomy TEXT NOT NULL,
            tagger TEXT NOT NULL,
            at TEXT NOT NULL,
            judged INTEGER NOT NULL,
            new INTEGER NOT NULL,           -- of them, never judged before
            abstained INTEGER NOT NULL,
            confidence REAL,                -- mean probability of the tags given
            labels TEXT NOT NULL            -- a JSON object: papers by label
        ) STRICT""")


def row_checksums(db: Database) -> None:
    """Refuse older programs: they would write rows without the checksums that `migrate` adds."""


def withdrawals(db: Database) -> None:
    """Add the reasons of withdrawals, and sizes and flags of versions; judge all papers again."""
    db.execute("ALTER TABLE papers ADD COLUMN withdrawal TEXT")
    db.execute("ALTER TABLE versions ADD COLUMN size INTEGER")  # kilobytes, rounded down
    db.execute("ALTER TABLE versions ADD COLUMN flags TEXT")  # letters of arXiv's source type
    judge_stored_papers(db)


def name_parts(db: Database) -> None:
    """Add the parts of authors' names as the source gives them; NULL for papers stored before."""
    db.execute("ALTER TABLE papers ADD COLUMN name_parts TEXT")  # JSON, see rows.py


def folded_full_text(db: Database) -> None:
    """Create a full text with TeX decoded and without accents, which `FullText.update` fills.

    `register_functions` of `index.catalogue.full_text` defines the two functions of the view.
    """
    db.table("papers").disable_fts()
    db.execute("""
        CREATE VIEW papers_text AS
        SELECT number, id, searchable_text(title) AS title, searchable_text(abstract) AS abstract,
            searchable_names(authors) AS authors
        FROM papers""")
    db.execute("""
        CREATE VIRTUAL TABLE papers_fts USING fts5 (
            title, abstract, authors, content = 'papers_text', content_rowid = 'number'
        )""")
    db.execute("CREATE TABLE full_text_form (form TEXT PRIMARY KEY) STRICT")


def schema_checksum(db: Database) -> None:
    """Create the checksum of the definitions of tables and indexes, which `migrate` sets."""
    db.execute("CREATE TABLE schema_checksum (number INTEGER PRIMARY KEY, value BLOB) STRICT")


STEPS = (
    papers,
    vectors,
    tags,
    runs,
    harvests,
    records,
    full_text,
    narrowing,
    dois,
    corrections,
    own_taxonomies,
    row_checksums,
    withdrawals,
    name_parts,
    folded_full_text,
    schema_checksum,
)
"""The steps in the order in which they are applied."""
