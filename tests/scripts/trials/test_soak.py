"""Reading while nights fall and releases change: the short form of scripts/trials/soak.py."""

from pathlib import Path

import pytest

from scripts.trials.soak import soak

pytestmark = pytest.mark.process


def test_no_reader_notices_a_night(built_data_copy: Path) -> None:
    soaked = soak(built_data_copy, minutes=0.2, clients=2, workers=2)
    assert not soaked.failures, str(soaked)
    assert soaked.nights > 0
    assert {"related", "page", "search", "feed", "tag"} <= set(soaked.seconds)
    assert soaked.grown.deleted[-1] == 0
    assert soaked.exit_code == 0
