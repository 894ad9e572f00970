"""What makes two vectors comparable: everything about the model that made them."""

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Vectors are compared only where all of this is the same.

    `revision` is the start of the SHA-256 of the weights, `recipe` names how title and abstract
    become one vector, `length` the tokens read, `precision` the arithmetic.
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
        """The identity as one line of JSON, the form in which it is stored."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_key(cls, key: str) -> "ModelIdentity":
        """The identity back from its key."""
        return cls(**json.loads(key))

    def __str__(self) -> str:
        return f"{self.model}@{self.revision} {self.recipe} {self.length} {self.precision}"
