"""Names that the sources of the sample damaged."""

import pytest

from scripts.sample.source import Paper, paper_of, with_repaired_names, with_split_names


def paper_by(authors: str) -> Paper:
    return {**paper_of("2401.00001", [{
        "title": "A title", "arxiv_id": "2401.00001", "taxonomy_path": [], "abstract": "Text.",
        "authors": None, "categories": None, "published": None,
    }]), "authors": authors}  # fmt: skip


@pytest.mark.parametrize(
    ("authors", "repaired", "parsed"),
    [
        ("[qinghao Ye, haiyang Xu]", "Qinghao Ye, Haiyang Xu", ["Ye", "Qinghao", ""]),
        ("[' Openai, josh Achiam]", "Openai, Josh Achiam", ["Openai", "", ""]),
        (r"Caio C\xE9sar Mendes", "Caio César Mendes", ["Mendes", "Caio César", ""]),
        (r"Allie\ \ del Giorno", "Allie del Giorno", ["del Giorno", "Allie", ""]),
        ("Sheng Shen et al.", "Sheng Shen et al.", ["Shen", "Sheng", ""]),
    ],
)
def test_damaged_names_are_repaired(authors: str, repaired: str, parsed: list[str]) -> None:
    paper = with_repaired_names(paper_by(authors))
    assert paper["authors"] == repaired
    assert paper["authors_parsed"][0] == parsed


def test_names_are_split_with_their_particles() -> None:
    paper = paper_by("Sara van de Geer")
    last_word: Paper = {**paper, "authors_parsed": [["Geer", "Sara van de", ""]]}
    assert with_split_names(last_word)["authors_parsed"] == [["van de Geer", "Sara", ""]]


@pytest.mark.parametrize("authors", ["", "Ludwig van Beethoven, J. O'Neill", "the LIGO Group"])
def test_other_names_are_kept(authors: str) -> None:
    paper = paper_by(authors)
    assert with_repaired_names(paper) is paper
