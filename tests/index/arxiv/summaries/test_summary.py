"""A summary is at most three sentences of the abstract that can be understood without the rest."""

import pytest

from index.arxiv.paper import to_single_line
from index.arxiv.summaries.sentences import sentences
from index.arxiv.summaries.summary import summarise
from index.catalogue.catalogue import Catalogue
from tests.support.catalogue_files import all_entries

ABSTRACT = (
    "Large models are everywhere. Running a large model remains a costly affair. "
    "Many have tried to make models smaller. We propose Squeeze, which cuts weights to 2.5 bits. "
    "It works layer by layer. Experiments show 3.1x faster answers at the same accuracy. "
    "Code is available at https://example.org/squeeze."
)


def test_problem_contribution_and_result_are_picked() -> None:
    assert summarise(ABSTRACT) == (
        "Running a large model remains a costly affair. "
        "We propose Squeeze, which cuts weights to 2.5 bits. "
        "Experiments show 3.1x faster answers at the same accuracy."
    )


@pytest.mark.parametrize(
    ("abstract", "summary"),
    [
        (  # mathematics: no problem, and the claim is the contribution
            "Let $G$ be a finite group. The order of a group has been studied for long. We prove "
            "that every finite group of odd order is solvable. The proof has 255 pages.",
            "We prove that every finite group of odd order is solvable.",
        ),
        (  # the first sentence is the only one about the contribution
            "The decay of a beam that is clamped at one end is studied. Beams occur in bridges. "
            "Possible extensions are discussed. Keywords: beams, decay, and exponential functions.",
            "The decay of a beam that is clamped at one end is studied.",
        ),
        (  # a passive without "we"
            "Galaxies collide. The rate of collisions of galaxies in clusters is measured with a "
            "radio telescope. Galaxies are large. A rate of 2.5 collisions a year is found.",
            "The rate of collisions of galaxies in clusters is measured with a radio telescope. "
            "A rate of 2.5 collisions a year is found.",
        ),
        (  # a survey
            "Agents have become popular. In this survey, we review agents that use tools. Tools "
            "are common. We also discuss future work on agents.",
            "In this survey, we review agents that use tools.",
        ),
        (  # what others did is no contribution, even if they proposed something
            "Recently, several methods have been proposed for graphs. We study a method for small "
            "trees. Trees grow in forests. The results show that trees are easy to cut.",
            "We study a method for small trees. The results show that trees are easy to cut.",
        ),
    ],
)
def test_abstracts_of_different_kinds(abstract: str, summary: str) -> None:
    assert summarise(abstract) == summary


def test_the_title_tells_the_contribution_from_other_claims() -> None:
    abstract = (
        "We use large language models every day in many places. We build a tool for the detection "
        "of sarcasm. Sarcasm is hard. The tool is used by many people who like it."
    )
    assert "sarcasm" in summarise(abstract, "Detection of sarcasm")
    assert summarise(abstract, "Large language models every day").startswith("We use large")


@pytest.mark.parametrize(
    ("opening", "rest"),
    [
        ("To address this issue, ", "we propose a filter for the labels of images."),
        ("Therefore, ", "we propose a filter for the labels of images."),
        ("Hence ", "in this paper we propose a filter for the labels of images."),
        ("Motivated by these findings, ", "we propose a filter for the labels of images."),
        ("Unlike these methods, ", "we propose a filter for the labels of images."),
        ("However, to overcome such limits, ", "we propose a filter for the labels of images."),
        ("Results: ", "We propose a filter for the labels of images."),
    ],
)
def test_an_opening_that_refers_to_an_omitted_sentence_is_cut(opening: str, rest: str) -> None:
    abstract = f"Images have labels. Trees are green in summer. {opening}{rest} Trees have leaves."
    assert summarise(abstract).startswith(rest[0].upper() + rest[1:])


@pytest.mark.parametrize(
    "sentence",
    [
        "In this paper, we propose a filter for the labels of images.",
        "Using a large data set, we propose a filter for the labels of images.",
        "Under mild assumptions, we propose a filter for the labels of images.",
        "Together with other people we propose a filter for the labels of images.",
    ],
)
def test_an_opening_that_does_not_refer_back_stays(sentence: str) -> None:
    abstract = f"Images have labels. Trees are green in summer. {sentence} Trees have leaves."
    assert summarise(abstract).startswith(sentence)


def test_an_opening_stays_after_the_sentence_that_it_refers_to() -> None:
    abstract = (
        "Trees are green. The labels of images remain difficult to obtain. To address this issue, "
        "we propose a filter for the labels of images. Trees have leaves."
    )
    assert summarise(abstract) == (
        "The labels of images remain difficult to obtain. To address this issue, we propose a "
        "filter for the labels of images."
    )


@pytest.mark.parametrize(
    "reference",
    [
        "It reaches an accuracy of 99.1% in all experiments on images.",
        "This method reaches an accuracy of 99.1% in all experiments on images.",
        "In this way, one reaches an accuracy of 99.1% in all experiments.",
        "Such filters reach an accuracy of 99.1% in all experiments on images.",
    ],
)
def test_a_sentence_that_refers_to_another_comes_with_it(reference: str) -> None:
    abstract = (
        "Trees are green in summer. We propose a filter for the labels of images. "
        f"Filters can be nested in one another. {reference} Trees have leaves and roots."
    )
    summary = summarise(abstract)
    before = summary[: summary.index(reference)] if reference in summary else "filter"
    assert "filter" in before


def test_the_sentence_with_the_noun_is_the_one_referred_to() -> None:
    abstract = (
        "Sparse graphs are common. Trees are green in summer. Flowers are red in spring. We prove "
        "that these graphs have short cycles. Flowers have leaves and roots."
    )
    assert summarise(abstract).startswith(
        "Sparse graphs are common. We prove that these graphs have short cycles."
    )


def test_a_summary_is_shorter_than_the_abstract() -> None:
    assert summarise("Trees are green and tall. We prove that all trees are planar graphs.") == (
        "We prove that all trees are planar graphs."
    )
    assert summarise(
        "Two sets are given. We compare both sets. We prove that both are finite."
    ) != ("Two sets are given. We compare both sets. We prove that both are finite.")


@pytest.mark.parametrize(
    "abstract",
    [
        "One thing is shown.",
        "No stop at all",
        "Graphs are everywhere. Under these conditions, we prove that graphs are sparse.",
        "We study a class of graphs. It turns out that most of them are sparse.",
        "",
    ],
)
def test_a_short_abstract_whose_parts_belong_together_stays_whole(abstract: str) -> None:
    assert summarise(f"{abstract}\n") == abstract


def test_every_real_summary_consists_of_few_sentences_of_the_abstract_in_order(
    catalogue: Catalogue,
) -> None:
    shortened = cut = 0
    for entry in all_entries(catalogue):
        own = sentences(entry.paper.abstract)
        kept = _parts(summarise(entry.paper.abstract, entry.paper.title), own)
        assert len(kept) <= 3
        assert len(kept) < len(own) or len(own) <= 2
        shortened += len(kept) < len(own)
        cut += any(part not in own for part in kept)
    assert shortened > 100
    assert cut > 5


def _parts(summary: str, own: list[str]) -> list[str]:
    """Return the parts of the summary: each is a sentence, or the end of one. Fails otherwise."""
    parts = []
    for sentence in own:
        for start in range(len(sentence) - 1):
            part = sentence[start].upper() + sentence[start + 1 :] if start else sentence
            if summary.startswith(part):
                parts.append(part)
                summary = summary.removeprefix(part).lstrip()
                break
    assert summary == ""
    return parts


def test_no_real_abstract_loses_a_character_to_splitting(catalogue: Catalogue) -> None:
    for abstract in (entry.paper.abstract for entry in all_entries(catalogue)):
        assert "".join(sentences(abstract)).replace(" ", "") == to_single_line(abstract).replace(
            " ", ""
        )


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
