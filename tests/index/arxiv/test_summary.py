"""A summary is at most three whole sentences of the abstract, in their order."""

import pytest

from index.arxiv.paper import to_single_line
from index.arxiv.summary import sentences, summarise
from index.catalogue.catalogue import Catalogue
from tests.support.catalogue_files import all_entries

ABSTRACT = (
    "Large models are everywhere. Running them remains a costly affair. "
    "Many have tried to make them smaller. We propose Squeeze, which cuts weights to 2.5 bits. "
    "It works layer by layer. Experiments show 3.1x faster answers at the same accuracy. "
    "Code is available at https://example.org/squeeze."
)


def test_problem_contribution_and_result_are_picked() -> None:
    assert summarise(ABSTRACT) == (
        "Running them remains a costly affair. "
        "We propose Squeeze, which cuts weights to 2.5 bits. "
        "Experiments show 3.1x faster answers at the same accuracy."
    )


def test_every_real_summary_has_at_most_three_sentences_of_the_abstract_in_order(
    catalogue: Catalogue,
) -> None:
    shortened = 0
    for abstract in (entry.paper.abstract for entry in all_entries(catalogue)):
        own = sentences(abstract)
        kept = _parts(summarise(abstract), own)
        assert len(kept) == min(3, len(own))
        shortened += len(kept) < len(own)
    assert shortened > 100


def _parts(summary: str, own: list[str]) -> list[str]:
    """Return the sentences that the summary consists of; fails if it has any other text."""
    parts = []
    for sentence in own:
        if summary.startswith(sentence):
            parts.append(sentence)
            summary = summary.removeprefix(sentence).lstrip()
    assert summary == ""
    return parts


def test_no_real_abstract_loses_a_character_to_splitting(catalogue: Catalogue) -> None:
    for abstract in (entry.paper.abstract for entry in all_entries(catalogue)):
        assert "".join(sentences(abstract)).replace(" ", "") == to_single_line(abstract).replace(
            " ", ""
        )


def test_a_short_abstract_stays_whole() -> None:
    assert summarise("One thing.\n  Another thing.") == "One thing. Another thing."
    assert summarise("No stop at all") == "No stop at all"
    assert summarise("") == ""


@pytest.mark.parametrize(
    "sentence",
    [
        "Smith et al. showed this in 2020.",
        "Some methods, i.e. those of Fig. 2, fail.",
        "Other methods (e.g. pruning, cf. Tab. 3) do not.",
        "By Eq. 4 and Secs. 2 vs. 3 it grows by 3.14 percent.",
        "GPT-4.5 is No. 1 in the U.S. ranking.",
        "We study $x. Y. z$ and $a! B?$ for all sets.",
        r"The bound \(a. B\) is tight.",
        r"It follows that \[ x! Y? Z. W \] holds.",
        "We bound $$x. Y! z$$ for all sets.",
        "It costs $5.50 in total.",
    ],
)
def test_a_stop_inside_a_sentence_does_not_end_it(sentence: str) -> None:
    text = f"This comes first. {sentence} This comes last."
    assert sentences(text) == ["This comes first.", sentence, "This comes last."]


def test_two_prices_are_not_maths() -> None:
    text = "It costs $5. We show that it saves $3. All is well."
    assert sentences(text) == ["It costs $5.", "We show that it saves $3.", "All is well."]


def test_questions_and_exclamations_end_sentences() -> None:
    assert sentences("Is it so? It is! We show why.") == ["Is it so?", "It is!", "We show why."]


def test_an_advertisement_for_code_is_not_the_result() -> None:
    text = (
        "Things are hard to do. We present a tool for things. It achieves much on all of them. "
        "Our code, which achieves these improved results, is available at https://example.org."
    )
    assert "https" not in summarise(text)
