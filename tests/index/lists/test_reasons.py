"""Reasons: what a paper of a list and the query have in common."""

import numpy as np
import pytest

from index.arxiv.paper import Paper
from index.arxiv.summary import sentences
from index.catalogue.catalogue import Catalogue
from index.catalogue.tags import Tag
from index.embedding.embedder import Embedder
from index.lists.finder import RelatedFinder
from index.lists.reasons import SentencePair, Subject, build_reasons, with_vectors
from index.releases.release import Release
from index.search.tfidf import SharedTerms
from tests.conftest import SURVEY

NOTHING = SharedTerms({}, [])
NEWTS = Subject.of_text("Newts live in ponds. Herons eat them. We count tadpoles by night.")


def test_the_paired_sentences_share_rare_terms() -> None:
    ponds = Subject.of_text("We look at lakes. Many tadpoles of newts are counted here. The end.")
    shared = SharedTerms({"tadpoles": 0.4, "newts": 0.1, "are": 0.01}, ["tadpoles", "newts"])
    found = build_reasons(NEWTS, ponds, shared)
    assert found.sentences == SentencePair(
        "We count tadpoles by night.", "Many tadpoles of newts are counted here."
    )
    assert found.terms == ["tadpoles", "newts"]


def test_a_long_sentence_does_not_win_by_its_length() -> None:
    long = "Tadpoles and " + " ".join(f"beast{i}" for i in range(60)) + " live here."
    subject = Subject.of_text(f"{long} Tadpoles sleep.")
    found = build_reasons(NEWTS, subject, SharedTerms({"tadpoles": 0.3}, ["tadpoles"]))
    assert found.sentences
    assert found.sentences.found == "Tadpoles sleep."


def test_without_shared_terms_there_are_no_reasons() -> None:
    found = build_reasons(NEWTS, Subject.of_text("Galaxies recede."), NOTHING)
    assert (found.terms, found.sentences, found.tags, found.categories) == ([], None, [], [])


def test_papers_share_tags_and_categories() -> None:
    one = Subject.of_paper(
        Paper("2401.00001", "One", categories=("cs.CL", "cs.LG")), [Tag("t", "a", 0.9)]
    )
    other = Subject.of_paper(
        Paper("2401.00002", "Two", categories=("cs.LG", "cs.CL", "math.ST")),
        [Tag("t", "b", 0.5), Tag("t", "a", 0.4)],
    )
    found = build_reasons(one, other, NOTHING)
    assert found.tags == ["a"]
    assert found.categories == ["cs.CL", "cs.LG"]


def test_by_meaning_the_nearest_sentences_are_paired(embedder: Embedder) -> None:
    asked, other = with_vectors(
        [NEWTS, Subject.of_text("The budget grows. At dusk, larvae of amphibians are tallied.")],
        embedder,
    )
    assert asked.vectors is not None
    assert asked.vectors.shape == (3, 384)
    found = build_reasons(asked, other, NOTHING)
    assert found.sentences == SentencePair(
        "We count tadpoles by night.", "At dusk, larvae of amphibians are tallied."
    )


def test_every_reason_of_a_list_is_true(
    catalogue: Catalogue, release: Release, embedder: Embedder
) -> None:
    seed = catalogue.entry(SURVEY).paper
    for paper in RelatedFinder(catalogue, release).related(SURVEY).related:
        held = catalogue.entry(paper.id).paper
        assert paper.reasons.sentences
        assert paper.reasons.sentences.asked in sentences(seed.abstract)
        assert paper.reasons.sentences.found in sentences(held.abstract)
        assert paper.reasons.categories == sorted({*seed.categories} & {*held.categories})
        assert paper.reasons.liked == []


@pytest.mark.parametrize("text", ["", "   "])
def test_a_subject_without_sentences_has_no_pair(embedder: Embedder, text: str) -> None:
    empty = Subject.of_text(text)
    assert build_reasons(NEWTS, empty, SharedTerms({"are": 0.01}, [])).sentences is None
    one, two = with_vectors([NEWTS, empty], embedder)
    assert build_reasons(one, two, NOTHING).sentences is None
    assert two.vectors is not None
    assert np.asarray(two.vectors).shape[0] == 0
