"""The taxonomies that a catalogue files papers in: the survey's, and those trained beside it."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from classifier.taxonomies.taxonomy import (
    DEFAULT_TAXONOMY,
    Label,
    Taxonomy,
    load_taxonomy,
    nearest_to,
    parse_taxonomy,
    read_taxonomy,
    shipped_taxonomies,
)
from index.catalogue.catalogue import Catalogue
from index.catalogue.tags import Tag, TagKey
from index.did_you_mean import did_you_mean
from index.errors import BadInput, UnknownTag, UnknownTaxonomy

_parsed = cache(parse_taxonomy)


class Taxonomies:
    """Taxonomies side by side, the survey's first."""

    def __init__(self, taxonomies: Sequence[Taxonomy]) -> None:
        self._by_name = {taxonomy.name: taxonomy for taxonomy in taxonomies}

    def __iter__(self) -> Iterator[Taxonomy]:
        return iter(self._by_name.values())

    def named(self, name: str) -> Taxonomy:
        """The taxonomy of a name; raises UnknownTaxonomy with those that there are."""
        if name not in self._by_name:
            hint = (
                did_you_mean(name, self._by_name) or f"those that are: {', '.join(self._by_name)}"
            )
            raise UnknownTaxonomy(f"no taxonomy {name!r} is followed here; {hint}")
        return self._by_name[name]

    def label_of(self, tag: Tag) -> Label:
        """The label that a stored tag names; raises UnknownTaxonomy, UnknownTag."""
        return self.named(tag.taxonomy).label(tag.label)

    def found(self, tag: str) -> list[tuple[Taxonomy, Label]]:
        """Where a label stands, written LABEL or TAXONOMY/LABEL.

        Raises UnknownTag with the nearest known ids, UnknownTaxonomy.
        """
        name, slash, label_id = tag.rpartition("/")
        if slash:
            taxonomy = self.named(name)
            return [(taxonomy, taxonomy.label(label_id))]
        holding = [
            (taxonomy, taxonomy.label(tag))
            for taxonomy in self
            if any(label.id == tag for label in taxonomy.labels)
        ]
        if not holding:
            known = [label.id for taxonomy in self for label in taxonomy.labels]
            raise UnknownTag(f"no tag {tag!r} in any taxonomy here: {nearest_to(tag, known)}")
        return holding

    def tag_keys_below(self, tags: Iterable[str]) -> frozenset[TagKey]:
        """The shelves that these tags name and all below them; raises as `found`."""
        return frozenset(
            (taxonomy.name, label_id)
            for tag in tags
            for taxonomy, label in self.found(tag)
            for label_id in taxonomy.with_descendants(label.id)
        )


def followed_taxonomies(catalogue: Catalogue) -> Taxonomies:
    """The survey's taxonomy and those that this catalogue was told to follow, by name.

    A shipped one is as the program has it, another as it was when `follow` took it.
    """
    shipped = shipped_taxonomies()
    others = [
        load_taxonomy(name) if name in shipped else _parsed(text, name)
        for name, text in catalogue.tags.followed()
    ]
    return Taxonomies([load_taxonomy(), *others])


def named_or_read(wanted: str) -> Taxonomy:
    """A shipped taxonomy by its name, or one of the user's from its file.

    Raises BadInput for a file that is none, and as `read_taxonomy`.
    """
    shipped = shipped_taxonomies()
    if wanted in shipped:
        return load_taxonomy(wanted)
    if not Path(wanted).is_file():
        raise BadInput(
            f"{wanted} is neither a file nor a shipped taxonomy; shipped are: {', '.join(shipped)}"
        )
    taxonomy = read_taxonomy(Path(wanted))
    if taxonomy.name in shipped:
        raise BadInput(
            f"{wanted}: the name {taxonomy.name!r} is that of a shipped taxonomy: choose another"
        )
    return taxonomy


def check_against(catalogue: Catalogue, taxonomy: Taxonomy) -> None:
    """Refuse a taxonomy whose own examples, or whose papers' corrections, hang in the air.

    Raises BadInput naming an example that the catalogue does not hold, or a corrected paper whose
    label this edition has no more.
    """
    own = {paper_id for label in taxonomy.labels for paper_id in label.examples}
    missing = sorted(own - catalogue.numbers_of(own).keys())
    if missing:
        label = next(label for label in taxonomy.labels if missing[0] in label.examples)
        lines = enumerate(taxonomy.text.splitlines(), 1)
        line = next((f", line {n}" for n, text in lines if missing[0] in text), "")
        raise BadInput(
            f"taxonomy {taxonomy.name}{line}, label {label.id!r}: the example {missing[0]} is not "
            f"in the catalogue: `seealso ingest ids {' '.join(missing)}` brings in all that are not"
        )
    known = {label.id for label in taxonomy.labels}
    for paper_id, labels in catalogue.corrections.in_force(taxonomy.name).items():
        if gone := sorted(set(labels) - known):
            raise BadInput(
                f"taxonomy {taxonomy.name}: arXiv:{paper_id} was corrected to {gone[0]!r}, which "
                "this edition has no more: correct that paper again first, or keep the label"
            )


def follow(catalogue: Catalogue, taxonomy: Taxonomy) -> None:
    """File papers in this taxonomy from now on; raises as `check_against`."""
    check_against(catalogue, taxonomy)
    catalogue.tags.store_taxonomy(taxonomy.name, taxonomy.version, taxonomy.text)
    if taxonomy.name != DEFAULT_TAXONOMY:
        labels = [label.id for label in taxonomy.labels]
        catalogue.tags.follow(taxonomy.name, taxonomy.version, labels)
