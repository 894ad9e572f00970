"""An upgrade under requests: a short run of scripts/trials/upgrade.py."""

from pathlib import Path

import pytest

from scripts.trials.upgrade import upgrade

pytestmark = pytest.mark.process


@pytest.mark.parametrize("workers", [1, 2])
def test_no_request_fails_during_an_upgrade(built_data: Path, workers: int) -> None:
    result = upgrade(built_data, rounds=1, clients=2, workers=workers)
    assert not result.failures, str(result)
    assert result.exit_codes == [0]
    assert len(result.releases) == 2
