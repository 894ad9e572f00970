"""Reading while nightly runs change releases: a short run of scripts/trials/soak.py."""

from pathlib import Path

import pytest

from index.releases.folder import list_releases
from scripts.trials.soak import soak

pytestmark = pytest.mark.process


def test_no_request_fails_during_nightly_runs(built_data_copy: Path) -> None:
    result = soak(built_data_copy, minutes=0.2, clients=2, workers=2)
    assert not result.failures, str(result)
    assert result.runs > 0
    assert {"related", "page", "search", "feed", "tag"} <= set(result.seconds)
    assert result.resources.deleted[-1] == 0
    assert result.exit_code == 0


def test_no_request_fails_while_instalments_switch(built_data_copy: Path) -> None:
    result = soak(built_data_copy, minutes=0.2, clients=2, workers=1, instalments=True)
    assert not result.failures, str(result)
    assert result.runs > 0
    assert {"related", "page", "search", "feed"} <= set(result.seconds)
    assert result.resources.deleted[-1] == 0
    assert result.exit_code == 0
    assert len(list_releases(built_data_copy)) > 1
