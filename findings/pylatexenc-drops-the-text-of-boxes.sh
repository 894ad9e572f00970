#!/usr/bin/env bash
# Guess:  LatexNodes2Text of pylatexenc keeps the text of every command that prints its argument.
# Fact:   pylatexenc 2.11 drops the argument of each command whose arguments its parser knows and for which its text
#         converter has no rule: \mbox, \texttt and \textsf among them. The argument of an unknown command stays.
# Why it matters: \mbox{O'Connor} in a list of authors becomes an empty name, without an error or a warning.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pylatexenc==2.11
"$folder/venv/bin/python" - <<'PY'
import pylatexenc
from pylatexenc.latex2text import LatexNodes2Text

convert = LatexNodes2Text().latex_to_text
found = {name: convert(rf"\{name}{{O'Connor}}") for name in ("mbox", "texttt", "textsf", "emph", "unheardof")}
print("pylatexenc", pylatexenc.__version__, found)
for name in ("mbox", "texttt", "textsf"):
    assert found[name] == "", name
for name in ("emph", "unheardof"):
    assert "Connor" in found[name], name
PY
