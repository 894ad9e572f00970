"""A collection in Milvus: its schema, and what is asked of it.

An entity is a paper as one generation wrote it. Its key has the paper's catalogue number in the
upper bits and the generation in the lower 23, so the keys of a release rise with its rows. An
entity is written once and never changed.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from index.arrays import Floats, Rows
from index.embedding.identity import ModelIdentity
from index.errors import ForeignVectors
from index.releases.milvus.server import PATIENCE, MilvusServer
from index.search.attributes import Conditions

MAX_FOUND = 16_384
"""Entities that Milvus returns to one question at most."""

_SCHEMA = "1"
_GENERATION_BITS = 23
_WRITTEN_AT_ONCE = 1_000
_READ_AT_ONCE = 2_000
_LOOKED_FOR_AT_ONCE = 10_000
# Of hnswlib's kind: links of a vector, and how many it looks at to find them, and to answer.
_HNSW = {"M": 16, "efConstruction": 200}
_MIN_LOOKED_AT = 256
_MAX_NAME_LENGTH, _MAX_CATEGORIES = 65_535, 4_096  # what Milvus takes


def keys_of(numbers: Rows, generation: int) -> Rows:
    """The keys of these papers, by catalogue number, as a generation writes them."""
    return (numbers.astype(np.int64) << _GENERATION_BITS) | generation


@dataclass(frozen=True, slots=True)
class Entities:
    """What is written of papers: keys, generation, attributes, unit vectors."""

    keys: Rows
    generation: int
    days: np.ndarray
    categories: Sequence[list[str]]
    licences: Sequence[str]
    vectors: np.ndarray

    def records(self, start: int, stop: int) -> list[dict[str, Any]]:
        """Some of them as Milvus takes them."""
        return [
            {
                "key": int(self.keys[i]),
                "since": self.generation,
                "day": int(self.days[i]),
                "categories": self.categories[i],
                "licence": self.licences[i],
                "vector": self.vectors[i].astype(np.float32),
            }
            for i in range(start, min(stop, len(self.keys)))
        ]


class MilvusCollection:
    """One collection by its name; every method raises as `MilvusServer.ask` does."""

    def __init__(self, server: MilvusServer, name: str) -> None:
        self.server = server
        self.name = name

    def create(self, identity: ModelIdentity, owner: str) -> None:
        """Make it, empty, for the vectors of one model, and for the data folder that owns it."""
        from pymilvus import DataType, MilvusClient

        schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("key", DataType.INT64, is_primary=True)
        schema.add_field("since", DataType.INT64)
        schema.add_field("day", DataType.INT32)
        schema.add_field(
            "categories",
            DataType.ARRAY,
            element_type=DataType.VARCHAR,
            max_capacity=_MAX_CATEGORIES,
            max_length=_MAX_NAME_LENGTH,
        )
        schema.add_field("licence", DataType.VARCHAR, max_length=_MAX_NAME_LENGTH)
        # Not half precision, which milvus-lite does not have.
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=identity.dimension)
        indexes = MilvusClient.prepare_index_params()
        indexes.add_index("vector", index_type="HNSW", metric_type="IP", params=_HNSW)
        for field in ("since", "day", "licence"):  # milvus-lite has none for arrays
            indexes.add_index(field, index_type="INVERTED")
        self.server.write(
            "create_collection",
            self.name,
            schema=schema,
            index_params=indexes,
            properties=_properties(identity, owner),
            consistency_level="Bounded",
        )

    def owner(self) -> str | None:
        """Which data folder made it."""
        found: str | None = self._description().get("properties", {}).get("seealso.owner")
        return found

    def check(self, identity: ModelIdentity) -> None:
        """Raise ForeignVectors where its schema or its model is another."""
        found = self._description().get("properties", {})
        for what, wanted in _properties(identity, "").items():
            if what != "seealso.owner" and found.get(what) != wanted:
                name = what.removeprefix("seealso.")
                raise ForeignVectors(f"{self}: its {name} is {found.get(what)}, not {wanted}")

    def _description(self) -> dict[str, Any]:
        found: dict[str, Any] = self.server.ask("describe_collection", self.name)
        return found

    def write(self, entities: Entities) -> None:
        """Write entities; those that are there already are written over."""
        for start in range(0, len(entities.keys), _WRITTEN_AT_ONCE):
            records = entities.records(start, start + _WRITTEN_AT_ONCE)
            self.server.write("upsert", self.name, records)

    def settle(self) -> None:
        """Wait until what was written will last, and is found."""
        self.server.write("flush", self.name)
        self.server.write("load_collection", self.name)

    def search(self, queries: Floats, limit: int, condition: str) -> Iterator[tuple[Rows, Floats]]:
        """For each query the keys and cosines of the nearest that meet a condition, best first."""
        looked_at = max(_MIN_LOOKED_AT, 2 * limit)
        found = self.server.ask(
            "search",
            self.name,
            list(queries.astype(np.float32)),
            filter=condition,
            limit=limit,
            output_fields=["key"],
            search_params={"params": {"ef": looked_at}},
            patience=1 if len(queries) == 1 else PATIENCE,
        )
        for hits in found:
            keys = np.array([hit["key"] for hit in hits], np.int64)
            yield keys, np.array([hit["distance"] for hit in hits], np.float32)

    def vectors(self, keys: Rows) -> dict[int, Floats]:
        """The vectors of those of these entities that are there, by key."""
        found: dict[int, Floats] = {}
        # A bounded read may miss what was written seconds ago; it costs less than a strong one.
        for level in ("Bounded", "Strong"):
            left = keys[[key not in found for key in keys.tolist()]] if found else keys
            for some in _parts(left, _READ_AT_ONCE):
                for record in self._those(some, ["key", "vector"], level):
                    found[record["key"]] = np.array(record["vector"], np.float32)
        return found

    def lacking(self, keys: Rows) -> int:
        """How many of these entities are not there, also for who has just written some."""
        parts = _parts(keys, _LOOKED_FOR_AT_ONCE)
        there = sum(len(self._those(some, ["key"], "Strong", patience=PATIENCE)) for some in parts)
        return len(keys) - there

    def _those(
        self, keys: list[int], fields: list[str], level: str, patience: int = 1
    ) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.server.ask(
            "query",
            self.name,
            ids=keys,
            output_fields=fields,
            consistency_level=level,
            patience=patience,
        )
        return found

    def remove(self, keys: Rows) -> None:
        """Delete these entities; those that are gone already stay so."""
        for some in _parts(keys, _LOOKED_FOR_AT_ONCE):
            self.server.write("delete", self.name, ids=some)

    def remove_after(self, generation: int) -> None:
        """Delete what a later generation wrote, which no release came to name."""
        self.server.write("delete", self.name, filter=f"since > {generation}")

    def drop(self) -> None:
        """Delete the collection."""
        self.server.write("drop_collection", self.name)

    def __str__(self) -> str:
        return f"collection {self.name} of {self.server}"


def expression(generation: int, conditions: Conditions) -> str:
    """The conditions on what a reader of a generation may find, in Milvus's words."""
    found = [f"since <= {generation}"]
    if conditions.days:
        found.append("day >= {} and day <= {}".format(*conditions.days))
    if conditions.categories is not None:
        found.append(f"array_contains_any(categories, {_quoted(conditions.categories)})")
    if conditions.licences is not None:
        found.append(f"licence in {_quoted(conditions.licences)}")
    return " and ".join(found)


def _quoted(names: Iterable[str]) -> str:
    return json.dumps(list(names), ensure_ascii=False)


def _parts(keys: Rows, size: int) -> Iterator[list[int]]:
    for start in range(0, len(keys), size):
        part: list[int] = keys[start : start + size].tolist()
        yield part


def _properties(identity: ModelIdentity, owner: str) -> dict[str, str]:
    return {"seealso.schema": _SCHEMA, "seealso.model": identity.key, "seealso.owner": owner}
