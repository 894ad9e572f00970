#!/usr/bin/env bash
# Guess:  the `author` of an entry in feedparser is its first author, or all authors.
# Fact:   feedparser 6.0.14 gives the last one; `author_detail` is that of the last one too. `authors` has all of them in
#         their order.
# Why it matters: a script that prints entry.author for arXiv's or our feeds names the head of the group in place of the
#         first author, without any sign that there are others.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check feedparser==6.0.14
"$folder/venv/bin/python" - <<'PY'
import feedparser

ENTRY = """<?xml version='1.0'?>
<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:x</id><title>x</title><updated>2026-03-03T00:00:00Z</updated>
<entry><id>urn:y</id><title>y</title><updated>2026-03-03T00:00:00Z</updated>{}</entry></feed>"""
names = ["Ada Lovelace", "Charles Babbage", "Luigi Menabrea"]
authors = "".join(f"<author><name>{name}</name></author>" for name in names)
feed = feedparser.parse(ENTRY.format(authors).encode())
[entry] = feed.entries
print("feedparser", feedparser.__version__, repr(entry.author), [one.name for one in entry.authors])
assert not feed.bozo
assert entry.author == entry.author_detail.name == names[-1]
assert [one.name for one in entry.authors] == names
PY
