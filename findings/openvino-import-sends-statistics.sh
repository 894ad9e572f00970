#!/usr/bin/env bash
# Guess:  importing an inference library sends nothing, or asks first.
# Fact:   `import openvino` hands an event ("general_import") to openvino_telemetry, a dependency of openvino, which
#         sends it to a web analytics service from a forked process. No question is asked; a user opts out with
#         `opt_in_out --opt_out`. If openvino_telemetry cannot be imported, openvino uses a stub that sends nothing.
# Why it matters: a service that promises to run without any cloud must prevent this before the first import; and a
#         forked sender inherits open file descriptors such as locks.
# This script replaces the sender by one that only prints, so nothing is sent.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  openvino==2026.4.1 openvino-telemetry==2025.2.0

observe='
from openvino_telemetry.utils.sender import TelemetrySender
events = []
TelemetrySender.send = lambda self, backend, message: events.append(message)
import openvino
print("openvino", openvino.__version__, "events at import:", len(events))
for event in events:
    print({name: value for name, value in dict(event).items() if name not in ("client_id", "user_id")})
assert len(events) == 1
'
blocked='
import sys
sys.modules["openvino_telemetry"] = None
import openvino
from openvino.tools.ovc import telemetry_utils
print("blocked:", telemetry_utils.tm.__name__)
assert telemetry_utils.tm.__name__ == "openvino.tools.ovc.telemetry_stub"
'
# The library keeps quiet if it takes the machine for a CI job.
run() { env -u CI -u GITHUB_ACTIONS -u JENKINS_URL -u TF_BUILD HOME="$folder" "$folder/venv/bin/python" -c "$1"; }
run "$observe"
run "$blocked"
