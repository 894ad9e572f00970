"""Sentences about the publication of a paper are recognised, and those about its subject kept."""

import time

import pytest

from index.lists.boilerplate import boilerplate_kind, is_boilerplate


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("address", "The code is available at https://github.com/example/model."),
        ("address", "https://example.github.io/page"),
        ("address", "Project page: https://example.github.io/page/"),
        ("address", r"See \href{https://github.com/example/model}{\textbf{GitHub}}."),
        ("address", "Code is availabel at https://anonymous.4open.science/r/model."),
        ("address", "See https://example.github.io/ for video results."),
        ("address", "The project page is at example.github.io."),
        ("availability", "Our code and data will be made publicly available soon."),
        ("availability", "The references will be available in the online repository."),
        ("availability", "Codes will be released upon acceptance."),
        ("availability", "The source code and trained models are publicly available."),
        ("availability", "Supplementary materials of the article are available online."),
        ("release", "We will release all code and data for reproducibility."),
        ("release", "We open-source our dataset and models to support research."),
        ("release", "We discuss future work and make all code publicly available."),
        ("project page", "Please refer to our project page for demo videos."),
        ("project page", "See our project page for the source code and trained models."),
        ("publication", "Accepted at ICLR 2024."),
        ("publication", "(To appear in Theory and Practice of Logic Programming)."),
        ("publication", "This paper is accepted by IEEE ICIP 2025."),
        ("publication", "Under consideration in Theory and Practice of Logic Programming."),
        ("funding", "This work was supported by the National Science Foundation."),
        ("funding", "The project received money under grant agreement 101."),
        ("funding", "The authors would like to thank the anonymous reviewers."),
        ("licence", "The simulator is available under an open source license."),
        ("licence", "The model and its weights are licensed under Apache 2.0."),
        ("licence", "© 2024 IEEE."),
        ("licence", "Personal use of this material is permitted."),
        ("version", "(Abridged)"),
        ("version", "This is an extended version of a short paper of the same title."),
        ("version", "This paper has been withdrawn by the author."),
        ("version", "We withdraw this submission because of an error in Lemma 2."),
        ("version", "This article has been removed by arXiv administrators."),
        ("version", "Comments: 12 pages, 3 figures"),
    ],
)
def test_a_sentence_about_the_publication_is_recognised(kind: str, sentence: str) -> None:
    assert boilerplate_kind(sentence) == kind


@pytest.mark.parametrize(
    "sentence",
    [
        "We introduce a benchmark (https://example.org/benchmark) of six tasks for vision models.",
        "The defects are described by side information that is available to the encoder.",
        "However, such annotated data are rarely available in practice.",
        "We use an open-source dataset of 2028 students with 28 questions for each.",
        "In contrast, large models are often found to memorise their training data.",
        "The method supports grant-free access in uplink networks.",
        "Licence plates are read by a camera at night.",
        "We provide matching lower bounds on the sample complexity.",
        "The results obtained with the new approach are of the same quality.",
        "We study the pages of a web site with a crawler.",
        "An extended version of the Kalman filter is derived.",
        "Water is released from the reservoir and published models predict its level.",
        "",
    ],
)
def test_a_sentence_about_the_subject_is_kept(sentence: str) -> None:
    assert not is_boilerplate(sentence)


def test_a_hostile_sentence_takes_no_time() -> None:
    """The patterns have nested repetitions; none of them may backtrack without a bound."""
    for part in ("code ", "code is ", r"\href{", "we release the ", "a.com/", "available "):
        start = time.process_time()
        boilerplate_kind(part * (20_000 // len(part)))
        assert time.process_time() - start < 1
