#!/usr/bin/env bash
# Guess:  a search for the k nearest of several equal vectors gives the first k of one fixed order, so a longer
#         result begins with a shorter one.
# Fact:   in an exact FAISS index, which of the equal vectors is first depends on k.
# Why it matters: pages and limits that search anew with another k repeat some results and skip others, unless the
#         caller fetches all ties at the cut and orders them itself.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check faiss-cpu==1.15.1 numpy==2.3.5

first() {
  "$python" -c '
import sys, faiss, numpy as np
index = faiss.IndexFlatIP(8)
index.add(np.ones((9, 8), "float32"))
print(*index.search(np.ones((1, 8), "float32"), int(sys.argv[1]))[1][0])' "$1"
}

one=$(first 1)
five=$(first 5)
echo "faiss-cpu 1.15.1, nine equal vectors: k=1 gives $one, k=5 gives $five"
[ "$one" != "${five%% *}" ]
