"""Check and store the corrections that people make to the tags of papers."""

from collections.abc import Sequence
from unicodedata import category

from classifier.taxonomies.taxonomy import Taxonomy
from index.catalogue.catalogue import Catalogue
from index.catalogue.corrections import Correction
from index.catalogue.rows import Entry
from index.errors import BadInput, Contradiction

MAX_NAME_LENGTH = 200
# Not str.isprintable, which refuses letters that are newer than Python's version of Unicode.
_CONTROLS = frozenset(("Cc", "Cf", "Cs", "Co"))


def labelled_papers(catalogue: Catalogue, taxonomy: Taxonomy) -> dict[str, tuple[str, ...]]:
    """Return the labels of every paper that people have labelled, by canonical id.

    These are the taxonomy's examples and the corrections; a correction overrides an example. An
    empty tuple means that no label applies to the paper.
    """
    return taxonomy.examples | catalogue.corrections.in_force(taxonomy.name)


def correct_tags(
    catalogue: Catalogue, taxonomy: Taxonomy, entry: Entry, labels: Sequence[str], by: str
) -> Correction:
    """Set the labels of a paper; an empty list means that no label applies.

    Raises UnknownTag for a label that is not in the taxonomy. Raises BadInput if `by` is empty, too
    long or has control characters, or if one label is above another in the taxonomy. After an
    error, nothing is stored.
    """
    wanted = list(dict.fromkeys(taxonomy.label(label).id for label in labels))
    for label in wanted:
        below = set(taxonomy.with_descendants(label)[1:]) & set(wanted)
        if below:
            raise Contradiction(f"{min(below)} implies {label}: leave out {label}")
    name = " ".join(by.split())
    if not name or len(name) > MAX_NAME_LENGTH or not _CONTROLS.isdisjoint(map(category, name)):
        raise BadInput(
            f"the name (by) must have 1 to {MAX_NAME_LENGTH} characters, no control characters"
        )
    catalogue.tags.store_taxonomy(taxonomy.name, taxonomy.version, taxonomy.text)
    return catalogue.corrections.add(taxonomy.name, entry.number, wanted, name)
