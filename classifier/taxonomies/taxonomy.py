"""A taxonomy: a tree of labels, each with a written definition, as one TOML file."""

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

_SHIPPED = Path(__file__).parent
DEFAULT_TAXONOMY = "efficient-foundation-models"
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]*")


@dataclass(frozen=True, slots=True)
class Label:
    """A shelf: `id` as it stands in addresses, `title` as people read it.

    `includes` says what stands there in more words, a subject each; `examples` are canonical ids
    of papers that the file itself names.
    """

    id: str
    title: str
    definition: str
    parent: str | None = None
    includes: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()


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
        hint = nearest_to(label_id, [label.id for label in self.labels])
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


def nearest_to(label_id: str, known: Sequence[str]) -> str:
    """In words: the known ids that look like an unknown one."""
    return did_you_mean(label_id, known) or "see /v1/tags for all of them"


@cache
def shipped_taxonomies() -> tuple[str, ...]:
    """The names of the taxonomies that come with the program, the survey's first."""
    names = {path.stem for path in _SHIPPED.glob("*.toml")} - {DEFAULT_TAXONOMY}
    return (DEFAULT_TAXONOMY, *sorted(names))


@cache
def load_taxonomy(name: str = DEFAULT_TAXONOMY) -> Taxonomy:
    """A shipped taxonomy with the examples beside it; raises BadInput for one that is none."""
    path = _SHIPPED / f"{name}.toml"
    taxonomy = read_taxonomy(path)
    beside = path.with_suffix(".examples.jsonl")
    if not beside.exists():
        return taxonomy
    by_title = {label.title: label.id for label in taxonomy.labels}
    return replace(taxonomy, examples=taxonomy.examples | _examples(beside, by_title))


def read_taxonomy(path: Path) -> Taxonomy:
    """Read a taxonomy from a TOML file; raises BadInput as `parse_taxonomy`, or if unreadable."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"the taxonomy {path} cannot be read: {error}") from error
    return parse_taxonomy(text, str(path))


def parse_taxonomy(text: str, path: str) -> Taxonomy:
    """Make a taxonomy of TOML text; `path` says in messages where it is from.

    A title that is not there is the name or the id. Raises BadInput, naming file, line and label,
    for text that is not TOML, without a name or labels, and for a label without id or definition,
    with an empty title, an id or title that stands there twice, a parent that does not, a label
    above itself, or an example that is no id.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"the taxonomy {path} cannot be read: {error}") from error
    name = _filled(content, "name", path)
    title = _filled({"title": name} | content, "title", path)
    source = _filled(content, "source", path) if "source" in content else ""
    if not _NAME.fullmatch(name):
        raise BadInput(f"{path}: the name {name!r} must be of small letters, digits and hyphens")
    rows = content.get("labels", [])
    if not (isinstance(rows, list) and rows and all(isinstance(row, dict) for row in rows)):
        raise BadInput(f"{path}: a taxonomy has labels, each under [[labels]]")
    starts = [n for n, line in enumerate(text.splitlines(), 1) if line.strip() == "[[labels]]"]
    where = [f"{path}, line {start}" for start in starts] or [path] * len(rows)
    labels = tuple(_label(row, place) for row, place in zip(rows, where, strict=True))
    _check_tree(labels, where)
    examples: dict[str, tuple[str, ...]] = {}
    for label in labels:
        for paper_id in label.examples:
            examples[paper_id] = (*examples.get(paper_id, ()), label.id)
    return Taxonomy(name, title, source, labels, examples, text)


def _filled(row: dict[str, Any], key: str, where: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        raise BadInput(f"{where}: {key} is missing or empty")
    return value


def _label(row: dict[str, Any], where: str) -> Label:
    label_id = _filled(row, "id", where)
    named = f"{where}, label {label_id!r}"
    if not _NAME.fullmatch(label_id):
        raise BadInput(f"{named}: an id is of small letters, digits, dots and hyphens")
    title = _filled({"title": label_id} | row, "title", named)
    definition = _filled(row, "definition", named)
    parent = _filled(row, "parent", named) if "parent" in row else None
    includes = _texts(row, "includes", named)
    unknown = set(row) - {"id", "title", "definition", "parent", "includes", "examples"}
    if unknown:
        raise BadInput(f"{named}: a label has no field {min(unknown)!r}")
    examples = tuple(_example_ids(row, named))
    return Label(label_id, title, definition, parent, includes, examples)


def _texts(row: dict[str, Any], key: str, where: str) -> tuple[str, ...]:
    values = row.get(key, [])
    if not isinstance(values, list):
        raise BadInput(f"{where}: {key} is a list of texts")
    return tuple(_filled({key: value}, key, where) for value in values)


def _check_tree(labels: Sequence[Label], where: Sequence[str]) -> None:
    parents = {label.id: label.parent for label in labels}
    ids, titles = set[str](), set[str]()
    for label, place in zip(labels, where, strict=True):
        if label.id in ids:
            raise BadInput(f"{place}: the label {label.id!r} stands there twice")
        if label.title in titles:
            raise BadInput(f"{place}: two labels are called {label.title!r}")
        ids.add(label.id)
        titles.add(label.title)
        above = [label.id]
        while (parent := parents[above[-1]]) is not None:
            if parent not in parents:
                raise BadInput(
                    f"{place}: {above[-1]!r} has the parent {parent!r}, which is no label"
                )
            above.append(parent)
            if above.count(parent) > 1:
                raise BadInput(f"{place}: a label stands above itself: {' below '.join(above)}")


def _example_ids(row: dict[str, Any], where: str) -> Iterable[str]:
    for text in _texts(row, "examples", where):
        try:
            yield canonical_id(text)
        except BadIdentifier as error:
            raise BadInput(f"{where}: {error}") from error


def _examples(path: Path, by_title: dict[str, str]) -> dict[str, tuple[str, ...]]:
    examples = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        row = json.loads(line)
        unknown = [title for title in row["labels"] if title not in by_title]
        if unknown:
            raise BadInput(f"{path}, line {number}: no label is called {unknown[0]!r}")
        examples[canonical_id(row["id"])] = tuple(by_title[title] for title in row["labels"])
    return examples
