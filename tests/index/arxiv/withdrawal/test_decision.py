"""The decision over flags, sizes of all versions, and texts."""

from datetime import date

import pytest

from index.arxiv.paper import Version
from index.arxiv.withdrawal.decision import Withdrawal, judge_withdrawal

DAY = date(2024, 1, 16)
WORDS = "This paper has been withdrawn by the authors"


def versions(*sources: tuple[int | None, str | None]) -> list[Version]:
    return [Version(n, DAY, size=size, flags=flags) for n, (size, flags) in enumerate(sources, 1)]


@pytest.mark.parametrize(
    ("sources", "comment", "expected"),
    [
        # the flag, alone or among others
        ([(20, ""), (0, "I")], None, Withdrawal.FLAG),
        ([(20, ""), (0, "AI")], None, Withdrawal.FLAG),
        ([(20, "D"), (0, "SI")], None, Withdrawal.FLAG),
        ([(20, ""), (12, "IS")], "12 pages", Withdrawal.FLAG),
        ([(0, "I")], None, Withdrawal.FLAG),
        ([(20, ""), (0, "I")], WORDS, Withdrawal.FLAG),
        # an empty or unknown size alone
        ([(0, "")], None, None),
        ([(0, "H")], "12 pages", None),
        ([(20, ""), (0, "D")], "12 pages", None),
        ([(20, ""), (0, "")], "published version", None),
        ([(None, None)], None, None),
        # words
        ([(20, ""), (0, "")], WORDS, Withdrawal.WORDS),
        ([(20, ""), (1, "")], WORDS, Withdrawal.WORDS),
        ([(0, ""), (1, "")], WORDS, Withdrawal.WORDS),
        ([], WORDS, Withdrawal.WORDS),
        ([(None, None), (None, None)], WORDS, Withdrawal.WORDS),
        # only the latest version counts
        ([(20, ""), (0, "I"), (101, "")], None, None),
        ([(20, ""), (0, "I"), (101, "")], "v2 was withdrawn by mistake", None),
        ([(20, ""), (0, "I"), (101, "")], WORDS, None),
        ([(20, ""), (0, ""), (101, "")], WORDS, None),
        ([(20, ""), (0, ""), (101, None)], WORDS, None),
        ([(20, ""), (0, "I"), (101, ""), (0, "I")], WORDS, Withdrawal.FLAG),
        # a small version after the withdrawal announces it once more
        ([(20, ""), (0, "I"), (1, "")], WORDS, Withdrawal.WORDS),
    ],
)
def test_flags_come_first_then_words(
    sources: list[tuple[int | None, str | None]], comment: str | None, expected: Withdrawal | None
) -> None:
    given = versions(*sources)
    assert judge_withdrawal(given, comment=comment) is expected
    assert judge_withdrawal(given[::-1], comment=comment) is expected


def test_sources_older_than_the_texts_do_not_count() -> None:
    flagged = versions((20, ""), (0, "I"))
    assert judge_withdrawal(flagged, version=3) is None
    assert judge_withdrawal(flagged, version=3, comment=WORDS) is Withdrawal.WORDS


@pytest.mark.parametrize("field", ["title", "comment", "abstract"])
def test_each_text_can_announce_it(field: str) -> None:
    assert judge_withdrawal([], **{field: "Paper withdrawn"}) is Withdrawal.WORDS  # type: ignore[arg-type]
