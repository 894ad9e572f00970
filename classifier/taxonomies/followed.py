"""Followed taxonomies: those in which the papers of a catalogue are tagged."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from classifier.taxonomies.taxonomy import (
    DEFAULT_TAXONOMY,
    Label,
    Taxonomy,
    bundled_taxonomies,
    load_taxonomy,
    parse_taxonomy,
    read_taxonomy,
    suggest_ids,
)
from index.catalogue.catalogue import Catalogue
from index.catalogue.tags import Tag, TagKey
from index.did_you_mean import did_you_mean
from index.errors import BadInput, UnknownTag, UnknownTaxonomy

_parsed = cache(parse_taxonomy)


class Taxonomies:
    """Several taxonomies, the default first.

    taxonomies = followed_taxonomies(catalogue)
    taxonomies.get("ponds").leaves
    for taxonomy, label in taxonomies.find("ponds/amphibians"):
        print(taxonomy.title, label.title)
    """

    def __init__(self, taxonomies: Sequence[Taxonomy]) -> None:
        self._by_name = {taxonomy.name: taxonomy for taxonomy in taxonomies}

    def __iter__(self) -> Iterator[Taxonomy]:
        return iter(self._by_name.values())

    def get(self, name: str) -> Taxonomy:
        """Return the taxonomy with this name; raises UnknownTaxonomy with the known names."""
        if name not in self._by_name:
            known = f"those in use are {', '.join(self._by_name)}"
            hint = did_you_mean(name, self._by_name) or known
            raise UnknownTaxonomy(f"no taxonomy {name!r} is in use; {hint}")
        return self._by_name[name]

    def label_of(self, tag: Tag) -> Label:
        """Return the label of a stored tag; raises UnknownTaxonomy, UnknownTag."""
        return self.get(tag.taxonomy).label(tag.label)

    def find(self, tag: str) -> list[tuple[Taxonomy, Label]]:
        """Return the labels that LABEL or TAXONOMY/LABEL names, with their taxonomies.

        LABEL may name a label in several taxonomies. Raises UnknownTag with similar ids,
        UnknownTaxonomy.
        """
        name, slash, label_id = tag.rpartition("/")
        if slash:
            taxonomy = self.get(name)
            return [(taxonomy, taxonomy.label(label_id))]
        matches = [
            (taxonomy, taxonomy.label(tag))
            for taxonomy in self
            if any(label.id == tag for label in taxonomy.labels)
        ]
        if not matches:
            known = [label.id for taxonomy in self for label in taxonomy.labels]
            raise UnknownTag(f"no label {tag!r} in any taxonomy in use: {suggest_ids(tag, known)}")
        return matches

    def tag_names(self) -> dict[str, frozenset[TagKey]]:
        """Return the keys that each name of a tag selects, those of labels below it included.

        The names are LABEL, TAXONOMY/LABEL and the title, all in lower case. A name that several
        taxonomies use selects the labels of all.
        """
        keys: dict[str, frozenset[TagKey]] = {}
        for taxonomy in self:
            for label in taxonomy.labels:
                below = frozenset(
                    (taxonomy.name, one) for one in taxonomy.with_descendants(label.id)
                )
                for name in {label.id, f"{taxonomy.name}/{label.id}", label.title}:
                    keys[name.lower()] = keys.get(name.lower(), frozenset()) | below
        return keys

    def tag_keys_below(self, tags: Iterable[str]) -> frozenset[TagKey]:
        """Return the keys of the named labels and their descendants; raises like `find`."""
        return frozenset(
            (taxonomy.name, label_id)
            for tag in tags
            for taxonomy, label in self.find(tag)
            for label_id in taxonomy.with_descendants(label.id)
        )


def followed_taxonomies(catalogue: Catalogue) -> Taxonomies:
    """Return the default taxonomy and those that `follow` added to this catalogue.

    A bundled taxonomy is read from the program's file, another one from the copy that `follow`
    stored in the catalogue.
    """
    bundled = bundled_taxonomies()
    others = [
        load_taxonomy(name) if name in bundled else _parsed(text, name)
        for name, text in catalogue.tags.followed()
    ]
    return Taxonomies([load_taxonomy(), *others])


def load_or_read(name_or_path: str) -> Taxonomy:
    """Return a bundled taxonomy by its name, or read a user's taxonomy from a file.

    Raises BadInput if there is neither, if a file uses the name of a bundled taxonomy, and like
    `read_taxonomy`.
    """
    bundled = bundled_taxonomies()
    if name_or_path in bundled:
        return load_taxonomy(name_or_path)
    if not Path(name_or_path).is_file():
        raise BadInput(
            f"{name_or_path} is neither a file nor a bundled taxonomy; bundled taxonomies: "
            f"{', '.join(bundled)}"
        )
    taxonomy = read_taxonomy(Path(name_or_path))
    if taxonomy.name in bundled:
        raise BadInput(
            f"{name_or_path}: the name {taxonomy.name!r} belongs to a bundled taxonomy: choose "
            "another name"
        )
    return taxonomy


def check_references(catalogue: Catalogue, taxonomy: Taxonomy) -> None:
    """Check that examples and corrections refer to papers and labels that exist.

    Raises BadInput for an example that is not in the catalogue, and for a correction to a label
    that this edition of the taxonomy no longer has.
    """
    own = {paper_id for label in taxonomy.labels for paper_id in label.examples}
    missing = sorted(own - catalogue.numbers_of(own).keys())
    if missing:
        label = next(label for label in taxonomy.labels if missing[0] in label.examples)
        lines = enumerate(taxonomy.text.splitlines(), 1)
        line = next((f", line {n}" for n, text in lines if missing[0] in text), "")
        raise BadInput(
            f"taxonomy {taxonomy.name}{line}, label {label.id!r}: the example {missing[0]} is not "
            f"in the catalogue: add missing papers with `seealso ingest ids {' '.join(missing)}`"
        )
    known = {label.id for label in taxonomy.labels}
    for paper_id, labels in catalogue.corrections.in_force(taxonomy.name).items():
        if gone := sorted(set(labels) - known):
            raise BadInput(
                f"taxonomy {taxonomy.name}: arXiv:{paper_id} was corrected to {gone[0]!r}, a label "
                "missing in the new version: correct the paper again first, or keep the label"
            )


def follow(catalogue: Catalogue, taxonomy: Taxonomy) -> None:
    """Tag papers in this taxonomy from now on; raises like `check_references`."""
    check_references(catalogue, taxonomy)
    catalogue.tags.store_taxonomy(taxonomy.name, taxonomy.version, taxonomy.text)
    if taxonomy.name != DEFAULT_TAXONOMY:
        labels = [label.id for label in taxonomy.labels]
        catalogue.tags.follow(taxonomy.name, taxonomy.version, labels)
