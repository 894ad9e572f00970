"""Change random bytes of a data folder, one at a time, and report whether the doctor finds each.

    python -m scripts.trials.flip_trials DATA [--flips 200] [--seed 0] [--papers 20]

Works on a copy of the data folder DATA. Half of the bytes are in the catalogue, a quarter in the
current release and a quarter in the taggers; within each group, every byte is equally likely. Each
byte is changed to another value, then `seealso doctor` runs, then the byte gets its value back.

A change that the doctor does not call broken is harmless if every row of every table is still read
as before, the tables of the full-text index included, and so are the answers to these requests:
lists, tags, graphs, pages and exports in every format of --papers random papers, searches by word,
phrase and author, taxonomies and the export of all tags. Most harmless bytes are unused: free
pages, and the free space of others. Prints a line for each change and a table. If any change was
neither found nor harmless, the exit status is 1.
"""

import argparse
import random
import shutil
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from click.testing import CliRunner
from fastapi.testclient import TestClient

from api.app import create_app
from index.catalogue.catalogue import read_catalogue
from index.errors import Damaged
from index.releases.folder import current_name
from index.settings import load_settings
from scripts.cli.main import cli

_SUFFIXES = ("json", "txt", "bib", "ris", "csl.json", "jsonld", "atom")
_EXPORTS = (("skos",), ("labels", "--since", "2000-01-01"))
_SEARCHES = ("q=language+model", "q=graph&with=neural+network", "q=vision&author=Wang")


@dataclass(frozen=True, slots=True)
class Flip:
    """A byte to change: its file, its group, its position, and what it is combined with (xor)."""

    group: str
    file: Path
    place: int
    mask: int

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Change the byte within the block."""
        self._combine()
        try:
            yield
        finally:
            self._combine()

    def _combine(self) -> None:
        with self.file.open("r+b") as file:
            file.seek(self.place)
            (value,) = file.read(1)
            file.seek(self.place)
            file.write(bytes([value ^ self.mask]))


def choose_flips(data: Path, count: int, chance: random.Random) -> list[Flip]:
    """Choose bytes of the catalogue, of the current release and of the taggers."""
    release = data / "releases" / str(current_name(data))
    groups = {
        "catalogue": [data / "catalogue.db"],
        "release": [*_files(release), data / "releases" / "CURRENT"],
        "taggers": _files(data / "taggers"),
    }
    shares = {"catalogue": count - 2 * (count // 4), "release": count // 4, "taggers": count // 4}
    flips = []
    for group, files in groups.items():
        sizes = [file.stat().st_size for file in files]
        for file in chance.choices(files, sizes, k=shares[group]):
            place = chance.randrange(file.stat().st_size)
            flips.append(Flip(group, file, place, chance.randrange(1, 256)))
    return flips


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)


def diagnose(data: Path) -> list[str]:
    """Return what `seealso doctor` calls broken, without the remedies."""
    result = CliRunner().invoke(cli, ["--data", str(data), "doctor"])
    if result.exception and not isinstance(result.exception, Damaged):
        raise result.exception
    lines = [line.split(maxsplit=1) for line in result.stdout.splitlines()]
    return [line[1].partition(" -> ")[0] for line in lines if line[0] == "broken"]


def read_everything(data: Path, papers: list[str]) -> dict[str, str]:
    """Return a checksum of the rows of each table and of each answer; an error is an answer too."""
    found = dict(_tables(data / "catalogue.db"))
    settings = load_settings({"SEEALSO_RATE": "0"}, data=str(data))
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        for path in _paths(papers):
            answer = client.get(path, follow_redirects=False)
            found[path] = f"{answer.status_code} {sha256(answer.content).hexdigest()}"
    for export in _EXPORTS:
        result = CliRunner().invoke(cli, ["--data", str(data), "tags", "export", *export])
        found[f"tags export {export[0]}"] = f"{result.exit_code} {result.output}"
    return found


def _tables(file: Path) -> Iterator[tuple[str, str]]:
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as db:
        db.text_factory = bytes
        # The full-text table itself shows the papers; its shadow tables are what it stores.
        names = db.execute(
            "SELECT name FROM pragma_table_list WHERE type IN ('table', 'shadow')"
        ).fetchall()
        for (name,) in names:
            digest = sha256()
            for row in db.execute(f"SELECT * FROM [{name.decode()}]"):  # noqa: S608 - our tables
                digest.update(repr(row).encode())
            yield f"table {name.decode()}", digest.hexdigest()


def _paths(papers: list[str]) -> Iterator[str]:
    for paper in papers:
        for what in ("", "/related", "/tags", "/graph", "/graph.svg"):
            yield f"/v1/papers/{paper}{what}"
        yield f"/papers/{paper}"
        for suffix in _SUFFIXES:
            yield f"/papers/{paper}.{suffix}"
            yield f"/papers/{paper}/related.{suffix}"
    for search in _SEARCHES:
        yield f"/v1/search?{search}"
        yield f"/search?{search}"
    yield from ("/v1/taxonomies", "/v1/tags", "/tags")


def run_trials(data: Path, count: int, seed: int, paper_count: int) -> int:
    """Change bytes of this data folder one after the other; return how many harmed unfound."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    with read_catalogue(data) as catalogue:
        ids = sorted(catalogue.ids_not_withdrawn(range(1, catalogue.count() + 1)).values())
    papers = chance.sample(ids, min(paper_count, len(ids)))
    before = read_everything(data, papers)
    if before != read_everything(data, papers) or (broken := diagnose(data)):
        raise SystemExit(f"the data folder is broken, or its answers vary: {broken}")
    results: Counter[tuple[str, str]] = Counter()
    for flip in choose_flips(data, count, chance):
        with flip.applied():
            broken = diagnose(data)
            result, why = "found", "; ".join(broken)
            if not broken:
                result, why = _compare(before, data, papers)
        results[flip.group, result] += 1
        print(f"{flip.file.relative_to(data)} {flip.place} ^{flip.mask:#04x}: {result}. {why}")
    print(f"\n{'':<10}{'found':>8}{'harmless':>10}{'undetected':>12}")
    for group in ("catalogue", "release", "taggers"):
        counts = [results[group, result] for result in ("found", "harmless", "undetected")]
        print(f"{group:<10}{counts[0]:>8}{counts[1]:>10}{counts[2]:>12}")
    return sum(number for (_, result), number in results.items() if result == "undetected")


def _compare(before: dict[str, str], data: Path, papers: list[str]) -> tuple[str, str]:
    try:
        after = read_everything(data, papers)
    except Exception as error:  # noqa: BLE001 - any error is harm that the doctor did not find
        return "undetected", f"reading fails with {type(error).__name__}: {error}"
    changed = [name for name in before | after if before.get(name) != after.get(name)]
    return ("undetected", f"changed: {changed[:5]}") if changed else ("harmless", "")


def main() -> None:
    """Run the trials on a copy of a data folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("data", type=Path, help="data folder; a copy of it is damaged")
    parser.add_argument("--flips", type=int, default=200, help="bytes to change (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the choice (%(default)s)")
    parser.add_argument("--papers", type=int, default=20, help="papers to request (%(default)s)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="flips-") as work:
        data = Path(shutil.copytree(arguments.data, Path(work) / "data"))
        undetected = run_trials(data, arguments.flips, arguments.seed, arguments.papers)
    sys.exit(1 if undetected else 0)


if __name__ == "__main__":
    main()
