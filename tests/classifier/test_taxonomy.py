"""Taxonomies read from files: the tree of labels, and errors for invalid files."""

from pathlib import Path

import pytest

from classifier.taxonomies.taxonomy import load_taxonomy, read_taxonomy
from index.errors import BadInput

HEAD = 'name = "ponds"\ntitle = "Ponds"\nsource = "none"\n'


def label(label_id: str, *more: str, definition: str = "Pond animals.") -> str:
    fields = (f'id = "{label_id}"', f'title = "{label_id.title()}"', f'definition = "{definition}"')
    return "\n".join(["[[labels]]", *fields, *more, ""])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ponds.toml"


def test_a_tree_of_any_depth_in_any_order(file: Path) -> None:
    newts = label("newts", 'parent = "amphibians"', 'examples = ["2401.08092v2", "hep-th/9901001"]')
    frogs = label("frogs", 'parent = "amphibians"', 'includes = ["Frogs", "Toads"]')
    animals, middle = label("animals"), label("amphibians", 'parent = "animals"')
    file.write_text(HEAD + newts + frogs + middle + animals)
    taxonomy = read_taxonomy(file)
    assert [leaf.id for leaf in taxonomy.leaves] == ["newts", "frogs"]
    assert taxonomy.with_descendants("animals") == ["animals", "amphibians", "newts", "frogs"]
    assert taxonomy.examples == {"2401.08092": ("newts",), "hep-th/9901001": ("newts",)}
    assert taxonomy.label("frogs").includes == ("Frogs", "Toads")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD + label("newts") + label("newts"), "line 8: the label id 'newts' is used twice"),
        (
            HEAD + label("newts") + label("efts").replace("Efts", "Newts"),
            "line 8: two labels have the title 'Newts'",
        ),
        (
            HEAD + label("newts", 'parent = "pond"'),
            "line 4: 'newts' has the parent 'pond', which is not a label",
        ),
        (
            HEAD + label("a", 'parent = "b"') + label("b", 'parent = "a"'),
            "line 4: a label is its own ancestor: a below b below a",
        ),
        (HEAD + label("a", 'parent = "a"'), "a below a"),
        (HEAD + label("newts", definition="  "), "label 'newts': definition is missing or empty"),
        (HEAD + "[[labels]]\ntitle = 'Newts'\n", "line 4: id is missing or empty"),
        (HEAD + label("Newts"), "an id must consist of lower-case letters"),
        (HEAD + label("newts", 'examples = ["nonsense"]'), "line 4, label 'newts': "),
        (HEAD + label("newts", 'examples = "2401.08092"'), "examples must be a list of strings"),
        (HEAD + label("newts", "includes = [1]"), "includes is missing or empty"),
        (HEAD + label("newts", 'parents = "a"'), "unknown field of a label: 'parents'"),
        (HEAD, "a taxonomy needs labels"),
        (HEAD + "labels = 3\n", "a taxonomy needs labels"),
        (label("newts"), "name is missing or empty"),
        (HEAD.replace("ponds", "My Ponds") + label("newts"), "the name 'My Ponds' must consist"),
        (HEAD + "[[labels]\n", "line 4"),
    ],
)
def test_an_invalid_taxonomy_is_refused_with_file_line_and_label(
    file: Path, text: str, message: str
) -> None:
    file.write_text(text)
    with pytest.raises(BadInput) as refused:
        read_taxonomy(file)
    assert str(file) in str(refused.value)
    assert message in str(refused.value)


def test_a_missing_or_binary_file_is_refused(file: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        read_taxonomy(file)
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(BadInput, match="cannot be read"):
        read_taxonomy(file)


def test_the_bundled_taxonomy_has_its_examples() -> None:
    taxonomy = load_taxonomy()
    assert len(taxonomy.leaves) == 15
    assert all(leaf.includes for leaf in taxonomy.leaves)
    assert taxonomy.examples["1706.03762"] == ("language-foundation-models",)
