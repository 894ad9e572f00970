"""Ask a running server everything that its OpenAPI allows, and much that it does not.

    python -m scripts.trials.fuzz DATA [--examples 1000] [--seed N]

Serves a copy of DATA and lets schemathesis ask so many questions of each operation of
docs/openapi.json, with all its checks: no answer may be a server's failure, none outside what the
document says. Exit status 1 where one is. What scripts/schemathesis.toml adjusts, it says why.

Needs a checkout, with its tests.
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
_TOKEN = "fuzz"  # noqa: S105 - of a server that lives as long as this


def fuzz(data: Path, examples: int, seed: int | None = None) -> subprocess.CompletedProcess[str]:
    """Ask a server over this folder, to which it may write; what schemathesis said."""
    seeded = [] if seed is None else ["--seed", str(seed)]
    with served(data, environment={"SEEALSO_TOKEN": _TOKEN}) as server:
        return subprocess.run(
            [
                _SCHEMATHESIS,
                *("--config-file", str(_ROOT / "scripts" / "schemathesis.toml")),
                *("run", str(_ROOT / "docs" / "openapi.json"), "--url", server.address),
                *("--header", f"Authorization: Bearer {_TOKEN}"),
                *("--checks", "all", "--max-examples", str(examples), "--continue-on-failure"),
                *seeded,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )


def main() -> None:
    """Read the arguments and ask."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("data", type=Path)
    parser.add_argument("--examples", type=int, default=1000)
    parser.add_argument("--seed", type=int)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as work:
        data = Path(shutil.copytree(arguments.data, Path(work) / "data"))
        found = fuzz(data, arguments.examples, arguments.seed)
    print(found.stdout)
    sys.exit(found.returncode)


if __name__ == "__main__":
    main()
