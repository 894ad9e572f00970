"""Property-based requests from the OpenAPI description: a short run of scripts/trials/fuzz.py."""

from pathlib import Path

import pytest

from scripts.trials.fuzz import fuzz

pytestmark = pytest.mark.process


def test_no_answer_is_outside_the_description(built_data_copy: Path) -> None:
    # The same questions each time; others are for the script to find.
    found = fuzz(built_data_copy, examples=15, seed=0)
    assert found.returncode == 0, found.stdout
    assert "Tested: " in found.stdout
