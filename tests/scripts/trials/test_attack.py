"""The attack trial: the server still returns lists during the attacks."""

import json
from pathlib import Path

import pytest

from api.middleware.request_cost import is_heavy
from scripts.trials.attack import attacks, trial

IDS = [f"2401.{number:05}" for number in range(2_000)]


@pytest.mark.parametrize("kind", list(attacks(IDS)))
def test_each_attack_is_a_heavy_request(kind: str) -> None:
    attack = attacks(IDS)[kind]
    path, _, query = attack.path.partition("?")
    assert is_heavy(path, query, json.dumps(attack.body).encode())


@pytest.mark.process
def test_lists_are_answered_beside_attackers(built_data: Path) -> None:
    idle, (phase,) = trial(built_data, ["long-list"], attackers=4, workers=1, seconds=1)
    for one in (idle, phase):
        assert one.seconds
        assert not one.failures
    assert set(phase.answers) <= {"200", "503"}
