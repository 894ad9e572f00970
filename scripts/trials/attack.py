"""Measure the time of lists while many clients send the costliest requests.

    python -m scripts.trials.attack DATA [--attackers 16] [--workers 2] [--seconds 10] [--kind NAME]

Serves the data folder DATA. One client requests lists of related papers, one after another: first
alone, then while the attackers send requests of one kind, each a new one after the last answer,
then alone again, and so on for each kind. The attackers run in a process of their own.

Prints p50 and p99 of the lists, the ratio of each p99 to that of the idle phases, and how the
attackers were answered. The exit status is 1 if a list failed or a ratio is above 3. The machine
needs a core for the clients, or the ratios include the work of the attackers.

Needs a checkout with the tests.
"""

import argparse
import json
import multiprocessing
import os
import random
import sqlite3
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import numpy as np

from tests.support.processes import served

_MAX_RATIO = 3.0
_WORDS = (
    "the of and for with in learning a on to model models using language large via neural from by "
    "efficient is are we that this"
).split()
_TIMEOUT = 60.0


@dataclass(frozen=True, slots=True)
class Attack:
    """A request: its path, and the JSON object that it posts, if any."""

    path: str
    body: dict[str, Any] | None = None


@dataclass(slots=True)
class Phase:
    """What happened in one phase: seconds of each list, failed lists, and answers to attackers."""

    kind: str
    seconds: list[float] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)

    def percentile(self, share: float) -> float:
        """Return a percentile of the times, in milliseconds."""
        return 1000 * float(np.percentile(self.seconds, share))


def attacks(ids: Sequence[str]) -> dict[str, Attack]:
    """Return a request of each kind; `ids` are papers of the catalogue, at least 2,000."""
    related = f"/v1/papers/{ids[0]}/related"
    phrases = "&".join("with=" + quote(" ".join(_WORDS[i : i + 30])[:190]) for i in range(20))
    common = "&".join("with=" + quote(("the of and in " * 20)[:190]) for _ in range(20))
    letters = [chr(97 + i % 26) + chr(97 + i // 26 % 26) for i in range(1_800)]
    return {
        "bib-one-title": _library(["A model of the language for learning with the models"] * 9_000),
        "bib-titles": _library([_title(number) for number in range(9_000)]),
        "recommend": Attack("/v1/recommend", {"liked": ids[:1000], "disliked": ids[1000:2000]}),
        "recommend-diverse": Attack(
            "/v1/recommend?limit=500&diversity=1", {"liked": ids[:1000], "disliked": ids[1000:2000]}
        ),
        "semantic-scholar": Attack(
            "/recommendations/v1/papers?limit=500",
            {"positivePaperIds": ids[:1000], "negativePaperIds": ids[1000:2000]},
        ),
        "feed": Attack("/feeds/recommended.atom?" + "&".join(f"liked={i}" for i in ids[:400])),
        "full-reasons": Attack(f"{related}?limit=500&reasons=full"),
        "diverse": Attack(f"{related}?limit=500&diversity=1"),
        "diverse-spelt": Attack(f"{related}?limit=+500&diversity=1"),  # 500, too
        "diverse-page": Attack(f"{related}?limit=10&diversity=1&cursor=*"),
        "long-list": Attack(f"{related}?limit=500"),
        "phrases": Attack(f"{related}?{phrases}"),
        "common-phrases": Attack(f"{related}?{common}"),
        "authors": Attack(f"{related}?" + "&".join(f"author=A. {w}" for w in ("Li", "Wang") * 10)),
        "long-query": Attack("/v1/search?q=" + quote(" ".join(_WORDS * 150)[:19_000])),
        "misspelt-query": Attack(
            "/v1/search?q=" + quote(" ".join(f"lear{c}ning" for c in letters))
        ),
        "batch": Attack("/v1/papers/batch", {"ids": ids[:500]}),
    }


def _title(number: int) -> str:
    first, second, third = number % 25, number // 25 % 25, number // 625
    return f"The {_WORDS[first]} model of {_WORDS[second]} for learning with {_WORDS[third]}"


def _library(titles: Sequence[str]) -> Attack:
    entries = [f"@article{{k{i}, title={{{title}}}}}" for i, title in enumerate(titles)]
    return Attack("/v1/recommend", {"library": {"name": "mine.bib", "content": "\n".join(entries)}})


def run_attackers(address: str, attack: Attack, count: int, answers: Connection) -> None:
    """Send a request from `count` clients at once until the process is killed."""
    os.nice(10)
    content = json.dumps(attack.body).encode() if attack.body else None
    sent = threading.Lock()

    def attacker() -> None:
        with httpx2.Client(base_url=address, timeout=_TIMEOUT) as http:
            while True:
                try:
                    if content is None:
                        response = http.get(attack.path)
                    else:
                        headers = {"Content-Type": "application/json"}
                        response = http.post(attack.path, content=content, headers=headers)
                    outcome = str(response.status_code)
                except httpx2.HTTPError as error:
                    outcome = type(error).__name__
                with sent:
                    answers.send(outcome)

    threads = [threading.Thread(target=attacker) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def measure(address: str, ids: Sequence[str], seconds: float, phase: Phase, seed: int) -> None:
    """Request lists one after another, and add their times to a phase."""
    chosen = random.Random(seed)  # noqa: S311 - an order, not a secret
    with httpx2.Client(base_url=address, timeout=_TIMEOUT) as http:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            began = time.monotonic()
            try:
                # A connection of its own for each list, so that both workers answer some.
                status = http.get(
                    f"/v1/papers/{chosen.choice(ids)}/related", headers={"Connection": "close"}
                ).status_code
            except httpx2.HTTPError as error:
                phase.failures[type(error).__name__] += 1
                continue
            phase.seconds.append(time.monotonic() - began)
            if status != 200:
                phase.failures[str(status)] += 1


def attacked(
    address: str, ids: Sequence[str], kind: str, attack: Attack, count: int, seconds: float
) -> Phase:
    """Measure lists while attackers send a request."""
    phase = Phase(kind)
    context = multiprocessing.get_context("spawn")
    receiving, sending = context.Pipe(duplex=False)
    attackers = context.Process(
        target=run_attackers, args=(address, attack, count, sending), daemon=True
    )
    attackers.start()
    sending.close()
    time.sleep(3)  # the attackers' imports, and the start of the server's own processes
    measure(address, ids, seconds, phase, seed=1)
    attackers.kill()
    attackers.join()
    while receiving.poll():
        try:
            phase.answers[receiving.recv()] += 1
        except EOFError:
            break
    return phase


def trial(
    data: Path, kinds: Sequence[str], attackers: int, workers: int, seconds: float
) -> tuple[Phase, list[Phase]]:
    """Return the idle phases together, and a phase for each kind of attack."""
    with sqlite3.connect(f"file:{data / 'catalogue.db'}?mode=ro", uri=True) as connection:
        rows = connection.execute("SELECT id FROM papers WHERE NOT withdrawn ORDER BY id")
        ids = [str(paper_id) for (paper_id,) in rows]
    idle, phases = Phase("idle"), []
    with served(data, "serve", "--workers", str(workers)) as server:
        measure(server.address, ids, 5, Phase("warm up"), seed=0)
        for kind in kinds:
            measure(server.address, ids, seconds, idle, seed=1)
            attack = attacks(ids)[kind]
            phases.append(attacked(server.address, ids, kind, attack, attackers, seconds))
            print(_line(phases[-1], idle), flush=True)
            time.sleep(2)  # the server notices that the attackers have gone
        measure(server.address, ids, seconds, idle, seed=1)
    return idle, phases


def _line(phase: Phase, idle: Phase) -> str:
    p50, p99 = phase.percentile(50), phase.percentile(99)
    return (
        f"{phase.kind:18} {len(phase.seconds):6} lists  p50 {p50:6.1f} ms  p99 {p99:6.1f} ms  "
        f"ratio {p99 / idle.percentile(99):4.1f}  failed {dict(phase.failures)}  "
        f"attackers got {dict(phase.answers)}"
    )


def main() -> None:
    """Run the trial."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("data", type=Path, help="data folder with at least 2,000 papers")
    parser.add_argument("--attackers", type=int, default=16)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=10, help="of each phase")
    parser.add_argument("--kind", action="append", help="only these kinds of attack")
    arguments = parser.parse_args()
    kinds = arguments.kind or list(attacks(["x"] * 2_000))
    idle, phases = trial(
        arguments.data, kinds, arguments.attackers, arguments.workers, arguments.seconds
    )
    print("\nagainst all idle phases together:")
    for phase in [idle, *phases]:
        print(_line(phase, idle))
    limit = _MAX_RATIO * idle.percentile(99)
    failed = any(phase.failures or phase.percentile(99) > limit for phase in [idle, *phases])
    sys.exit(failed)


if __name__ == "__main__":
    main()
