"""A taxonomy: a tree of labels, each with a written definition, as one TOML file."""

import hashlib
import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from index.errors import BadInput, UnknownTag
from index.identifier import canonical_id

_SHIPPED = Path(__file__).parent / "taxonomies"
DEFAULT_TAXONOMY = "efficient-foundation-models"


@dataclass(frozen=True, slots=True)
class Label:
    """A shelf: `id` as it stands in addresses, `title` as people read it.

    `includes` says what stands there in more words, a subject each.
    """

    id: str
    title: str
    definition: str
    parent: str | None = None
    includes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Taxonomy:
    """Labels in the order of the file, and labelled examples: paper id to leaf ids.

    An example without labels is known to stand on no shelf.
    """

    name: str
    title: str
    source: str
    labels: tuple[Label, ...]
    examples: dict[str, tuple[str, ...]]
    text: str

    @cached_property
    def version(self) -> str:
        """Changes when, and only when, labels or examples do."""
        content = json.dumps([self.text, self.examples], sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:12]

    @cached_property
    def leaves(self) -> tuple[Label, ...]:
        """The labels that have none below them."""
        parents = {label.parent for label in self.labels}
        return tuple(label for label in self.labels if label.id not in parents)

    def label(self, label_id: str) -> Label:
        """The label of an id; raises UnknownTag with the nearest known ids."""
        for label in self.labels:
            if label.id == label_id:
                return label
        import difflib

        close = difflib.get_close_matches(label_id, [label.id for label in self.labels])
        hint = f"did you mean {' or '.join(close)}?" if close else "see /v1/tags for all of them"
        raise UnknownTag(f"no tag {label_id!r} in the taxonomy {self.name}: {hint}")

    def children(self, label_id: str | None) -> list[Label]:
        """The labels directly below one, or the topmost for None."""
        return [label for label in self.labels if label.parent == label_id]

    def with_descendants(self, label_id: str) -> list[str]:
        """The label's own id and those of all below it."""
        below = [self.with_descendants(child.id) for child in self.children(label_id)]
        return [label_id, *(found for ids in below for found in ids)]

    def leaves_below(self, label_ids: Iterable[str]) -> tuple[str, ...]:
        """The leaves among these labels and all below them, each once; raises UnknownTag."""
        leaves = {leaf.id for leaf in self.leaves}
        return tuple(label for label in self.labels_below(label_ids) if label in leaves)

    def labels_below(self, label_ids: Iterable[str]) -> tuple[str, ...]:
        """These labels and all below them, each once; raises UnknownTag."""
        below = (self.with_descendants(self.label(label_id).id) for label_id in label_ids)
        return tuple(dict.fromkeys(label_id for ids in below for label_id in ids))


@cache
def load_taxonomy(name: str = DEFAULT_TAXONOMY) -> Taxonomy:
    """Read a shipped taxonomy and its examples; raises BadInput for one that makes no sense."""
    path = _SHIPPED / f"{name}.toml"
    try:
        text = path.read_text(encoding="utf-8")
        content = tomllib.loads(text)
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise BadInput(f"the taxonomy {path} cannot be read: {error}") from error
    labels = _labels(path, content.get("labels", []))
    by_title = {label.title: label.id for label in labels}
    return Taxonomy(
        name=str(content["name"]),
        title=str(content["title"]),
        source=str(content["source"]),
        labels=labels,
        examples=_examples(path.with_suffix(".examples.jsonl"), by_title),
        text=text,
    )


def _labels(path: Path, rows: Iterable[dict[str, Any]]) -> tuple[Label, ...]:
    labels: list[Label] = []
    for row in rows:
        try:
            label = Label(
                row["id"],
                row["title"],
                row["definition"],
                row.get("parent"),
                tuple(row.get("includes", ())),
            )
        except KeyError as error:
            raise BadInput(f"{path}: the label {row.get('id', row)!r} has no {error}") from error
        earlier = {known.id for known in labels}
        if label.id in earlier:
            raise BadInput(f"{path}: the label {label.id!r} stands there twice")
        if label.parent is not None and label.parent not in earlier:
            raise BadInput(f"{path}: the parent {label.parent!r} of {label.id!r} must come first")
        labels.append(label)
    return tuple(labels)


def _examples(path: Path, by_title: dict[str, str]) -> dict[str, tuple[str, ...]]:
    examples = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        row = json.loads(line)
        unknown = [title for title in row["labels"] if title not in by_title]
        if unknown:
            raise BadInput(f"{path}, line {number}: no label is called {unknown[0]!r}")
        examples[canonical_id(row["id"])] = tuple(by_title[title] for title in row["labels"])
    return examples
