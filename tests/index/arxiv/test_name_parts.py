"""Parts of names: as a source gives them, and guessed."""

import pytest

from index.arxiv.name_parts import NameParts, given_parts, guess_parts, is_group, name_key

GUESSES = {  # name: (given, family, suffix)
    "Gabriel García Márquez": ("Gabriel García", "Márquez", ""),
    "Agathe Le Roux": ("Agathe", "Le Roux", ""),
    "Laurens van der Maaten": ("Laurens", "van der Maaten", ""),
    "Wim Van Den Broeck": ("Wim", "Van Den Broeck", ""),
    "Juan de la Cruz": ("Juan", "de la Cruz", ""),
    "JUAN DE LA CRUZ": ("JUAN", "DE LA CRUZ", ""),
    "Nicolò Dell'Unto": ("Nicolò", "Dell'Unto", ""),
    "Guido von der Malsburg": ("Guido", "von der Malsburg", ""),
    "Aisha Al Hassan": ("Aisha", "Al Hassan", ""),
    "Omar bin Said": ("Omar", "bin Said", ""),
    "Sean O' Connor": ("Sean", "O' Connor", ""),
    "Guido 't Hooft": ("Guido", "'t Hooft", ""),
    "Santiago Ramón y Cajal": ("Santiago", "Ramón y Cajal", ""),
    "Pedro Costa e Silva": ("Pedro", "Costa e Silva", ""),
    "B. Bee Jr": ("B.", "Bee", "Jr"),
    "Ludwig van Berg, Jr.": ("Ludwig", "van Berg", "Jr."),
    "Henry James III": ("Henry", "James", "III"),
    "A. B. Smith V": ("A. B.", "Smith", "V"),
    "Ramesh V": ("Ramesh", "V", ""),  # an initial, not a suffix
    "Kiet Van Nguyễn": ("Kiet Van", "Nguyễn", ""),
    "Al Gore": ("Al", "Gore", ""),  # a particle does not begin a whole name
    "Di Wang": ("Di", "Wang", ""),
    "de Sitter": ("", "de Sitter", ""),
    "Hinton, G. E.": ("G. E.", "Hinton", ""),
    "García Márquez, Gabriel": ("Gabriel", "García Márquez", ""),
    "john smith": ("john", "smith", ""),
    "Jeonghoon Kim et al.": ("Jeonghoon", "Kim", ""),
    "Plato": ("", "Plato", ""),
    "张伟": ("", "张伟", ""),
    "": ("", "", ""),
    "Ada Lovelace ,": ("Ada", "Lovelace", ""),
    " , ,": ("", "", ""),
}


@pytest.mark.parametrize("name", GUESSES)
def test_parts_are_guessed_from_a_name(name: str) -> None:
    given, family, suffix = GUESSES[name]
    assert guess_parts(name) == NameParts(family, given, suffix, is_guess=True)


@pytest.mark.parametrize(
    "name",
    [
        "ATLAS Collaboration",
        "the LIGO Scientific Collaboration",
        "H1 and ZEUS Collaborations",
        "Qwen Team",
        "Human Genome Consortium",
        "Event Horizon Telescope Project",
        "Particle Data Group",
        "National Astronomical Observatory",
    ],
)
def test_a_group_is_not_split(name: str) -> None:
    assert is_group(name)
    assert guess_parts(name) == NameParts(name, is_guess=True)


@pytest.mark.parametrize("name", ["Grace Groupe", "Ann Teamer", "Peter Networker", "J. Ober"])
def test_a_person_is_no_group(name: str) -> None:
    assert not is_group(name)


def test_given_parts_are_kept() -> None:
    assert given_parts("García Márquez", "Gabriel", "") == NameParts("García Márquez", "Gabriel")
    assert given_parts("Roux", "Agathe Le", "") == NameParts("Roux", "Agathe Le")
    assert given_parts("", "Plato", "") == NameParts("Plato")
    assert given_parts("Collaboration", "ATLAS", "") == NameParts("ATLAS Collaboration")


def test_a_name_is_inverted_only_if_its_parts_are_given() -> None:
    assert NameParts("King", "Martin Luther", "Jr.").inverted == "King, Martin Luther Jr."
    assert guess_parts("Martin King").inverted == "Martin King"
    assert NameParts("ATLAS Collaboration").inverted == "ATLAS Collaboration"


def test_names_that_differ_in_signs_only_have_the_same_key() -> None:
    keys = {name_key(name) for name in ("E. L. Bérger", "E.L. BERGER", "E.-L. Berger")}
    assert len(keys) == 1
    assert name_key("E. Berger") not in keys
