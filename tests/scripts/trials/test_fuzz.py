"""Property-based requests from the OpenAPI description: a short run of scripts/trials/fuzz.py."""

from pathlib import Path

import pytest

from scripts.trials.fuzz import fuzz

pytestmark = pytest.mark.process


def test_every_response_agrees_with_the_description(built_data_copy: Path) -> None:
    # The seed gives the same requests in each run. To find other failures, run the script.
    result = fuzz(built_data_copy, examples=15, seed=0)
    assert result.returncode == 0, result.stdout
    assert "Tested: " in result.stdout
