"""Every common form of an arXiv identifier gives one canonical id; others raise an error."""

from datetime import date

import pytest

from index.arxiv.identifier import Identifier, canonical_id, month_of_id, parse_identifier
from index.errors import BadIdentifier


@pytest.mark.parametrize(
    "text",
    [
        "2401.08092",
        " 2401.08092\n",
        "arXiv:2401.08092",
        "ARXIV: 2401.08092",
        "arXiv:2401.08092 [cs.LG]",
        "https://arxiv.org/abs/2401.08092",
        "http://www.arxiv.org/abs/2401.08092/",
        "arxiv.org/pdf/2401.08092.pdf",
        "https://export.arxiv.org/html/2401.08092?context=cs#S1",
        "https://doi.org/10.48550/arXiv.2401.08092",
        "doi:10.48550/ARXIV.2401.08092",
        "oai:arXiv.org:2401.08092",
        "https%3A%2F%2Farxiv.org%2Fabs%2F2401.08092",
    ],
)
def test_every_form_gives_the_same_id(text: str) -> None:
    assert parse_identifier(text) == Identifier("2401.08092")


@pytest.mark.parametrize(
    ("text", "paper_id", "version"),
    [
        ("2401.08092v2", "2401.08092", 2),
        ("https://arxiv.org/pdf/2401.08092v12.pdf", "2401.08092", 12),
        ("hep-th/9901001v3", "hep-th/9901001", 3),
        ("0704.0001V1", "0704.0001", 1),
    ],
)
def test_a_version_is_separated_from_the_id(text: str, paper_id: str, version: int) -> None:
    assert parse_identifier(text) == Identifier(paper_id, version)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("math.GT/0309136", "math/0309136"),
        ("HEP-TH/9901001", "hep-th/9901001"),
        ("https://arxiv.org/abs/cond-mat/0703470", "cond-mat/0703470"),
        ("alg-geom/9202001", "alg-geom/9202001"),
    ],
)
def test_old_identifiers_lose_subject_class_and_capitals(text: str, canonical: str) -> None:
    assert canonical_id(text) == canonical


@pytest.mark.parametrize(
    "text",
    [
        "",
        "attention is all you need",
        "2401.8092",  # five digits since 2015
        "1412.00001",  # four digits until then
        "0703.0001",  # the old scheme was in use
        "2413.00001",  # month 13 does not exist
        "2401.00000",  # numbers start at one
        "2401.08092v0",
        "2401.08092 2402.00001",
        "hep-th/0704001",  # the new scheme was in use
        "no-such/9901001",
        "https://example.org/abs/2401.08092",
        "10.1000/2401.08092",
        "2401.٠٨٠٩٢",  # digits, but not those of an arXiv id
    ],
)
def test_anything_else_is_refused_with_the_accepted_forms(text: str) -> None:
    with pytest.raises(BadIdentifier, match=r"Accepted forms: 2401\.08092, "):
        parse_identifier(text)


def test_the_error_does_not_repeat_a_long_text() -> None:
    with pytest.raises(BadIdentifier) as refusal:
        parse_identifier("x" * 100_000)
    assert len(str(refusal.value)) < 300


@pytest.mark.parametrize(
    ("paper_id", "month"),
    [
        ("2401.08092", date(2024, 1, 1)),
        ("0704.0001", date(2007, 4, 1)),
        ("hep-th/9912001", date(1999, 12, 1)),
    ],
)
def test_the_month_of_an_id(paper_id: str, month: date) -> None:
    assert month_of_id(paper_id) == month
