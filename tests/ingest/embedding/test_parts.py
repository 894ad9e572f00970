"""Embedding part by part: a limited number of texts in memory, each part stored when done."""

from itertools import pairwise

import pytest

from index.catalogue.catalogue import open_catalogue
from index.embedding.opening import configured_identity
from index.settings import Settings
from ingest.embedding import pending
from ingest.embedding.pending import embed_pending, parts_embedder
from tests.support.catalogue_files import contents


def test_more_texts_than_fit_in_memory_are_all_embedded(
    built_settings_copy: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pending, "_AT_ONCE", 7)
    monkeypatch.setattr(pending, "_PART", 3)
    before = contents(built_settings_copy.data / "catalogue.db")["vectors"]
    identity = configured_identity(built_settings_copy)
    steps: list[tuple[int, int]] = []
    with open_catalogue(built_settings_copy.data) as catalogue:
        vectors = catalogue.vectors.of(identity)
        with catalogue.atomic():
            catalogue._db.execute(
                "DELETE FROM vectors WHERE text_hash IN "
                "(SELECT text_hash FROM papers ORDER BY length(abstract) LIMIT 17)"
            )
        embed_parts = parts_embedder(built_settings_copy, identity)
        embedded = embed_pending(vectors, embed_parts, lambda *step: steps.append(step[1:]))
        assert vectors.count_pending() == 0
    assert embedded == 17
    assert steps[0] == (0, 17)
    assert steps[-1] == (17, 17)
    assert all(0 < later - earlier <= 3 for (earlier, _), (later, _) in pairwise(steps))
    after = contents(built_settings_copy.data / "catalogue.db")["vectors"]
    assert {row[:2] for row in after} == {row[:2] for row in before}
