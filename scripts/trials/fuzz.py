"""Send generated requests, valid and invalid, to a server and check the responses.

    python -m scripts.trials.fuzz DATA [--examples 1000] [--seed N]

Serves a copy of the data folder DATA. schemathesis generates at most --examples requests for each
operation of docs/openapi.json and runs all its checks with its own defaults: no response may be a
server error, each must agree with the description, and requests that the description allows must
be accepted. Prints schemathesis's report. The exit status is 1 if a check fails.

Needs a checkout with the tests.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.processes import served

_ROOT = Path(__file__).resolve().parents[2]
_SCHEMATHESIS = str(Path(sys.executable).with_name("schemathesis"))
_TOKEN = "fuzz"  # noqa: S105 - only for the server that is started here


def fuzz(data: Path, examples: int, seed: int | None = None) -> subprocess.CompletedProcess[str]:
    """Run schemathesis against a server of this data folder, which may change.

    Returns the finished process with its report on standard output. Without a seed, every run
    generates other requests.
    """
    seed_option = [] if seed is None else ["--seed", str(seed)]
    with served(data, environment={"SEEALSO_TOKEN": _TOKEN}) as server:
        return subprocess.run(
            [
                _SCHEMATHESIS,
                *("run", str(_ROOT / "docs" / "openapi.json"), "--url", server.address),
                *("--header", f"Authorization: Bearer {_TOKEN}"),
                *("--request-timeout", "60"),  # longer than the server's own limit
                *("--checks", "all", "--max-examples", str(examples), "--continue-on-failure"),
                *seed_option,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )


def main() -> None:
    """Run schemathesis against a copy of the data folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("data", type=Path, help="data folder; a copy of it is served")
    parser.add_argument(
        "--examples",
        type=int,
        default=1000,
        help="requests for each operation (default: %(default)s)",
    )
    parser.add_argument("--seed", type=int, help="seed of the generated requests")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as work:
        data = Path(shutil.copytree(arguments.data, Path(work) / "data"))
        result = fuzz(data, arguments.examples, arguments.seed)
    print(result.stdout)
    sys.exit(result.returncode)


if __name__ == "__main__":
    main()
