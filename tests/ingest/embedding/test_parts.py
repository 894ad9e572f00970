"""Embedding part by part: so many texts in memory at once, each kept as its part is done."""

from itertools import pairwise

import pytest

from index.catalogue.catalogue import open_catalogue
from index.embedding.opening import identity_in_force
from index.settings import Settings
from ingest.embedding import pending
from ingest.embedding.pending import embed_pending
from tests.support.catalogue_files import contents


def test_more_texts_than_are_held_at_once_are_all_embedded(
    built_settings_copy: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pending, "_AT_ONCE", 7)
    monkeypatch.setattr(pending, "_PART", 3)
    before = contents(built_settings_copy.data / "catalogue.db")["vectors"]
    identity = identity_in_force(built_settings_copy)
    told = []
    with open_catalogue(built_settings_copy.data) as catalogue:
        vectors = catalogue.vectors.of(identity)
        with catalogue.atomic():
            catalogue._db.execute(
                "DELETE FROM vectors WHERE text_hash IN "
                "(SELECT text_hash FROM papers ORDER BY length(abstract) LIMIT 17)"
            )
        embedded = embed_pending(vectors, built_settings_copy, lambda *step: told.append(step[1:]))
        assert vectors.count_pending() == 0
    assert embedded == 17
    assert told[0] == (0, 17)
    assert told[-1] == (17, 17)
    assert all(0 < later - earlier <= 3 for (earlier, _), (later, _) in pairwise(told))
    after = contents(built_settings_copy.data / "catalogue.db")["vectors"]
    assert {row[:2] for row in after} == {row[:2] for row in before}
