"""The catalogue's tables as migrations: small functions, each applied in one transaction.

To change the schema, append a step to index/catalogue/migrations/later_steps.py. The catalogue
stores the names of the applied steps.
"""

from sqlite_utils import Database, Migrations

from index.catalogue.migrations import first_steps, later_steps
from index.errors import ForeignCatalogue

migrations = Migrations("seealso")
for _step in (*first_steps.STEPS, *later_steps.STEPS):
    migrations()(_step)


def refuse_foreign(db: Database, *, reading: bool = False) -> None:
    """Raise ForeignCatalogue if a newer seealso or another program wrote the file.

    With `reading`, accept steps of a newer seealso that programs without them may ignore.
    """
    pending = {migration.name for migration in migrations.pending(db)}
    applied = {migration.name for migration in migrations.applied(db)}
    every = {migration.name for migration in migrations._migrations}
    unknown = applied - every
    if reading and unknown and later_steps.ignorable_steps.__name__ in applied:
        unknown -= {name for (name,) in db.execute("SELECT name FROM ignorable_steps").fetchall()}
    if unknown:
        raise ForeignCatalogue(
            f"the catalogue has unknown schema migrations ({', '.join(sorted(unknown))}), so it "
            "was written by a newer seealso: upgrade seealso"
        )
    if pending == every and db.table_names():
        raise ForeignCatalogue(
            "the file catalogue.db was not written by seealso: use another data folder"
        )
