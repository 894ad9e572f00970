"""Abstracts that a tagger can judge, and the reasons given for the others."""

from pathlib import Path

import pytest

from classifier.readable import unreadable_reason
from index.arxiv.paper import Paper
from index.catalogue.catalogue import Catalogue, open_catalogue
from tests.conftest import Seealso

FRENCH = (
    "Nous présentons une méthode nouvelle pour réduire la taille des modèles de langue, fondée sur "
    "une quantification des poids et une distillation. Nos résultats montrent que la perte de "
    "précision est faible, et que le modèle tient sur un téléphone."
)
ENGLISH = (
    "We quantize the weights of large language models to four bits, so that a language model of "
    "seven billion parameters runs on a phone with next to no loss of accuracy."
)
JAPANESE = "本稿では、大規模言語モデルの重みを四ビットに量子化する新しい手法を提案する。"


@pytest.mark.parametrize(
    ("abstract", "reason"),
    [
        ("", "its abstract has 0 words, but at least 10 are needed"),
        ("Withdrawn", "its abstract has 1 word, but at least 10 are needed"),
        (JAPANESE, "but at least 10 are needed"),
        (FRENCH, "does not seem to be in English: 0 of its"),
        (ENGLISH, None),
    ],
    ids=["empty", "one word", "Japanese", "French", "English"],
)
def test_a_short_or_foreign_abstract_is_unreadable_for_a_reason(
    abstract: str, reason: str | None
) -> None:
    found = unreadable_reason(abstract)
    assert found is None if reason is None else reason in str(found)


def test_every_abstract_of_the_sample_is_readable(catalogue: Catalogue) -> None:
    entries = catalogue.entries(range(1, catalogue.count() + 1)).values()
    abstracts = [entry.paper.abstract for entry in entries if entry.paper.abstract]
    assert len(abstracts) > 100
    assert [abstract for abstract in abstracts if unreadable_reason(abstract)] == []


def test_only_papers_with_a_readable_abstract_are_tagged(
    built_data_copy: Path, seealso: Seealso
) -> None:
    """All papers have the same title; their abstracts are English, French, empty and too short."""
    title = "Quantization of large language models to four bits for phones"
    texts = {"2601.00001": ENGLISH, "2601.00002": FRENCH, "2601.00003": "", "2601.00004": "Gone"}
    papers = [Paper(id=key, title=title, abstract=text) for key, text in texts.items()]
    with open_catalogue(built_data_copy) as catalogue:
        catalogue.store(papers)
    seealso(built_data_copy, "update")
    shown = {
        paper_id: seealso(built_data_copy, "tags", "show", paper_id).stdout for paper_id in texts
    }
    assert "[model-compression]" in shown["2601.00001"]
    assert "does not seem to be in English" in shown["2601.00002"]
    assert "its abstract has 0 words" in shown["2601.00003"]
    assert "its abstract has 1 word," in shown["2601.00004"]
