#!/usr/bin/env bash
# Guess:  the email package of Python folds a long header at blanks, and leaves one without blanks as it is, up to 998
#         characters a line (RFC 5322).
# Fact:   its default policy knows few headers by name. It takes List-Id, List-Unsubscribe, In-Reply-To and References for
#         text: if such a header has a word that does not fit into 78 characters, it is written as encoded words of
#         RFC 2047, also if it is pure ASCII. Message-ID, which has a class of its own, stays as it is.
# Why it matters: RFC 2047 allows encoded words only in text. Mail programs do not decode these headers, so filters by
#         List-Id, links to unsubscribe and threads stop working once a host name is long enough.
set -euo pipefail

python3 - <<'PY'
import sys
from email.message import EmailMessage
from email.policy import default

HOST = f"{'department-of-theoretical-physics.' * 2}example.org"
VALUES = {
    "List-Id": f"<papers.digest.{HOST}>",
    "List-Unsubscribe": f"<https://{HOST}/leave>",
    "In-Reply-To": f"<1234567890@{HOST}>",
    "References": f"<1234567890@{HOST}>",
    "Message-ID": f"<1234567890@{HOST}>",
}
message = EmailMessage(default)
for name, value in VALUES.items():
    message[name] = value
written = message.as_bytes().decode("ascii")
print("Python", sys.version.split()[0])
print(written)
lines = {line.partition(":")[0]: line for line in written.splitlines() if not line.startswith(" ")}
for name in ("List-Id", "List-Unsubscribe", "In-Reply-To", "References"):
    assert lines[name].startswith(f"{name}: =?utf-8?q?=3C"), name
assert VALUES["Message-ID"] in written
# A policy that allows longer lines writes the header as it is.
longer = EmailMessage(default.clone(max_line_length=998))
longer["List-Id"] = VALUES["List-Id"]
assert VALUES["List-Id"] in longer.as_string()
PY
