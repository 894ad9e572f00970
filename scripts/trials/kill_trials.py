"""Kill a run at random moments, run it again plainly, and compare with a calm run.

    python -m scripts.trials.kill_trials [--trials 20] [--seed 0] [--snapshot FILE]
    python -m scripts.trials.kill_trials --nightly [--trials 100] [--seed 0] [--records 2000]

The first kills `scripts/run --no-serve` over an empty data folder. The second kills `seealso
nightly`, which takes in a night of so many records from a replay of arXiv on loopback, over a copy
of a finished data folder; it needs a checkout, with its tests.

Each trial kills the whole process group with SIGKILL after a random time within the calm run's,
runs again undisturbed, and compares the catalogue's contents (run records and clocks aside, vectors
within 1e-3) and the related lists of every tenth paper. Prints a line a trial; exit status 1 where
any differs, whose data folder is kept.
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
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
_SEEALSO = str(Path(sys.executable).with_name("seealso"))
_VECTOR_TOLERANCE = 1e-3
_COMPARED = {
    "papers": "SELECT * FROM papers ORDER BY number",
    "versions": "SELECT * FROM versions ORDER BY paper, version",
    "earlier texts": "SELECT * FROM earlier_texts ORDER BY paper, version",
    "full text": "SELECT rowid, rank FROM papers_fts WHERE papers_fts MATCH 'model' ORDER BY rowid",
    "tags": "SELECT paper, taxonomy, label, round(probability, 3) FROM tags ORDER BY 1, 2, 3",
    "taggings": "SELECT paper, taxonomy, tagger, text_hash FROM taggings ORDER BY 1, 2",
    "taxonomies": "SELECT * FROM taxonomies",
    "harvest scope": "SELECT * FROM harvest_scope",
    "followed": "SELECT * FROM followed",
    "datestamps": "SELECT * FROM datestamps ORDER BY id",
    "days": "SELECT * FROM days ORDER BY selection, day",
    # Without `asked`: a run that is killed after it has asked counts among those that have asked.
    "stretches": "SELECT selection, month, first, last FROM stretches ORDER BY 1, 2, 3",
    "rejected": "SELECT source, key, reason, raw, reader FROM rejected ORDER BY 1, 2",
    # Which run loaded a content depends on how many runs there were.
    "bookmarks": "SELECT * FROM bookmarks WHERE file NOT LIKE '% parsed by %' ORDER BY file",
}

Contents = dict[str, object]


@dataclass(frozen=True)
class Job:
    """What is run and killed: a command over an empty data folder, or over a copy of `base`.

    `begin` is called before each run; `step` names the step of a run that has written so much to
    standard error.
    """

    command: list[str]
    base: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    begin: Callable[[], None] = lambda: None
    step: Callable[[str], str] = lambda _: "the run"

    def start(self, data: Path) -> subprocess.Popen[bytes]:
        """Start the command over a data folder in a process group of its own."""
        self.begin()
        with _log(data).open("wb") as log:
            return subprocess.Popen(
                self.command,
                env={**os.environ, **self.environment, "SEEALSO_DATA": str(data)},
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
            )

    def run_calmly(self, data: Path) -> float:
        """Run to the end; returns the seconds it took. Raises CalledProcessError for a failure."""
        began = time.monotonic()
        process = self.start(data)
        if process.wait() != 0:
            sys.stderr.write(_log(data).read_text())
            raise subprocess.CalledProcessError(process.returncode, self.command)
        return time.monotonic() - began

    def run_and_kill(self, data: Path, after: float) -> str | None:
        """Run, and kill the group after so many seconds; returns the step, None if it had ended."""
        process = self.start(data)
        try:
            process.wait(after)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return self.step(_log(data).read_text())
        return None

    def fresh(self, data: Path) -> Path:
        """The data folder as it is before the run."""
        shutil.rmtree(data, ignore_errors=True)
        if self.base is not None:
            shutil.copytree(self.base, data)
        return data


def _log(data: Path) -> Path:
    return data.with_name(f"{data.name}.log")


def first_load(snapshot: Path | None) -> Job:
    """`scripts/run --no-serve`, with the bundled sample or another snapshot."""
    command = [str(ROOT / "scripts" / "run"), "--no-serve"]
    return Job(command if snapshot is None else [*command, "--snapshot", str(snapshot)])


@contextmanager
def night(records: int, base: Path) -> Iterator[Job]:
    """`seealso nightly` with so many records from a replay of arXiv.

    `base` is brought to the evening before, from the sample where it is not there yet.
    """
    from tests.arxiv_server.replayed_night import SINCE, replayed_night

    with replayed_night(records) as replayed:
        evening = ["ingest", "oai", "--from", SINCE.isoformat()]
        earlier = [evening, ["update"]]
        if not base.exists():
            sample = base.with_suffix(".jsonl")
            replayed.sample_before(sample)
            earlier.insert(0, ["ingest", "snapshot", str(sample)])
        for arguments in earlier:
            Job([_SEEALSO, *arguments], environment=replayed.environment).run_calmly(base)
        yield Job([_SEEALSO, "nightly"], base, replayed.environment, replayed.fall, replayed.step)


def contents(data: Path) -> Contents:
    """What a data folder holds, in a form to compare."""
    from index.catalogue.catalogue import read_catalogue
    from index.lists.finder import RelatedFinder
    from index.releases.current import CurrentRelease

    db = sqlite3.connect(f"file:{data}/catalogue.db?mode=ro", uri=True)
    found: Contents = {name: db.execute(query).fetchall() for name, query in _COMPARED.items()}
    vectors = db.execute("SELECT text_hash, vector FROM vectors ORDER BY 1").fetchall()
    found["vector keys"] = [key for key, _ in vectors]
    found["vectors"] = np.array([np.frombuffer(v, "<f2") for _, v in vectors], np.float32)
    ids = [row[0] for row in db.execute("SELECT id FROM papers WHERE number % 10 = 1 ORDER BY 1")]
    db.close()
    with read_catalogue(data) as catalogue:
        finder = RelatedFinder(catalogue, CurrentRelease(data).get())
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


def try_kills(job: Job, trials: int, seed: int, work: Path) -> bool:
    """Run the trials; returns whether every one ended as the calm run did."""
    calm = job.fresh(work / "calm")
    longest = job.run_calmly(calm)
    expected = contents(calm)
    print(f"calm run: {longest:.1f} s", flush=True)
    moments = random.Random(seed)  # noqa: S311 - moments, not secrets
    steps: Counter[str] = Counter()
    well = True
    for trial in range(1, trials + 1):
        data = work / f"trial-{trial}"
        after = moments.uniform(0, longest)
        while (step := job.run_and_kill(job.fresh(data), after)) is None:
            longest = after  # it was quicker: draw an earlier moment
            after = moments.uniform(0, longest)
        steps[step] += 1
        job.run_calmly(data)
        differing = differences(expected, contents(data))
        well = well and not differing
        verdict = "differs: " + ", ".join(differing) if differing else "the same"
        print(f"trial {trial}: killed at {after:.1f} s in {step}, then {verdict}", flush=True)
        if not differing:
            shutil.rmtree(data)
    print("killed in " + ", ".join(f"{step}: {count}" for step, count in steps.most_common()))
    return well


def main() -> None:
    """Read the arguments and run the trials in a temporary folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--snapshot", type=Path, help="take this in, not the sample")
    parser.add_argument("--nightly", action="store_true", help="kill a night, not a first load")
    parser.add_argument("--records", type=int, default=2000, help="that the night brings")
    arguments = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="kill-trials-"))
    which = (
        night(arguments.records, work / "base")
        if arguments.nightly
        else nullcontext(first_load(arguments.snapshot))
    )
    with which as job:
        well = try_kills(job, arguments.trials, arguments.seed, work)
    if well:
        shutil.rmtree(work)
    else:
        print(f"the data folders that differ are kept in {work}")
    sys.exit(not well)


if __name__ == "__main__":
    main()
