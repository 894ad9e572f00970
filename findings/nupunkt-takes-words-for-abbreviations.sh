#!/usr/bin/env bash
# Guess:  nupunkt splits ordinary English at every full stop before a capital.
# Fact:   the model of nupunkt 0.8.0, trained on legal texts, holds ordinary words as abbreviations: "tasks", "code",
#         "works", "cancer". After them some sentences go on, depending on the next word.
# Why it matters: of 35,700 sentences of 5,200 abstracts, some 250 were joined to the next one for this reason alone.
#         `remove_abbreviation` corrects it, on a tokenizer of one's own: `nupunkt.load` shares one in the process.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check nupunkt==0.8.0
"$folder/venv/bin/python" - <<'PY'
import nupunkt
from nupunkt.models import load_default_model

splitter = load_default_model()
text = "We solve two tasks. For the first we need a tree."
words = {"tasks", "code", "works", "cancer"}
print("nupunkt", nupunkt.__version__, "before:", splitter.tokenize(text))
assert words <= splitter.abbreviations
assert len(splitter.tokenize(text)) == 1
for word in words:
    splitter.remove_abbreviation(word)
print("corrected:", splitter.tokenize(text))
assert len(splitter.tokenize(text)) == 2
PY
