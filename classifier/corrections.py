"""A person's word on a paper's tags, checked before it is kept."""

from collections.abc import Sequence

from classifier.taxonomies.taxonomy import Taxonomy
from index.catalogue.catalogue import Catalogue
from index.catalogue.corrections import Correction
from index.catalogue.rows import Entry
from index.errors import BadInput

MAX_NAME_LENGTH = 200


def labelled_papers(catalogue: Catalogue, taxonomy: Taxonomy) -> dict[str, tuple[str, ...]]:
    """The labels of every paper, by canonical id, that people have filed.

    The taxonomy's examples, and corrections, which win. No label: it stands on no shelf.
    """
    return taxonomy.examples | catalogue.corrections.in_force(taxonomy.name)


def correct_tags(
    catalogue: Catalogue, taxonomy: Taxonomy, entry: Entry, labels: Sequence[str], by: str
) -> Correction:
    """Give a paper these labels, none for one that stands on no shelf.

    Raises UnknownTag for a label that the taxonomy does not have, BadInput for a name that is
    empty or too long, or a label beside one above it; nothing is kept then.
    """
    wanted = list(dict.fromkeys(taxonomy.label(label).id for label in labels))
    for label in wanted:
        below = set(taxonomy.with_descendants(label)[1:]) & set(wanted)
        if below:
            raise BadInput(f"{label} holds {', '.join(sorted(below))} already: give the finer ones")
    name = " ".join(by.split())
    if not name or len(name) > MAX_NAME_LENGTH or not name.isprintable():
        raise BadInput(f"say who corrects, in 1 to {MAX_NAME_LENGTH} printable characters")
    catalogue.tags.store_taxonomy(taxonomy.name, taxonomy.version, taxonomy.text)
    return catalogue.corrections.add(taxonomy.name, entry.number, wanted, name)
