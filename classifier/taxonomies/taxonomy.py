"""Taxonomy: a tree of labels, each with a definition, read from one TOML file."""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from index.arxiv.identifier import canonical_id
from index.did_you_mean import did_you_mean
from index.errors import BadIdentifier, BadInput, UnknownTag

_BUNDLED = Path(__file__).parent
_MAX_SUGGESTED = 30
DEFAULT_TAXONOMY = "efficient-foundation-models"
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]*")


@dataclass(frozen=True, slots=True)
class Label:
    """A label: `id` is used in addresses and commands, `title` is shown to people.

    `parent` is the id of the label above, None for a topmost label. `includes` are subjects that
    the label covers. `examples` are canonical ids of papers that the TOML file lists for it.
    """

    id: str
    title: str
    definition: str
    parent: str | None = None
    includes: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Taxonomy:
    """A taxonomy: labels in the order of the file, and examples (paper id to label ids).

    An example without labels is known to be out of scope. `text` is the TOML text.

        taxonomy = load_taxonomy("astrophysics")
        for section in taxonomy.children(None):
            print(section.title, [label.id for label in taxonomy.children(section.id)])
    """

    name: str
    title: str
    source: str
    labels: tuple[Label, ...]
    examples: dict[str, tuple[str, ...]]
    text: str

    @cached_property
    def version(self) -> str:
        """Hash that changes when, and only when, the text or the examples change."""
        content = json.dumps([self.text, self.examples], sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:12]

    @cached_property
    def leaves(self) -> tuple[Label, ...]:
        """The labels without children."""
        parents = {label.parent for label in self.labels}
        return tuple(label for label in self.labels if label.id not in parents)

    @cached_property
    def root(self) -> Label | None:
        """The lowest label that is above all leaves; None if there are several topmost labels."""
        root, level = None, self.children(None)
        while len(level) == 1 and (below := self.children(level[0].id)):
            root, level = level[0], below
        return root

    def label(self, label_id: str) -> Label:
        """Return the label with this id; raises UnknownTag with similar ids."""
        for label in self.labels:
            if label.id == label_id:
                return label
        hint = suggest_ids(label_id, [label.id for label in self.labels])
        raise UnknownTag(f"no label {label_id!r} in the taxonomy {self.name}: {hint}")

    def children(self, label_id: str | None) -> list[Label]:
        """Return the children of a label, or the topmost labels for None."""
        return [label for label in self.labels if label.parent == label_id]

    def with_descendants(self, label_id: str) -> list[str]:
        """Return the id of a label and the ids of all labels below it."""
        below = [self.with_descendants(child.id) for child in self.children(label_id)]
        return [label_id, *(descendant for ids in below for descendant in ids)]

    def leaves_below(self, label_ids: Iterable[str]) -> tuple[str, ...]:
        """Return the leaves among these labels and all below, each once; raises UnknownTag."""
        leaves = {leaf.id for leaf in self.leaves}
        return tuple(label for label in self.labels_below(label_ids) if label in leaves)

    def labels_below(self, label_ids: Iterable[str]) -> tuple[str, ...]:
        """Return these labels and all below, each once; raises UnknownTag."""
        below = (self.with_descendants(self.label(label_id).id) for label_id in label_ids)
        return tuple(dict.fromkeys(label_id for ids in below for label_id in ids))


def suggest_ids(label_id: str, known: Sequence[str]) -> str:
    """Return a hint for an unknown id: similar known ids, or the first 30 known ids."""
    shown = ", ".join(known[:_MAX_SUGGESTED])
    more = len(known) - _MAX_SUGGESTED
    return did_you_mean(label_id, known) or (
        f"the labels are {shown}" + (f" and {more} more" if more > 0 else "")
    )


@cache
def bundled_taxonomies() -> tuple[str, ...]:
    """Return the names of the taxonomies that are part of the program, the default first."""
    names = {path.stem for path in _BUNDLED.glob("*.toml")} - {DEFAULT_TAXONOMY}
    return (DEFAULT_TAXONOMY, *sorted(names))


@cache
def load_taxonomy(name: str = DEFAULT_TAXONOMY) -> Taxonomy:
    """Load a bundled taxonomy with the examples in its JSON lines file, if it has one.

    Raises BadInput if no bundled taxonomy has this name.
    """
    path = _BUNDLED / f"{name}.toml"
    taxonomy = read_taxonomy(path)
    examples_path = path.with_suffix(".examples.jsonl")
    if not examples_path.exists():
        return taxonomy
    by_title = {label.title: label.id for label in taxonomy.labels}
    return replace(taxonomy, examples=taxonomy.examples | _read_examples(examples_path, by_title))


def read_taxonomy(path: Path) -> Taxonomy:
    """Read a taxonomy from a TOML file; raises BadInput like `parse_taxonomy`, or if unreadable."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"the taxonomy {path} cannot be read: {error}") from error
    return parse_taxonomy(text, str(path))


def parse_taxonomy(text: str, path: str) -> Taxonomy:
    """Parse a taxonomy from TOML text; `path` is its origin, for error messages.

    A missing title defaults to the name or id. Raises BadInput, with file, line and label, for text
    that is not TOML; for a missing name, no labels, a label without id or definition, or an empty
    title; for an unknown field; for an id or title that is used twice; for an unknown parent or a
    cycle; and for an example that is not an arXiv identifier.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"the taxonomy {path} cannot be read: {error}") from error
    name = _required(content, "name", path)
    title = _required({"title": name} | content, "title", path)
    source = _required(content, "source", path) if "source" in content else ""
    if not _NAME.fullmatch(name):
        raise BadInput(
            f"{path}: the name {name!r} must consist of lower-case letters, digits, dots and "
            "hyphens"
        )
    rows = content.get("labels", [])
    if not (isinstance(rows, list) and rows and all(isinstance(row, dict) for row in rows)):
        raise BadInput(f"{path}: a taxonomy needs labels, each in a table [[labels]]")
    starts = [n for n, line in enumerate(text.splitlines(), 1) if line.strip() == "[[labels]]"]
    where = [f"{path}, line {start}" for start in starts] or [path] * len(rows)
    labels = tuple(_label(row, place) for row, place in zip(rows, where, strict=True))
    _check_tree(labels, where)
    examples: dict[str, tuple[str, ...]] = {}
    for label in labels:
        for paper_id in label.examples:
            examples[paper_id] = (*examples.get(paper_id, ()), label.id)
    return Taxonomy(name, title, source, labels, examples, text)


def _required(row: dict[str, Any], key: str, where: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        raise BadInput(f"{where}: {key} is missing or empty")
    return value


def _label(row: dict[str, Any], where: str) -> Label:
    label_id = _required(row, "id", where)
    named = f"{where}, label {label_id!r}"
    if not _NAME.fullmatch(label_id):
        raise BadInput(
            f"{named}: an id must consist of lower-case letters, digits, dots and hyphens"
        )
    title = _required({"title": label_id} | row, "title", named)
    definition = _required(row, "definition", named)
    parent = _required(row, "parent", named) if "parent" in row else None
    includes = _texts(row, "includes", named)
    unknown = set(row) - {"id", "title", "definition", "parent", "includes", "examples"}
    if unknown:
        raise BadInput(f"{named}: unknown field of a label: {min(unknown)!r}")
    examples = tuple(_example_ids(row, named))
    return Label(label_id, title, definition, parent, includes, examples)


def _texts(row: dict[str, Any], key: str, where: str) -> tuple[str, ...]:
    values = row.get(key, [])
    if not isinstance(values, list):
        raise BadInput(f"{where}: {key} must be a list of strings")
    return tuple(_required({key: value}, key, where) for value in values)


def _check_tree(labels: Sequence[Label], where: Sequence[str]) -> None:
    parents = {label.id: label.parent for label in labels}
    ids, titles = set[str](), set[str]()
    for label, place in zip(labels, where, strict=True):
        if label.id in ids:
            raise BadInput(f"{place}: the label id {label.id!r} is used twice")
        if label.title in titles:
            raise BadInput(f"{place}: two labels have the title {label.title!r}")
        ids.add(label.id)
        titles.add(label.title)
        above = [label.id]
        while (parent := parents[above[-1]]) is not None:
            if parent not in parents:
                raise BadInput(
                    f"{place}: {above[-1]!r} has the parent {parent!r}, which is not a label"
                )
            above.append(parent)
            if above.count(parent) > 1:
                raise BadInput(f"{place}: a label is its own ancestor: {' below '.join(above)}")


def _example_ids(row: dict[str, Any], where: str) -> Iterable[str]:
    for text in _texts(row, "examples", where):
        try:
            yield canonical_id(text)
        except BadIdentifier as error:
            raise BadInput(f"{where}: {error}") from error


def _read_examples(path: Path, by_title: dict[str, str]) -> dict[str, tuple[str, ...]]:
    examples = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        row = json.loads(line)
        unknown = [title for title in row["labels"] if title not in by_title]
        if unknown:
            raise BadInput(f"{path}, line {number}: no label has the title {unknown[0]!r}")
        examples[canonical_id(row["id"])] = tuple(by_title[title] for title in row["labels"])
    return examples
