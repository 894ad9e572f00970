"""A checksum of all that a release is made from."""

import hashlib
import json

from index.catalogue.catalogue import Catalogue
from index.catalogue.vectors import EmbeddedPapers
from index.embedding.identity import ModelIdentity
from index.search.attributes import Attributes


def catalogue_state(catalogue: Catalogue, identity: ModelIdentity) -> str:
    """The checksum of what the catalogue holds now: papers, texts, attributes, model."""
    papers = catalogue.vectors.papers(identity)
    return state_of(papers, Attributes.of(catalogue.attributes(papers.numbers)), identity)


def state_of(papers: EmbeddedPapers, attributes: Attributes, identity: ModelIdentity) -> str:
    """The checksum of papers with their attributes, and of the model."""
    digest = hashlib.sha256(identity.key.encode())
    for array in (papers.numbers, papers.text_hashes, papers.withdrawn, *attributes.arrays):
        digest.update(array.tobytes())
    digest.update(json.dumps(attributes.names).encode())
    return digest.hexdigest()
