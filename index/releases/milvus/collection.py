"""A Milvus collection: its schema, and reads and writes.

An entity is a paper as one generation wrote it. Its key has the paper's catalogue number in the
upper bits and the generation in the lower 23, so the keys of a release ascend with its rows. An
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
from index.releases.milvus.server import SLOW, MilvusServer
from index.search.attributes import Conditions

MAX_RESULTS = 16_384
"""Maximum number of entities that Milvus returns for one query."""

_SCHEMA = "1"
_GENERATION_BITS = 23
_WRITE_BATCH = 1_000
_VECTOR_BATCH = 2_000
_KEY_BATCH = 10_000
# HNSW, as in hnswlib: links per vector, and candidates examined when building and when searching.
_HNSW = {"M": 16, "efConstruction": 200}
_MIN_EF = 256
_MAX_NAME_LENGTH, _MAX_CATEGORIES = 65_535, 4_096  # the maxima of Milvus


def keys_of(numbers: Rows, generation: int) -> Rows:
    """Return the keys of entities, given catalogue numbers of papers and a generation."""
    return (numbers.astype(np.int64) << _GENERATION_BITS) | generation


@dataclass(frozen=True, slots=True)
class Entities:
    """The data written for papers: keys, generation, attributes, unit vectors."""

    keys: Rows
    generation: int
    days: np.ndarray
    categories: Sequence[list[str]]
    licences: Sequence[str]
    vectors: np.ndarray

    def records(self, start: int, stop: int) -> list[dict[str, Any]]:
        """Return a slice of the entities as Milvus records."""
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
    """A collection by name; every method raises the errors of `MilvusServer.call`."""

    def __init__(self, server: MilvusServer, name: str) -> None:
        self.server = server
        self.name = name

    def create(self, identity: ModelIdentity, owner: str) -> None:
        """Create it, empty, for the vectors of one model; `owner` is the id of a data folder."""
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
        # Single precision: milvus-lite has no half precision.
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=identity.dimension)
        indexes = MilvusClient.prepare_index_params()
        indexes.add_index("vector", index_type="HNSW", metric_type="IP", params=_HNSW)
        for field in ("since", "day", "licence"):  # milvus-lite cannot index arrays
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
        """Return the id of the data folder that created the collection."""
        found: str | None = self._description().get("properties", {}).get("seealso.owner")
        return found

    def check(self, identity: ModelIdentity) -> None:
        """Raise ForeignVectors if its schema or its model differs."""
        found = self._description().get("properties", {})
        for key, expected in _properties(identity, "").items():
            if key != "seealso.owner" and found.get(key) != expected:
                name = key.removeprefix("seealso.")
                raise ForeignVectors(f"{self}: its {name} is {found.get(key)}, not {expected}")

    def _description(self) -> dict[str, Any]:
        found: dict[str, Any] = self.server.call("describe_collection", self.name)
        return found

    def write(self, entities: Entities) -> None:
        """Write entities; existing ones with the same keys are overwritten."""
        for start in range(0, len(entities.keys), _WRITE_BATCH):
            records = entities.records(start, start + _WRITE_BATCH)
            self.server.write("upsert", self.name, records)

    def flush(self) -> None:
        """Wait until everything written is durable and can be searched."""
        self.server.write("flush", self.name)
        self.server.write("load_collection", self.name)

    def search(self, queries: Floats, limit: int, condition: str) -> Iterator[tuple[Rows, Floats]]:
        """Yield, for each query, keys and cosines of the nearest entities, best first.

        Only entities that meet the filter expression `condition` are returned.
        """
        ef = max(_MIN_EF, 2 * limit)
        found = self.server.call(
            "search",
            self.name,
            list(queries.astype(np.float32)),
            filter=condition,
            limit=limit,
            output_fields=["key"],
            search_params={"params": {"ef": ef}},
            timeout_factor=1 if len(queries) == 1 else SLOW,
        )
        for hits in found:
            keys = np.array([hit["key"] for hit in hits], np.int64)
            yield keys, np.array([hit["distance"] for hit in hits], np.float32)

    def vectors(self, keys: Rows) -> dict[int, Floats]:
        """Return the vectors of these entities by key; missing entities are left out."""
        found: dict[int, Floats] = {}
        # A bounded read may miss entities written seconds ago, but costs less than a strong one.
        for consistency in ("Bounded", "Strong"):
            left = keys[[key not in found for key in keys.tolist()]] if found else keys
            for some in _batches(left, _VECTOR_BATCH):
                for record in self._read(some, ["key", "vector"], consistency):
                    found[record["key"]] = np.array(record["vector"], np.float32)
        return found

    def count_missing(self, keys: Rows) -> int:
        """Return how many of these entities do not exist; counts entities written just now."""
        batches = _batches(keys, _KEY_BATCH)
        found = (self._read(some, ["key"], "Strong", timeout_factor=SLOW) for some in batches)
        return len(keys) - sum(map(len, found))

    def _read(
        self, keys: list[int], fields: list[str], consistency: str, timeout_factor: int = 1
    ) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.server.call(
            "query",
            self.name,
            ids=keys,
            output_fields=fields,
            consistency_level=consistency,
            timeout_factor=timeout_factor,
        )
        return found

    def remove(self, keys: Rows) -> None:
        """Delete these entities; missing ones are ignored."""
        for some in _batches(keys, _KEY_BATCH):
            self.server.write("delete", self.name, ids=some)

    def remove_after(self, generation: int) -> None:
        """Delete the entities of later generations, which belong to no finished release."""
        self.server.write("delete", self.name, filter=f"since > {generation}")

    def drop(self) -> None:
        """Delete the collection."""
        self.server.write("drop_collection", self.name)

    def __str__(self) -> str:
        return f"collection {self.name} of {self.server}"


def filter_expression(generation: int, conditions: Conditions) -> str:
    """Return the Milvus filter for readers of a generation, limited by conditions."""
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


def _batches(keys: Rows, size: int) -> Iterator[list[int]]:
    for start in range(0, len(keys), size):
        batch: list[int] = keys[start : start + size].tolist()
        yield batch


def _properties(identity: ModelIdentity, owner: str) -> dict[str, str]:
    return {"seealso.schema": _SCHEMA, "seealso.model": identity.key, "seealso.owner": owner}
