"""Outlines: sentences and words of a paper, as bytes and back."""

import hashlib
from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from index.arxiv.date_precision import DatePrecision
from index.arxiv.paper import Paper, Version
from index.arxiv.summaries.sentences import sentences
from index.catalogue.catalogue import Catalogue, open_catalogue
from index.catalogue.derived.outlines import OutlinedPaper
from index.lists.outlines.outline import (
    Outline,
    decode_outline,
    encode_outline,
    outline_form,
    outline_paper,
    outline_text,
)
from index.lists.outlines.pending import outline_pending
from index.releases.release import Release
from ingest.snapshot.records import SAMPLE, snapshot_papers
from tests.conftest import SURVEY

TITLE = r"M\"obius newts"
ABSTRACT = (
    "Newts  eat larvae\n in ponds. Code is available at https://example.org/newts. "
    r"Larvae of M\"obius newts fear herons, e.g. grey ones."
)


def decoded(content: bytes, outline: Outline, abstract: str = ABSTRACT) -> Outline | None:
    return decode_outline(content, abstract, len(outline.sets))


def sentences_with(outline: Outline, word: str) -> list[int]:
    """The places of the sentences that have a word."""
    [members] = outline.members([word], None)
    return [place for place, member in enumerate(members.tolist()) if member]


def test_an_outline_has_sentences_words_and_forms() -> None:
    outline = outline_paper(TITLE, ABSTRACT)
    line = " ".join(ABSTRACT.split())
    shown = [line[start:end] for start, end in outline.spans]
    assert shown == [one for one in sentences(ABSTRACT) if "Code" not in one]
    assert outline.lengths == [4, 7]
    assert sentences_with(outline, "newts") == [0, 1]
    assert sentences_with(outline, "ponds") == [0]
    assert sentences_with(outline, "mobius") == [1]
    assert sentences_with(outline, "code") == []  # its sentence is left out
    assert sentences_with(outline, "galaxy") == []
    assert outline.words == sorted(outline.words or [])
    assert outline.forms == {"mobius": "möbius"}


def test_a_free_text_keeps_all_its_sentences() -> None:
    assert len(outline_text(ABSTRACT).spans) == 3


def test_the_bytes_give_the_outline_back() -> None:
    for paper in islice(snapshot_papers([SAMPLE]), 400):
        outline = outline_paper(paper.title, paper.abstract)
        content = encode_outline(outline, paper.abstract)
        again = decode_outline(content, paper.abstract, len(outline.sets))
        assert again is not None
        assert [*again.spans] == [*outline.spans]
        assert [*again.lengths] == [*outline.lengths]
        np.testing.assert_array_equal(again.sets, outline.sets)
        assert again.forms == outline.forms


@pytest.mark.parametrize("count", [0, 1, 8, 9, 16, 17, 32, 33, 64])
def test_any_number_of_sentences_up_to_64_is_stored(count: int) -> None:
    abstract = " ".join(f"The newt number {place} swims." for place in range(100, 100 + count))
    outline = outline_paper("", abstract)
    assert len(outline.spans) == count
    again = decoded(encode_outline(outline, abstract), outline, abstract)
    assert again is not None
    np.testing.assert_array_equal(again.sets, outline.sets)


@pytest.mark.parametrize("abstract", ["A newt swims. " * 65, "newts and larvae " * 5_000])
def test_what_is_too_large_is_not_stored(abstract: str) -> None:
    outline = outline_paper("", abstract)
    content = encode_outline(outline, abstract)
    assert content == b""
    assert decoded(content, outline, abstract) is None


def test_an_outline_of_another_text_is_not_used() -> None:
    outline = outline_paper(TITLE, ABSTRACT)
    content = encode_outline(outline, ABSTRACT)
    assert decoded(content, outline) is not None
    assert decoded(content, outline, ABSTRACT.replace("grey", "gray")) is None
    assert decoded(content, outline_paper(f"{TITLE} and toads", ABSTRACT)) is None


def test_damaged_bytes_are_not_used() -> None:
    outline = outline_paper(TITLE, ABSTRACT)
    content = encode_outline(outline, ABSTRACT)
    for length in range(12 + 6 * 2 + len(outline.sets)):
        assert decoded(content[:length], outline) is None
    assert decoded(content[:11] + b"\x03" + content[12:], outline) is None


def test_a_change_of_outlines_changes_their_form() -> None:
    """If this fails, increase `_FORM` and correct the checksum: stored outlines are outdated."""
    found = hashlib.sha256()
    for paper in islice(snapshot_papers([SAMPLE]), 400):
        found.update(encode_outline(outline_paper(paper.title, paper.abstract), paper.abstract))
    assert (outline_form()[:2], found.hexdigest()[:16]) == ("1,", "4adc26ab2c75a1d4")


def test_update_outlines_what_is_pending(catalogue: Catalogue) -> None:
    assert catalogue.outlines.pending() == []  # the update of the fixture did it
    numbers = [catalogue.entry(SURVEY).number]
    [other] = catalogue.outlines.listed(numbers, "another form").values()
    [paper] = catalogue.outlines.listed(numbers, outline_form()).values()
    assert paper.outline
    assert replace(paper, outline=b"") == other


def test_the_words_of_a_release_fit_the_stored_outlines(
    catalogue: Catalogue, release: Release
) -> None:
    numbers = [release.number(row) for row in range(len(release.nearness))]
    stored = catalogue.outlines.listed(numbers, outline_form())
    index = release.nearness.words
    for row, number in enumerate(numbers):
        paper = catalogue.entries([number])[number].paper
        outline = outline_paper(paper.title, paper.abstract)
        terms = index.row(row).terms.tolist()
        assert [index.vocabulary[term] for term in terms] == outline.words
        assert release.text_hash(row) == paper.text_hash
        found = decode_outline(stored[number].outline, paper.abstract, index.counts.size(row))
        assert found is not None
        np.testing.assert_array_equal(found.sets, outline.sets)


def test_a_changed_text_loses_its_outline_and_other_changes_do_not(tmp_path: Path) -> None:
    paper = Paper("2401.00001", TITLE, abstract=ABSTRACT, version=1)
    with open_catalogue(tmp_path) as catalogue:
        catalogue.store([paper, Paper("2401.00002", "Toads", abstract="Toads swim.")])
        steps: list[tuple[str, int, int]] = []
        assert outline_pending(catalogue, lambda *step: steps.append(step)) == 2
        assert steps == [("outline", 0, 2), ("outline", 2, 2)]
        catalogue.store([replace(paper, doi="10.1000/1")])
        assert outline_pending(catalogue, lambda *_: None) == 0
        catalogue.store([replace(paper, version=2, abstract="Herons fly.")])
        [number] = catalogue.numbers_of([paper.id]).values()
        assert catalogue.outlines.pending() == [number]
        assert outline_pending(catalogue, lambda *_: None) == 1
        catalogue.outlines.begin_form("another form")
        assert len(catalogue.outlines.pending()) == 2


def test_listed_papers_are_those_of_the_catalogue(tmp_path: Path) -> None:
    month = Version(1, date(2024, 3, 1), DatePrecision.MONTH)
    papers = [
        *islice(snapshot_papers([SAMPLE]), 50),
        Paper("2403.99998", "Newts", submitted=month.created, version=1, versions=(month,)),
        Paper("2403.99999", "Toads"),
    ]
    with open_catalogue(tmp_path) as catalogue:
        catalogue.store(papers)
        numbers = list(catalogue.numbers_of([paper.id for paper in papers]).values())
        listed = catalogue.outlines.listed(numbers, outline_form())
        assert catalogue.outlines.listed([0, 10**9], outline_form()) == {}
        for number, entry in catalogue.entries(numbers).items():
            paper = entry.paper
            assert listed[number] == OutlinedPaper(
                number,
                paper.id,
                paper.title,
                paper.abstract,
                [*paper.authors],
                [*paper.categories],
                paper.submitted,
                paper.submitted_precision,
                entry.summary,
                paper.text_hash,
                outline=b"",
            )
    assert [one.submitted_precision for one in listed.values()][-2:] == ["month", None]
