"""The contents of a release, read from the catalogue, and their checksum."""

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property

from index.catalogue.catalogue import Catalogue
from index.catalogue.vectors import BoundVectors, EmbeddedPapers
from index.search.attributes import Attributes


@dataclass(frozen=True)
class ReleaseContents:
    """The papers of a catalogue that have a vector of one model, with their attributes.

    `vectors` reads the vectors and texts of these papers.
    """

    vectors: BoundVectors
    papers: EmbeddedPapers
    attributes: Attributes

    @classmethod
    def read(cls, catalogue: Catalogue, vectors: BoundVectors) -> "ReleaseContents":
        """Read the contents of a release that is built now."""
        papers = vectors.papers()
        return cls(vectors, papers, Attributes.from_papers(catalogue.attributes(papers.numbers)))

    def __len__(self) -> int:
        return len(self.papers.numbers)

    @cached_property
    def state(self) -> str:
        """The SHA-256 of the papers, their text hashes and attributes, and the model."""
        digest = hashlib.sha256(self.vectors.identity.key.encode())
        papers = self.papers
        for array in (
            papers.numbers,
            papers.text_hashes,
            papers.withdrawn,
            *self.attributes.arrays,
        ):
            digest.update(array.tobytes())
        digest.update(json.dumps(self.attributes.names).encode())
        return digest.hexdigest()
