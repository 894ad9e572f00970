#!/usr/bin/env bash
# Guess:  sqlite-utils supports pandas types as an option, so pandas is imported when such a type is met.
# Fact:   `import sqlite_utils` imports pandas whenever pandas is installed, to register pandas.Timestamp.
# Why it matters: a command that only reads a small SQLite file loads three times as many modules, and starts
#         more slowly, as soon as another dependency (such as ray[data]) brings pandas into the environment.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
python="$folder/venv/bin/python"

modules() {
  "$python" -c 'import sys, sqlite_utils; print(len(sys.modules), "pandas" in sys.modules)'
}

"$python" -m pip install --quiet --disable-pip-version-check sqlite-utils==4.2.1
read -r without with_pandas < <(modules)
echo "sqlite-utils 4.2.1 alone: $without modules after import, pandas among them: $with_pandas"
[ "$with_pandas" = False ]

"$python" -m pip install --quiet --disable-pip-version-check pandas==3.0.1
read -r with with_pandas < <(modules)
echo "with pandas 3.0.1 installed: $with modules after import, pandas among them: $with_pandas"
[ "$with_pandas" = True ]
[ "$with" -gt $((2 * without)) ]
