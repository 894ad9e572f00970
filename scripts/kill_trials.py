"""Kill `scripts/run --no-serve` at random moments, run it plainly, and compare with a calm run.

    python scripts/kill_trials.py [--trials 20] [--seed 0] [--snapshot FILE]

Each trial starts from an empty data folder, kills the whole process group with SIGKILL after a
random time within the calm run's, runs again undisturbed, and compares the catalogue's contents
(run records and clocks aside, vectors within 1e-3) and the related lists of every tenth paper.
Prints a line a trial; exit status 1 where any differs.
"""

import argparse
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
_VECTOR_TOLERANCE = 1e-3
_COMPARED = {
    "papers": "SELECT * FROM papers ORDER BY number",
    "versions": "SELECT * FROM versions ORDER BY paper, version",
    "full text": "SELECT rowid, rank FROM papers_fts WHERE papers_fts MATCH 'model' ORDER BY rowid",
    "tags": "SELECT paper, taxonomy, label, round(probability, 3) FROM tags ORDER BY 1, 2, 3",
    "taggings": "SELECT * FROM taggings ORDER BY paper",
    "taxonomies": "SELECT * FROM taxonomies",
    "harvest scope": "SELECT * FROM harvest_scope",
}

Contents = dict[str, object]


def start(snapshot: Path | None, data: Path) -> subprocess.Popen[bytes]:
    """Start `scripts/run --no-serve` over a data folder in a process group of its own."""
    command = [str(ROOT / "scripts" / "run"), "--no-serve"]
    return subprocess.Popen(
        command if snapshot is None else [*command, "--snapshot", str(snapshot)],
        env={**os.environ, "SEEALSO_DATA": str(data)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def run_calmly(snapshot: Path | None, data: Path) -> float:
    """Run to the end; returns the seconds it took. Raises CalledProcessError where it fails."""
    began = time.monotonic()
    process = start(snapshot, data)
    if process.wait() != 0:
        raise subprocess.CalledProcessError(process.returncode, "scripts/run --no-serve")
    return time.monotonic() - began


def run_and_kill(snapshot: Path | None, data: Path, after: float) -> bool:
    """Run, and kill the whole group after so many seconds; returns whether it was still running."""
    process = start(snapshot, data)
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True
    return False


def contents(data: Path) -> Contents:
    """What a data folder holds, in a form to compare."""
    from index.catalogue import read_catalogue
    from index.related import Finder
    from index.release import CurrentRelease

    db = sqlite3.connect(f"file:{data}/catalogue.db?mode=ro", uri=True)
    found: Contents = {name: db.execute(query).fetchall() for name, query in _COMPARED.items()}
    vectors = db.execute("SELECT text_hash, vector FROM vectors ORDER BY 1").fetchall()
    found["vector keys"] = [key for key, _ in vectors]
    found["vectors"] = np.array([np.frombuffer(v, "<f2") for _, v in vectors], np.float32)
    ids = [row[0] for row in db.execute("SELECT id FROM papers WHERE number % 10 = 1 ORDER BY 1")]
    db.close()
    with read_catalogue(data) as catalogue:
        finder = Finder(catalogue, CurrentRelease(data).get())
        found["lists"] = [[entry.id for entry in finder.related(i).related] for i in ids]
    return found


def differences(calm: Contents, other: Contents) -> list[str]:
    """Names of the parts that differ; vectors may by the tolerance."""
    named = [name for name in calm if name != "vectors" and calm[name] != other[name]]
    ours, theirs = calm["vectors"], other["vectors"]
    assert isinstance(ours, np.ndarray)
    assert isinstance(theirs, np.ndarray)
    if ours.shape != theirs.shape or np.abs(ours - theirs).max() > _VECTOR_TOLERANCE:
        named.append("vectors")
    return named


def try_kills(trials: int, seed: int, snapshot: Path | None, work: Path) -> bool:
    """Run the trials; returns whether every one ended as the calm run did."""
    calm = work / "calm"
    seconds = run_calmly(snapshot, calm)
    expected = contents(calm)
    print(f"calm run: {seconds:.1f} s")
    moments = random.Random(seed)  # noqa: S311 - moments, not secrets
    well = True
    for trial in range(1, trials + 1):
        data = work / f"trial-{trial}"
        after = moments.uniform(0, seconds)
        while not run_and_kill(snapshot, data, after):  # it was quicker: draw an earlier moment
            seconds = after
            after = moments.uniform(0, seconds)
            shutil.rmtree(data)
        run_calmly(snapshot, data)
        differing = differences(expected, contents(data))
        well = well and not differing
        verdict = "differs: " + ", ".join(differing) if differing else "the same"
        print(f"trial {trial}: killed at {after:.1f} s, then {verdict}", flush=True)
    return well


def main() -> None:
    """Read the arguments and run the trials in a temporary folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--snapshot", type=Path, help="take this in, not the sample")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        well = try_kills(arguments.trials, arguments.seed, arguments.snapshot, Path(work))
    sys.exit(not well)


if __name__ == "__main__":
    main()
