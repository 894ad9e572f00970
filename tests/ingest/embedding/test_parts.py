"""Embedding part by part: newest first, few texts in memory, each part stored when done."""

from itertools import pairwise

import numpy as np
import pytest

from index.catalogue.catalogue import open_catalogue
from index.catalogue.vectors import PendingTexts
from index.embedding.opening import configured_identity
from index.settings import Settings
from ingest.embedding import pending
from ingest.embedding.pending import embed_pending, embedding_order, parts_embedder
from tests.support.catalogue_files import contents


def test_more_texts_than_fit_in_memory_are_all_embedded(
    built_settings_copy: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pending, "_AT_ONCE", 11)
    monkeypatch.setattr(pending, "_WINDOW", 7)
    monkeypatch.setattr(pending, "_PART", 3)
    before = contents(built_settings_copy.data / "catalogue.db")["vectors"]
    identity = configured_identity(built_settings_copy)
    steps: list[tuple[int, int]] = []
    with open_catalogue(built_settings_copy.data) as catalogue:
        vectors, papers = catalogue.vectors.of(identity), catalogue.count()
        with catalogue.atomic():
            catalogue._db.execute(
                "DELETE FROM vectors WHERE text_hash IN "
                "(SELECT text_hash FROM papers ORDER BY length(abstract) LIMIT 17)"
            )
        texts = vectors.pending()
        embedded = embed_pending(
            vectors,
            parts_embedder(built_settings_copy, identity),
            texts,
            papers,
            lambda *step: steps.append(step[1:]),
        )
        assert [done for done, _ in steps] == []  # nothing is embedded before it is requested
        assert list(embedded)[-1] == papers
        assert len(vectors.pending()) == 0
    assert steps[0] == (papers - 17, papers)
    assert steps[-1] == (papers, papers)
    assert all(0 < later - earlier <= 3 for (earlier, _), (later, _) in pairwise(steps))
    after = contents(built_settings_copy.data / "catalogue.db")["vectors"]
    assert {row[:2] for row in after} == {row[:2] for row in before}


def test_the_newest_papers_are_embedded_first(
    built_settings_copy: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pending, "_WINDOW", 8)
    monkeypatch.setattr(pending, "_PART", 4)
    identity = configured_identity(built_settings_copy)
    with open_catalogue(built_settings_copy.data) as catalogue:
        with catalogue.atomic():
            catalogue._db.execute("DELETE FROM vectors")
        vectors, papers = catalogue.vectors.of(identity), catalogue.count()
        embed_parts = parts_embedder(built_settings_copy, identity)
        for embedded in embed_pending(
            vectors, embed_parts, vectors.pending(), papers, lambda *_: None
        ):
            if embedded >= 16:
                break
        numbers, _ = vectors.matrix()
        days = [catalogue.entries([number])[number].paper.submitted for number in numbers]
        newest = catalogue._db.execute(
            "SELECT submitted FROM papers ORDER BY submitted DESC LIMIT 16"
        ).fetchall()
    assert sorted(map(str, days), reverse=True) == [day for (day,) in newest]


def test_the_examples_of_taggers_come_after_the_first_texts() -> None:
    hashes = np.array([letter * 16 for letter in "abcdef"], "S16")
    texts = PendingTexts(hashes, np.ones(6, np.int64))
    examples = hashes[[5, 1, 0]]
    ordered = embedding_order(texts, examples, 2)
    assert "".join(digest[:1].decode() for digest in ordered.hashes()) == "abfcde"
    assert embedding_order(texts, examples, 9).hashes() == texts.hashes()
    assert embedding_order(texts[:0], examples, 2).hashes() == []


def test_a_hash_keeps_the_zeros_at_its_end() -> None:
    digest = b"0123456789abcd\0\0"
    texts = PendingTexts(np.array([digest], "S16"), np.ones(1, np.int64))
    assert texts.hashes() == [digest]
