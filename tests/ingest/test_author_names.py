"""Author lines of every kind, and lists of authors, become names and their parts."""

import pytest

from index.arxiv.name_parts import NameParts
from ingest.author_names import author_names, listed_authors, split_authors

LINES = {
    # A parenthesis that is not closed ends with its name.
    "A. One (Uni X": ("A. One",),
    "A. One (Uni X, B. Two": ("A. One", "B. Two"),
    "A. One (Uni X, B. Two (Uni Y), C. Three": ("A. One", "B. Two", "C. Three"),
    "A. One (Uni (X, Y), B. Two and C. Three": ("A. One", "B. Two", "C. Three"),
    "A. One (Uni X and B. Two": ("A. One", "B. Two"),
    "A. One ((1), B. Two (2), C. Three": ("A. One", "B. Two", "C. Three"),
    "A. One (1), B. Two (2) ((1) Uni X, (2) Uni Y": ("A. One", "B. Two"),
    "A. One Uni X), B. Two": ("A. One Uni X", "B. Two"),
    "Volker (Bonn U.) Burkert": ("Volker Burkert",),
    # Nobody.
    "A. One et al.": ("A. One",),
    "A. One, B. Two, et. al": ("A. One", "B. Two"),
    "A. One et al (100 additional authors not shown)": ("A. One",),
    "A. One, 100 additional authors not shown": ("A. One",),
    "A. One and 12 others": ("A. One",),
    "A. One, and 1,024 more authors": ("A. One",),
    "A. One, 25 co-authors": ("A. One",),
    "A. One + 12 more": ("A. One",),
    "A. One and others": ("A. One",),
    "A. One, ...": ("A. One",),
    "12 authors": (),
    "A. One, , B. Two, and": ("A. One", "B. Two"),
    "Thomas More, Al Gore, Sven Others": ("Thomas More", "Al Gore", "Sven Others"),
    # Ampersands.
    r"A. One \& B. Tw\'o": ("A. One", "B. Twó"),
    r"A. One & B. Tw\'o": ("A. One", "B. Twó"),
    "A. One, & B. Two": ("A. One", "B. Two"),
    r"AT\&T Labs Team, B. Two": ("AT&T Labs Team", "B. Two"),
    # Groups.
    "ATLAS Collaboration": ("ATLAS Collaboration",),
    "for the X Collaboration: A. One": ("X Collaboration", "A. One"),
    "A. One, on behalf of the CMS Collaboration": ("A. One", "CMS Collaboration"),
    "A. One for the LHCb collaboration": ("A. One", "LHCb collaboration"),
    "the LIGO Scientific Collaboration and the Virgo Collaboration": (
        "the LIGO Scientific Collaboration",
        "the Virgo Collaboration",
    ),
    "H1 and ZEUS Collaborations: A. One": ("H1 and ZEUS Collaborations", "A. One"),
    "A. One et al. for the CMS Collaboration": ("A. One", "CMS Collaboration"),
    "10 authors from the X Collaboration": ("X Collaboration",),
    "Center for the Study of X Group": ("Center for the Study of X Group",),
    "(ATLAS Collaboration)": ("ATLAS Collaboration",),
    "A. One, for the H1 and ZEUS Collaborations": ("A. One", "H1 and ZEUS Collaborations"),
    "A. One et al. [X Collaboration]": ("A. One",),
    "The D$^0$ Collaboration": ("The D$^0$ Collaboration",),
    # Footnotes and marks.
    "A. One$^{1,2}$, B. Two$^\\dagger$ and C. Three$^{3}$": ("A. One", "B. Two", "C. Three"),
    r"A. One\textsuperscript{1,2}, B. Two\thanks{For X, Y}": ("A. One", "B. Two"),
    "A. One [1], B. Two [2,3], C. Three*": ("A. One", "B. Two", "C. Three"),
    "A. One¹,², B. Two†": ("A. One", "B. Two"),
    "A. One^1, B. Two^{2,3}, C. Three <c@x.example>": ("A. One", "B. Two", "C. Three"),
    r"A. One\inst{1}\orcidlink{0000-0001} \and B. Two\email{b@x.example}": ("A. One", "B. Two"),
    "[A. One, B. Two and, C. Three]": ("A. One", "B. Two", "C. Three"),
    "A. One, deceased, B. Two": ("A. One", "B. Two"),
    # Suffixes and others.
    "B. Two, Jr., C. Three III, D. Four, Ph.D.": ("B. Two Jr.", "C. Three III", "D. Four Ph.D."),
    "A. One, with an appendix by B. Two": ("A. One", "B. Two"),
    "A. One with appendices by B. Two and C. Three": ("A. One", "B. Two", "C. Three"),
    "A. One. Appendix by B. Two": ("A. One", "B. Two"),
    r"\mbox{O'Connor}, \texttt{A. Two}, \textsf{B} Three": ("O'Connor", "A. Two", "B Three"),
    r"Zal\xE1n One, \u0142ukasz Two, \ud83d Three": ("Zalán One", "łukasz Two", "83d Three"),
    r"\href{https://a.example/x,(y)}{A. One}, B. Two": ("A. One", "B. Two"),
}


@pytest.mark.parametrize("line", LINES)
def test_a_line_becomes_names(line: str) -> None:
    assert author_names(line) == LINES[line]


def test_a_list_becomes_names_and_parts() -> None:
    names, parts = split_authors(
        [
            ("García Márquez", "Gabriel", ""),
            (r"Erd\H{o}s", "and P.", ""),
            ("King", "Martin Luther", "Jr."),
            ("Collaboration", "for the ATLAS", ""),
            ("Shi", "Ensheng", "et al."),
            ("Plato",),
            ("al.", "et", ""),
            ("others", "12", ""),
            ("Zhang†", "Yi*", ""),
            ("al.", "A. van der One et", ""),
            ("Three]", "[Ada\\ \\", ""),
            ("Two", "Appendix by B.", ""),
        ]
    )
    assert names == (
        "Gabriel García Márquez",
        "P. Erdős",
        "Martin Luther King Jr.",
        "ATLAS Collaboration",
        "Ensheng Shi",
        "Plato",
        "Yi Zhang",
        "A. van der One",
        "Ada Three",
        "B. Two",
    )
    assert parts == (
        NameParts("García Márquez", "Gabriel"),
        NameParts("Erdős", "P."),
        NameParts("King", "Martin Luther", "Jr."),
        NameParts("ATLAS Collaboration"),
        NameParts("Shi", "Ensheng"),
        NameParts("Plato"),
        NameParts("Zhang", "Yi"),
        NameParts("van der One", "A.", is_guess=True),
        NameParts("Three", "Ada"),
        NameParts("Two", "B."),
    )


def test_names_of_the_query_api_are_single_authors() -> None:
    names = [
        "A. One et al.",
        "et al.",
        "12 authors",
        "on behalf of the CMS Collaboration",
        "B\n Two (Uni",
    ]
    assert listed_authors(names) == ("A. One", "CMS Collaboration", "B Two")


@pytest.mark.parametrize("piece", ["(", "(a", "((1", "et al ", r"\thanks{{}", "$^", "with 1 a "])
def test_a_hostile_line_of_any_length_is_read_without_deep_recursion(piece: str) -> None:
    assert isinstance(author_names(f"A. One, {piece * 20_000}"), tuple)
