"""Fixtures shared by the tests of the nightly run."""

import pytest


@pytest.fixture
def without_taxonomies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tag no papers: each nightly run would train a tagger of its own, for seconds."""
    monkeypatch.setattr("ingest.update.followed_taxonomies", lambda _: [])
