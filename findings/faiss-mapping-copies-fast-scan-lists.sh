#!/usr/bin/env bash
# Guess:  read_index with IO_FLAG_MMAP_IFC maps an index file into memory instead of copying it, whatever its kind.
# Fact:   the codes of IndexIVFPQ and IndexFlat are mapped, but the lists of IndexIVFPQFastScan are copied to the heap.
#         The file stays mapped as well and all its pages have been read, so the index counts twice.
# Why it matters: a search service that maps its index to save memory uses twice the size of the index, and worker
#         processes share nothing of the copies. Without the flag, the same index takes half of that.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check faiss-cpu==1.15.1 numpy==2.3.5

cat > "$folder/memory.py" <<'PY'
"""Print the MiB that reading an index adds: not mapped from a file, and mapped from its file."""
import sys

import faiss
import numpy as np


def resident(name):
    """Return the resident MiB of mappings of the file, and of those of no file."""
    mapped = private = 0
    current = ""
    for line in open("/proc/self/smaps"):
        if line[0] in "0123456789abcdef" and "-" in line.split()[0]:
            current = line.split()[5] if len(line.split()) > 5 else ""
        elif line.startswith("Rss:"):
            size = int(line.split()[1])
            mapped += size if current.endswith(name) else 0
            private += size if current in ("", "[heap]") else 0
    return mapped / 1024, private / 1024


kind, flags, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]
if flags < 0:
    index = faiss.index_factory(64, kind, faiss.METRIC_INNER_PRODUCT)
    vectors = np.random.default_rng(0).normal(size=(400_000, 64)).astype("float32")
    index.train(vectors[:10_000])
    index.add(vectors)
    faiss.write_index(index, path)
else:
    before = resident(".faiss")
    index = faiss.read_index(path, flags)
    after = resident(".faiss")
    print(f"{after[0] - before[0]:.0f} {after[1] - before[1]:.0f}")
PY

for kind in IVF64,PQ16 IVF64,PQ32x4fs; do
  file="$folder/$(echo $kind | tr , _).faiss"
  "$python" "$folder/memory.py" $kind -1 "$file"
  size=$(( $(stat -c %s "$file") / 1048576 ))
  flag=$("$python" -c 'import faiss; print(faiss.IO_FLAG_MMAP_IFC)')
  read -r mapped copied < <("$python" "$folder/memory.py" $kind "$flag" "$file")
  read -r plain_mapped plain_copied < <("$python" "$folder/memory.py" $kind 0 "$file")
  echo "faiss-cpu 1.15.1, $kind, file of $size MiB: mapped read takes $mapped MiB of the file and $copied MiB" \
    "of other memory; plain read $plain_mapped and $plain_copied"
  if [ $kind = IVF64,PQ16 ]; then
    [ "$copied" -lt $((size / 2)) ]
  else
    [ "$copied" -gt $((size * 3 / 4)) ] && [ "$mapped" -gt $((size * 3 / 4)) ] && [ "$plain_mapped" -eq 0 ]
  fi
done
