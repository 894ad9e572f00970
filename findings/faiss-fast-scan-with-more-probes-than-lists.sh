#!/usr/bin/env bash
# Guess:  a search that is to read more lists than an inverted file has reads all of them.
# Fact:   IVF,PQ…x4fsr (fast scan of residuals) then ranks rows by distances of 1e30 and more; IVF,SQ8 reads all.
# Why it matters: a filtered search that reads more lists the fewer rows are allowed finds nothing near. Limit
#         `nprobe` to `nlist`.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check faiss-cpu==1.15.1 numpy==2.3.5

largest() {
  OMP_NUM_THREADS=1 "$python" -c '
import sys, faiss, numpy as np
vectors = np.random.default_rng(0).normal(size=(4000, 32)).astype("float32")
faiss.normalize_L2(vectors)
index = faiss.index_factory(32, sys.argv[1], faiss.METRIC_INNER_PRODUCT)
index.train(vectors)
index.add(vectors)
index.nprobe = int(sys.argv[2])
print("plausible" if abs(index.search(vectors[:1], 5)[0]).max() < 2 else "wrong")' "$@"
}

kinds="IVF50,SQ8 IVF50,PQ16x4fs IVF50,PQ16x4fsr"
results=$(for kind in $kinds; do echo "$kind: $(largest "$kind" 50) with 50 probes, $(largest "$kind" 60) with 60"; done)
echo "faiss-cpu 1.15.1, cosines found in 50 lists:"
echo "$results"
grep -q "x4fsr: plausible with 50 probes, wrong with 60" <<<"$results"
