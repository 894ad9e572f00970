"""Kill runs at random moments, repeat them, and compare the result with an undisturbed run.

    python -m scripts.trials.kill_trials [--trials 20] [--seed 0] [--snapshot FILE] [--base DATA]
        [--instalment 10000]
    python -m scripts.trials.kill_trials --nightly [--trials 100] [--seed 0] [--records 2000]

The first form kills `scripts/run --no-serve`, which starts with an empty data folder, or a copy of
DATA with an exported model, and loads the bundled sample or FILE. It releases after --instalment
papers and at each doubling. The second kills `seealso nightly`, which harvests --records records
from a replay of arXiv on loopback into a copy of a finished data folder. It needs a checkout with
the tests.

Each trial kills the whole process group with SIGKILL at a random moment, at most as late as the
undisturbed run ended. Then it runs the command again to its end and compares the data folder with
that of the undisturbed run: the contents of the catalogue, without records of runs and clock times
and with vectors equal within 1e-3, and the related lists of every tenth paper. Prints a line for
each trial. If any trial differs, its data folder is kept and the exit status is 1.
"""

import argparse
import os
import random
import re
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
    # The column `asked` is not compared: it counts runs that sent a request, killed ones too.
    "stretches": "SELECT selection, month, first, last FROM stretches ORDER BY 1, 2, 3",
    "rejected": "SELECT source, key, reason, raw, reader FROM rejected ORDER BY 1, 2",
    # Which run loaded a content depends on how many runs there were.
    "bookmarks": "SELECT * FROM bookmarks WHERE file NOT LIKE '% parsed by %' ORDER BY file",
}

Contents = dict[str, object]


@dataclass(frozen=True)
class Job:
    """A command to run and kill, over an empty data folder or a copy of `base`.

    `begin` is called before each run. `step` returns the step that a run has reached, given what it
    has written to standard error.
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

    def run(self, data: Path) -> float:
        """Run to the end and return the seconds it took.

        Raises CalledProcessError if the command fails.
        """
        began = time.monotonic()
        process = self.start(data)
        if process.wait() != 0:
            sys.stderr.write(_log(data).read_text())
            raise subprocess.CalledProcessError(process.returncode, self.command)
        return time.monotonic() - began

    def run_and_kill(self, data: Path, after: float) -> str | None:
        """Run, and kill the process group after `after` seconds.

        Returns the step that was interrupted, or None if the run had already ended.
        """
        process = self.start(data)
        try:
            process.wait(after)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return self.step(_log(data).read_text())
        return None

    def prepare(self, data: Path) -> Path:
        """Bring the data folder into the state before the run, and return it."""
        shutil.rmtree(data, ignore_errors=True)
        if self.base is not None:
            shutil.copytree(self.base, data)
        return data


def _log(data: Path) -> Path:
    return data.with_name(f"{data.name}.log")


def first_load_job(
    snapshot: Path | None, base: Path | None = None, instalment: int = 10_000
) -> Job:
    """Return the job `scripts/run --no-serve`, with the bundled sample or another snapshot.

    It runs in an empty data folder, or in a copy of `base`, and releases after `instalment` papers
    and at each doubling.
    """
    command = [str(ROOT / "scripts" / "run"), "--no-serve"]
    if snapshot is not None:
        command += ["--snapshot", str(snapshot)]
    return Job(command, base, {"SEEALSO_INSTALMENT": str(instalment)}, step=_last_step)


def _last_step(log: str) -> str:
    """Return the last step that a run has finished, from its standard error."""
    steps = [line for line in log.splitlines() if re.match(r"\w+: [\d,]+$", line)]
    return f"what follows {steps[-1]!r}" if steps else "the beginning"


@contextmanager
def nightly_job(records: int, base: Path) -> Iterator[Job]:
    """Return the job `seealso nightly`, which harvests `records` records from a replay of arXiv.

    `base` is updated to the state before the nightly run. If it does not exist, it is first made
    from the sample.
    """
    from tests.arxiv_server.replayed_nightly_run import SINCE, replayed_nightly_run

    with replayed_nightly_run(records) as replayed:
        commands = [["ingest", "oai", "--from", SINCE.isoformat()], ["update"]]
        if not base.exists():
            sample = base.with_suffix(".jsonl")
            replayed.write_sample_before(sample)
            commands.insert(0, ["ingest", "snapshot", str(sample)])
        for arguments in commands:
            Job([_SEEALSO, *arguments], environment=replayed.environment).run(base)
        yield Job(
            [_SEEALSO, "nightly"], base, replayed.environment, replayed.announce, replayed.step
        )


def contents(data: Path) -> Contents:
    """Return the contents of a data folder by name, in a form to compare."""
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


def differences(expected: Contents, actual: Contents) -> list[str]:
    """Return the names of the tables that differ; vectors may differ by the tolerance."""
    names = [name for name in expected if name != "vectors" and expected[name] != actual[name]]
    expected_vectors, vectors = expected["vectors"], actual["vectors"]
    assert isinstance(expected_vectors, np.ndarray)
    assert isinstance(vectors, np.ndarray)
    if (
        expected_vectors.shape != vectors.shape
        or np.abs(expected_vectors - vectors).max() > _VECTOR_TOLERANCE
    ):
        names.append("vectors")
    return names


def run_trials(job: Job, trials: int, seed: int, work: Path) -> bool:
    """Run the trials in the folder `work`. Returns whether all gave the expected result."""
    undisturbed = job.prepare(work / "undisturbed")
    longest = job.run(undisturbed)
    expected = contents(undisturbed)
    print(f"undisturbed run: {longest:.1f} s", flush=True)
    random_moments = random.Random(seed)  # noqa: S311 - moments, not secrets
    steps: Counter[str] = Counter()
    all_equal = True
    for trial in range(1, trials + 1):
        data = work / f"trial-{trial}"
        after = random_moments.uniform(0, longest)
        while (step := job.run_and_kill(job.prepare(data), after)) is None:
            longest = after  # this run was quicker: draw an earlier moment
            after = random_moments.uniform(0, longest)
        steps[step] += 1
        job.run(data)
        different = differences(expected, contents(data))
        all_equal = all_equal and not different
        verdict = "different: " + ", ".join(different) if different else "equal"
        print(f"trial {trial}: killed after {after:.1f} s in {step}; result {verdict}", flush=True)
        if not different:
            shutil.rmtree(data)
    print("killed in " + ", ".join(f"{step}: {count}" for step, count in steps.most_common()))
    return all_equal


def main() -> None:
    """Run the trials in a temporary folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument(
        "--trials", type=int, default=20, help="number of kills (default: %(default)s)"
    )
    parser.add_argument(
        "--seed", type=int, default=0, help="seed of the random moments (default: %(default)s)"
    )
    parser.add_argument(
        "--snapshot", type=Path, metavar="FILE", help="load FILE instead of the bundled sample"
    )
    parser.add_argument("--base", type=Path, metavar="DATA", help="begin with a copy of DATA")
    parser.add_argument(
        "--instalment",
        type=int,
        default=10_000,
        help="papers before the first release (default: %(default)s)",
    )
    parser.add_argument(
        "--nightly", action="store_true", help="kill nightly runs instead of first loads"
    )
    parser.add_argument(
        "--records",
        type=int,
        default=2000,
        help="records that the nightly run harvests (default: %(default)s)",
    )
    arguments = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="kill-trials-"))
    job_context = (
        nightly_job(arguments.records, work / "base")
        if arguments.nightly
        else nullcontext(first_load_job(arguments.snapshot, arguments.base, arguments.instalment))
    )
    with job_context as job:
        all_equal = run_trials(job, arguments.trials, arguments.seed, work)
    if all_equal:
        shutil.rmtree(work)
    else:
        print(f"data folders that differ are kept in {work}")
    sys.exit(not all_equal)


if __name__ == "__main__":
    main()
