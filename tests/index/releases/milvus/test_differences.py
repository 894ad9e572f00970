"""Nothing rests on what milvus-lite does differently from a Milvus server (docs/milvus.md)."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.releases.current import CurrentRelease
from index.releases.milvus.collection import Entities, MilvusCollection, keys_of
from index.releases.milvus.engine import MilvusEngine
from index.releases.milvus.server import MilvusServer, server_at
from tests.support.milvus_lite import MilvusLite
from tests.support.random_papers import IDENTITY, RandomPapers, make_release, nearest_papers

pytestmark = pytest.mark.cluster

# `insert`, `get`, `alter_alias` and counts of changed entities differ, or are not the same calls.
ALIKE = {
    "create_collection",
    "delete",
    "describe_collection",
    "drop_collection",
    "flush",
    "list_collections",
    "load_collection",
    "query",
    "search",
    "upsert",
}


def test_only_calls_that_both_answer_alike_are_used(
    milvus: MilvusLite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Results of writing calls are replaced by None: their counts mean different things."""
    called: set[str] = set()
    call = MilvusServer._call

    def without_results(self: MilvusServer, method: str, *arguments: Any) -> object:
        called.add(method)
        result = call(self, method, *arguments)
        return None if method in ("delete", "upsert", "drop_collection") else result

    monkeypatch.setattr(MilvusServer, "_call", without_results)
    papers = RandomPapers(5, [tmp_path])
    for night in range(4):  # the releases of the first two are pruned
        if night:
            papers.change(5, revised=3, refiled=3, gone=1)
        else:
            papers.change(60)
        make_release(tmp_path, milvus.address())
    assert nearest_papers(CurrentRelease(tmp_path).get())
    MilvusEngine(tmp_path / "releases", milvus.address()).delete_vectors((), ())
    assert called == ALIKE


def test_an_entity_that_is_written_again_is_replaced(milvus: MilvusLite, tmp_path: Path) -> None:
    collection = MilvusCollection(server_at(milvus.address()), "papers_written_twice")
    collection.create(IDENTITY, "somebody")
    keys = keys_of(np.arange(3), 1)
    vectors = np.eye(3, IDENTITY.dimension, dtype=np.float32)
    for day in (7, 8):
        days = np.full(3, day)
        collection.write(Entities(keys, 1, days, [["cs.CL"]] * 3, [""] * 3, vectors))
    collection.flush()
    assert collection.count_missing(keys) == 0
    found = server_at(milvus.address()).call(
        "query", collection.name, filter="since >= 0", output_fields=["day"], limit=100
    )
    assert [record["day"] for record in found] == [8, 8, 8]
    collection.drop()


def test_an_alias_never_stands_for_a_collection_of_this_folder(
    milvus: MilvusLite, tmp_path: Path
) -> None:
    """milvus-lite drops the collection behind an alias; a server refuses."""
    server = server_at(milvus.address())
    RandomPapers(6, [tmp_path]).change(30)
    make_release(tmp_path, milvus.address())
    engine = MilvusEngine(tmp_path / "releases", milvus.address())
    other = MilvusCollection(server, "papers_of_somebody_else")
    other.create(IDENTITY, "somebody")
    alias = f"{engine._prefix}alias"
    server.call("create_alias", other.name, alias)
    engine.delete_vectors((), ())  # drops every collection of this folder
    left = set(server.call("list_collections"))
    assert other.name in left
    assert not [name for name in left if name.startswith(engine._prefix)]
    server.call("drop_alias", alias)
    other.drop()
