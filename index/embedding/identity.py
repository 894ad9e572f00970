"""The identity of vectors: the model, recipe and arithmetic that they were computed with."""

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """The model and method that produced vectors; only vectors of one identity are comparable.

    `revision` is the first 12 hexadecimal digits of the SHA-256 of the weights. `pooling` names
    the layers after the transformer. `recipe` names the formula that combines title and abstract.
    `length` is the maximum number of tokens that the model reads. `precision` is "f32" or "bf16".
    """

    model: str
    revision: str
    pooling: str
    recipe: str
    length: int
    precision: str
    dimension: int

    @property
    def key(self) -> str:
        """The identity as one line of JSON, as it is stored in the catalogue."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_key(cls, key: str) -> "ModelIdentity":
        """Parse the result of `key`."""
        return cls(**json.loads(key))

    def __str__(self) -> str:
        return f"{self.model}@{self.revision} {self.recipe} {self.length} {self.precision}"
