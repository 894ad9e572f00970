"""Reasons: what a paper of a list and the query have in common."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from index.arxiv.paper import Paper
from index.arxiv.summaries.sentences import sentences
from index.catalogue.catalogue import Catalogue
from index.catalogue.tags import Tag
from index.embedding.embedder import Embedder
from index.lists.finder import RelatedFinder
from index.lists.reasons import (
    Match,
    Reasons,
    SentencePair,
    Subject,
    build_reasons,
    with_vectors,
)
from index.releases.release import Release
from index.search.tfidf import SharedTerms
from tests.conftest import SURVEY

NOTHING = SharedTerms({}, [])


def subject(paper: Paper, tags: Sequence[Tag] = ()) -> Subject:
    return Subject.of_paper(paper.title, paper.abstract, paper.categories, tags)


def reasons_for(
    asked: Subject,
    found: Subject,
    shared: SharedTerms,
    coherence: Mapping[str, float] | None = None,
    weak: bool = False,
) -> Reasons:
    """The reasons of one match; without `coherence`, all terms are telling."""
    coherences = coherence or dict.fromkeys(shared.rare, 1.0)
    [reasons] = build_reasons([Match(asked, found, shared, coherences, (), weak)])
    return reasons


NEWTS = Subject.of_text("Newts live in ponds. Herons eat them. We count tadpoles by night.")


def test_the_paired_sentences_share_rare_terms() -> None:
    ponds = Subject.of_text("We look at lakes. Many tadpoles of newts are counted here. The end.")
    shared = SharedTerms({"tadpoles": 0.4, "newts": 0.1, "are": 0.01}, ["tadpoles", "newts"])
    found = reasons_for(NEWTS, ponds, shared)
    assert found.sentences == SentencePair(
        "We count tadpoles by night.", "Many tadpoles of newts are counted here."
    )
    assert found.terms == ["tadpoles", "newts"]


def test_a_long_sentence_does_not_win_by_its_length() -> None:
    long = "Tadpoles and " + " ".join(f"beast{i}" for i in range(60)) + " live here."
    subject = Subject.of_text(f"{long} Tadpoles sleep.")
    found = reasons_for(NEWTS, subject, SharedTerms({"tadpoles": 0.3}, ["tadpoles"]))
    assert found.sentences
    assert found.sentences.found == "Tadpoles sleep."


def test_terms_are_shown_as_the_paper_writes_them() -> None:
    found = Subject.of_text(r"Schr\"odinger bridges between M\"obius strips, and Schrödinger.")
    shared = SharedTerms({"schrodinger": 0.4, "mobius": 0.3}, ["schrodinger", "mobius"])
    assert reasons_for(NEWTS, found, shared).terms == ["schrödinger", "möbius"]
    plain = Subject.of_text("Schrodinger bridges between Mobius strips.")
    assert reasons_for(NEWTS, plain, shared).terms == ["schrodinger", "mobius"]


def test_terms_that_say_little_give_way_to_topical_ones() -> None:
    newts = Subject.of_text("Newts of the field.")
    shared = SharedTerms({"order": 0.5, "newts": 0.4, "field": 0.3}, ["order", "newts", "field"])
    found = reasons_for(NEWTS, newts, shared, coherence={"order": 0.0, "newts": 1.0, "field": 0.0})
    assert found.terms == ["newts"]


def test_a_single_term_is_shown_only_if_it_is_telling_and_the_match_strong() -> None:
    def terms(*rare: str, coherence: float, weak: bool = False) -> list[str]:
        shared = SharedTerms(dict.fromkeys(rare, 0.5), list(rare))
        return reasons_for(NEWTS, NEWTS, shared, dict.fromkeys(rare, coherence), weak).terms

    assert terms("ring", coherence=0.5) == ["ring"]
    assert terms("ring", coherence=0.5, weak=True) == []
    assert terms("ring", coherence=0.1) == []
    assert terms("ring", coherence=0) == []
    for weak in (False, True):
        for coherence in (0, 0.1, 0.5):
            assert terms("ring", "field", coherence=coherence, weak=weak) == ["ring", "field"]


def test_a_pair_of_sentences_shares_a_telling_term_or_several_others() -> None:
    asked = Subject.of_text("The ring is here. Newts swim in order.")
    found = Subject.of_text("A ring is there. The order of newts.")
    pair = SentencePair("Newts swim in order.", "The order of newts.")

    def paired(contributions: dict[str, float], telling: str = "", weak: bool = False) -> object:
        shared = SharedTerms(contributions, list(contributions))
        coherences = dict.fromkeys(contributions, 0.0) | {telling: 1.0}
        return reasons_for(asked, found, shared, coherences, weak).sentences

    assert paired({"ring": 0.9, "order": 0.2, "newts": 0.1}) == pair
    assert paired({"ring": 0.9, "order": 0.2}) is None
    ring = SentencePair("The ring is here.", "A ring is there.")
    assert paired({"ring": 0.9, "order": 0.2}, "ring") == ring
    assert paired({"ring": 0.9, "order": 0.2}, "ring", weak=True) is None
    assert paired({"ring": 0.9, "order": 0.2, "newts": 0.1}, "ring", weak=True) == pair
    generic = SharedTerms({"ring": 0.9}, [])  # in more than a tenth of the papers
    assert reasons_for(asked, found, generic).sentences is None


@pytest.mark.parametrize("full", [False, True])
def test_boilerplate_is_not_quoted(embedder: Embedder, full: bool) -> None:
    notice = "The code of newts is available at https://example.org/newts."
    one = Paper("2401.00001", "One", abstract=f"Newts eat larvae in ponds. {notice}")
    other = Paper("2401.00002", "Two", abstract=f"{notice} In ponds, newts are eaten.")
    asked, found = subject(one), subject(other)
    if full:
        asked, found = with_vectors([asked, found], embedder)
    shared = SharedTerms({"code": 0.9, "newts": 0.3}, ["code", "newts"])
    pair = reasons_for(asked, found, shared).sentences
    assert pair == SentencePair("Newts eat larvae in ponds.", "In ponds, newts are eaten.")
    nothing = subject(Paper("2401.00003", "Three", abstract=notice))
    assert reasons_for(asked, nothing, shared).sentences is None


def test_without_shared_terms_there_are_no_reasons() -> None:
    found = reasons_for(NEWTS, Subject.of_text("Galaxies recede."), NOTHING)
    assert (found.terms, found.sentences, found.tags, found.categories) == ([], None, [], [])


def test_papers_share_tags_and_categories() -> None:
    one = subject(Paper("2401.00001", "One", categories=("cs.CL", "cs.LG")), [Tag("t", "a", 0.9)])
    other = subject(
        Paper("2401.00002", "Two", categories=("cs.LG", "cs.CL", "math.ST")),
        [Tag("t", "b", 0.5), Tag("t", "a", 0.4)],
    )
    found = reasons_for(one, other, NOTHING)
    assert found.tags == ["a"]
    assert found.categories == ["cs.CL", "cs.LG"]


def test_by_meaning_the_nearest_sentences_are_paired(embedder: Embedder) -> None:
    asked, other = with_vectors(
        [NEWTS, Subject.of_text("The budget grows. At dusk, larvae of amphibians are tallied.")],
        embedder,
    )
    assert asked.vectors is not None
    assert asked.vectors.shape == (3, 384)
    found = reasons_for(asked, other, NOTHING)
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
    assert reasons_for(NEWTS, empty, SharedTerms({"are": 0.01}, [])).sentences is None
    one, two = with_vectors([NEWTS, empty], embedder)
    assert reasons_for(one, two, NOTHING).sentences is None
    assert two.vectors is not None
    assert np.asarray(two.vectors).shape[0] == 0
