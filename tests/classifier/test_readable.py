"""Which abstracts a tagger judges at all, and what is said of the others."""

from pathlib import Path

import pytest

from classifier.readable import why_unreadable
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
    ("abstract", "said"),
    [
        ("", "its abstract has 0 words, too few to tell"),
        ("Withdrawn", "its abstract has 1 word, too few to tell"),
        (JAPANESE, "too few to tell"),
        (FRENCH, "does not look like English: 0 of its"),
        (ENGLISH, None),
    ],
    ids=["empty", "one word", "Japanese", "French", "English"],
)
def test_what_cannot_be_judged_is_told_why(abstract: str, said: str | None) -> None:
    found = why_unreadable(abstract)
    assert found is None if said is None else said in str(found)


def test_every_abstract_of_the_sample_can_be_judged(catalogue: Catalogue) -> None:
    entries = catalogue.entries(range(1, catalogue.count() + 1)).values()
    abstracts = [entry.paper.abstract for entry in entries if entry.paper.abstract]
    assert len(abstracts) > 100
    assert [abstract for abstract in abstracts if why_unreadable(abstract)] == []


def test_only_what_can_be_judged_is_tagged(built_data_copy: Path, seealso: Seealso) -> None:
    """The same title stands over an English abstract, over a French one, and over none."""
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
    assert "does not look like English" in shown["2601.00002"]
    assert "its abstract has 0 words" in shown["2601.00003"]
    assert "its abstract has 1 word," in shown["2601.00004"]
