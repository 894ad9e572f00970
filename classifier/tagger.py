"""Which labels a paper carries, and how surely: linear models over its vector, read with numpy."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from classifier.taxonomy import Taxonomy
from index.arrays import Floats
from index.catalogue import Catalogue
from index.errors import DamagedTagger
from index.files import write_file
from index.model_identity import ModelIdentity
from index.stored_tags import Tag

_CHUNK = 5_000

# A leaf is given from the first probability on, a further one from the second; a section where
# no leaf is sure enough but its leaves together are.
LEAF_THRESHOLD = 0.25
SECOND_LEAF_THRESHOLD = 0.35
SECTION_THRESHOLD = 0.5


@dataclass(frozen=True)
class Tagger:
    """A trained tagger of one taxonomy for vectors of one identity.

    Two linear models: whether a paper is in scope at all (`scope_weights`, shape (dimension,)),
    and which leaf it then is on (`leaf_weights`, shape (leaves, dimension)). `version` names what
    it was trained from.
    """

    taxonomy: str
    version: str
    identity: ModelIdentity
    leaves: tuple[str, ...]
    scope_weights: Floats
    scope_bias: Floats
    leaf_weights: Floats
    leaf_biases: Floats

    def leaf_probabilities(self, vectors: Floats) -> Floats:
        """Probability of each leaf, shape (papers, leaves); the rest of 1 is being on none."""
        scope = 1 / (1 + np.exp(-(vectors @ self.scope_weights + self.scope_bias)))
        logits = vectors @ self.leaf_weights.T + self.leaf_biases
        exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
        within = exponents / exponents.sum(axis=1, keepdims=True)
        return np.asarray(scope[:, None] * within, np.float32)


def given_tags(taxonomy: Taxonomy, leaves: Sequence[str], probabilities: Floats) -> list[Tag]:
    """The tags to give for one paper's leaf probabilities, shape (leaves,); surest first.

    The best leaf if it is sure enough, others that are clearly meant too; else the best section
    that is sure enough; else none. A section's probability is the sum of its leaves'.
    """
    of = {leaf: float(p) for leaf, p in zip(leaves, probabilities, strict=True)}
    best = max(of, key=lambda leaf: of[leaf])
    if of[best] >= LEAF_THRESHOLD:
        given = {leaf: p for leaf, p in of.items() if leaf == best or p >= SECOND_LEAF_THRESHOLD}
    else:
        sections = section_probabilities(taxonomy, of)
        surest = max(sections, key=lambda section: sections[section])
        given = {surest: sections[surest]} if sections[surest] >= SECTION_THRESHOLD else {}
    tags = [Tag(taxonomy.name, label, round(p, 4)) for label, p in given.items()]
    return sorted(tags, key=lambda tag: (-tag.probability, tag.label))


def section_probabilities(taxonomy: Taxonomy, leaves: dict[str, float]) -> dict[str, float]:
    """The probability of each topmost label: that of any leaf below it."""
    return {
        section.id: sum(leaves.get(label, 0.0) for label in taxonomy.with_descendants(section.id))
        for section in taxonomy.children(None)
    }


def apply_tagger(
    catalogue: Catalogue,
    taxonomy: Taxonomy,
    tagger: Tagger,
    progress: Callable[[str, int, int], None],
) -> int:
    """Tag every embedded paper whose present text this tagger has not seen; returns how many."""
    catalogue.tags.remember_taxonomy(taxonomy.name, taxonomy.version, taxonomy.text)
    pending = catalogue.tags.pending(taxonomy.name, tagger.version)
    numbers, vectors = catalogue.vectors.matrix(tagger.identity, pending) if pending else ([], None)
    for start in range(0, len(numbers), _CHUNK):
        assert vectors is not None
        chunk = slice(start, start + _CHUNK)
        probabilities = tagger.leaf_probabilities(vectors[chunk])
        tagged = [
            (number, given_tags(taxonomy, tagger.leaves, row))
            for number, row in zip(numbers[chunk], probabilities, strict=True)
        ]
        catalogue.tags.replace(taxonomy.name, tagger.version, tagged)
        progress("tag", min(start + _CHUNK, len(numbers)), len(numbers))
    return len(numbers)


_ARRAYS = ("scope_weights", "scope_bias", "leaf_weights", "leaf_biases")


def tagger_path(data: Path, taxonomy: str) -> Path:
    """Where the tagger of a taxonomy lies."""
    return data / "taggers" / f"{taxonomy}.safetensors"


def save_tagger(tagger: Tagger, data: Path) -> None:
    """Write the weights, with what they belong to, as one safetensors file."""
    from safetensors.numpy import save

    about = {
        "taxonomy": tagger.taxonomy,
        "version": tagger.version,
        "identity": tagger.identity.key,
        "leaves": json.dumps(tagger.leaves),
    }
    arrays = {name: np.ascontiguousarray(getattr(tagger, name)) for name in _ARRAYS}
    write_file(tagger_path(data, tagger.taxonomy), save(arrays, about))


def load_tagger(data: Path, taxonomy: str) -> Tagger | None:
    """Read the tagger of a taxonomy, None where there is none; raises DamagedTagger."""
    from safetensors import SafetensorError, safe_open

    path = tagger_path(data, taxonomy)
    if not path.is_file():
        return None
    try:
        with safe_open(path, "numpy") as file:
            about = file.metadata()
            arrays = {name: file.get_tensor(name) for name in _ARRAYS}
        return Tagger(
            taxonomy=about["taxonomy"],
            version=about["version"],
            identity=ModelIdentity.from_key(about["identity"]),
            leaves=tuple(json.loads(about["leaves"])),
            **arrays,
        )
    except (SafetensorError, OSError, KeyError, ValueError, TypeError) as error:
        raise DamagedTagger(
            f"{path} cannot be read ({error}): train it again with `seealso tags train`"
        ) from error
