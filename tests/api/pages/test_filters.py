"""Filters as chips: each can be removed by its link."""

import pytest
from starlette.datastructures import QueryParams

from api.pages.filters import Chip, FilterForm, suggest_filters


@pytest.mark.parametrize(
    ("query", "chips"),
    [
        ("", []),
        ("limit=20&sort=date&q=author", []),
        ("when=any&diversity=0&weak=include&category=&author=+", []),
        ("category=cs.CL", [Chip("category: cs.CL", "")]),
        ("weak=exclude&limit=20", [Chip("without weak matches", "limit=20")]),
        (
            "category=cs.CL&when=newer&category=math",
            [
                Chip("category: cs.CL", "when=newer&category=math"),
                Chip("newer than this paper", "category=cs.CL&category=math"),
                Chip("category: math", "category=cs.CL&when=newer"),
            ],
        ),
        ("min_score=40&diversity=0.3", [
            Chip("score from: 40", "diversity=0.3"),
            Chip("diversity 0.3", "min_score=40"),
        ]),
    ],
)  # fmt: skip
def test_each_filter_in_use_has_a_chip(query: str, chips: list[Chip]) -> None:
    form = FilterForm(QueryParams(query))
    assert form.chips == chips
    assert form.filtered == bool(chips)


def test_filters_are_cleared_but_not_order_and_length() -> None:
    form = FilterForm(QueryParams("q=a&category=cs.CL&sort=date&since=2024-01-01&limit=30"))
    assert form.cleared == "q=a&sort=date&limit=30"
    assert form.hidden == [("q", "a"), ("sort", "date"), ("limit", "30")]


def test_offers_leave_out_filters_in_use() -> None:
    form = FilterForm(QueryParams("when=newer&limit=20"))
    offers = [
        ("newer", "when", "newer"),
        ("older", "when", "older"),
        ("cs.CL", "category", "cs.CL"),
    ]
    assert [(one.text, one.query) for one in suggest_filters(form, offers)] == [
        ("older", "limit=20&when=older"),
        ("cs.CL", "when=newer&limit=20&category=cs.CL"),
    ]
