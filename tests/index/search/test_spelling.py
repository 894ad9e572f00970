"""Unknown and misspelt words of a query: what is corrected, and what must not be."""

import pytest

from index.search.spelling import Spelling, is_mostly_unknown, unknown_words
from index.search.term_counts import TermCounts
from index.search.tfidf import TfidfIndex, words

_FREQUENT = (
    "quantization language models transformer attention neural networks experts code "
    r"diagram using tierce formed colors Schr\"odinger"
)


@pytest.fixture(scope="module")
def index() -> TfidfIndex:
    """An index of 601 texts: the frequent words are in 600 of them, the others in one."""
    texts = [_FREQUENT] * 600 + ["ising langauge umodels"]
    return TfidfIndex.build(TermCounts.from_texts(map(words, texts)))


@pytest.fixture(scope="module")
def spelling(index: TfidfIndex) -> Spelling:
    return Spelling.of(index)


def test_frequencies_are_numbers_of_texts(index: TfidfIndex) -> None:
    found = dict(zip(index.vocabulary, index.frequencies().tolist(), strict=True))
    assert (found["quantization"], found["ising"]) == (600, 1)


@pytest.mark.parametrize(
    "misspelt", ["qantization", "quanntization", "quantizatiom", "quantizatoin", "uantization"]
)
def test_one_edit_is_corrected(spelling: Spelling, misspelt: str) -> None:
    assert spelling.correct(misspelt) == "quantization"


@pytest.mark.parametrize(
    ("query", "suggestion"),
    [
        ("qantization of language models", "quantization of language models"),
        ("Qantization", "Quantization"),
        ('"atention"  of (neurla)\tnetworks!', '"attention"  of (neural)\tnetworks!'),
        ("langauge", "language"),
        ("Schrödingre", "Schrodinger"),
    ],
)
def test_a_query_keeps_all_but_its_misspelt_words(
    spelling: Spelling, query: str, suggestion: str
) -> None:
    assert spelling.correct_query(query) == suggestion


def test_unknown_words_have_the_accents_of_the_query(index: TfidfIndex) -> None:
    assert unknown_words("Schrödinger and Schrodinger, Đoković, Fréchét", index.counts) == [
        "đoković",
        "fréchét",
    ]


@pytest.mark.parametrize(
    "query",
    [
        "quantization of language models",
        "Schrödinger",
        "schrodinger",
        "quantizations",  # a plural
        "quantisation",  # British spelling
        "transformers",
        "colours",
        "ising",  # differs from "using" in the first letter
        "umodels",  # the same
        "osing",  # the same, unknown but short
        "cod",  # too short
        "thier",  # of a function word
        "quantzatoin",  # two edits
        "xqzzt wibblefrotz",
        "QANTIZATION",
        "QantIzation",
        "post-qantization",
        "qantization8",
        "qantization_error",
        "$qantization$",
        r"\qantization",
        "x=qantization",
        "cs.qantization",
        "2401.08092 hep-th/9901001 1,000",
        "模型压缩 сжатие",
        "",
        "qantization langauge atention neurla netwroks",  # another language, or nonsense
        "lorem langauge ipsum",  # still unknown for the most part
        "qantization " + " ".join(f"word{n}" for n in range(16)),  # a paragraph
    ],
)
def test_other_words_are_not_corrected(spelling: Spelling, query: str) -> None:
    assert spelling.correct_query(query) is None


def test_a_name_is_not_corrected(spelling: Spelling) -> None:
    query = "Transformes qantization"
    assert spelling.correct_query(query, lambda word: word == "transformes") == (
        "Transformes quantization"
    )


def test_a_rare_word_is_corrected_only_by_a_much_more_frequent_one() -> None:
    for others, correction in ((100, None), (300, "language")):
        texts = ["language"] * others + ["langauge"] * 2
        index = TfidfIndex.build(TermCounts.from_texts(map(words, texts)))
        assert Spelling.of(index).correct("langauge") == correction


def test_the_most_frequent_word_wins_and_rare_words_are_no_corrections() -> None:
    texts = ["stable"] * 20 + ["staple"] * 30 + ["stamle"] * 4
    index = TfidfIndex.build(TermCounts.from_texts(map(words, texts)))
    assert Spelling.of(index).correct("stakle") == "staple"
    index = TfidfIndex.build(TermCounts.from_texts(map(words, ["stamle"] * 4)))
    assert Spelling.of(index).correct("stakle") is None


def test_unknown_words_are_listed_once_in_their_order(index: TfidfIndex) -> None:
    text = "Zebras and language, zebras of Atlantis, quantization"
    unknown = unknown_words(text, index.counts)
    assert unknown == ["zebras", "atlantis"]
    assert is_mostly_unknown(text, unknown)
    assert not is_mostly_unknown(f"{text} models", unknown)
    assert is_mostly_unknown("of the", unknown_words("of the", index.counts))
