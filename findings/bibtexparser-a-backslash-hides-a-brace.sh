#!/usr/bin/env bash
# Guess:  bibtexparser ends a value at the brace that balances it, as BibTeX does, and reports each entry that it
#         cannot read.
# Fact:   a brace after a backslash counts as text, so a value such as {C:\papers\} has no end, and the entry fails
#         although BibTeX reads it. An entry written "@ article {" is neither read nor reported.
# Why it matters: reference managers write paths and line breaks that end in a backslash. Who counts on the list of
#         failed blocks to name what was lost does not learn of the second kind at all.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check bibtexparser==2.1.0

"$python" - <<'PYTHON'
import logging
from importlib.metadata import version

from bibtexparser.entrypoint import parse_string

logging.disable(logging.CRITICAL)
backslash = parse_string("@misc{a, file = {C:\\papers\\},\n title = {One}}\n\n@misc{b, title = {Two}}\n")
blank = parse_string("@ article {c, title = {Three}}\n\n@misc{b, title = {Two}}\n")
for what, library in (("a brace after a backslash", backslash), ("a blank after @", blank)):
    keys = [entry.key for entry in library.entries]
    print(f"bibtexparser {version('bibtexparser')}, {what}:", end=" ")
    print(f"entries {keys}, failed blocks {len(library.failed_blocks)}")
assert [entry.key for entry in backslash.entries] == ["b"] and len(backslash.failed_blocks) == 1
assert [entry.key for entry in blank.entries] == ["b"] and not blank.failed_blocks
PYTHON
