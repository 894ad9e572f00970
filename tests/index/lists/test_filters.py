"""Filters: every condition compared with a plain check of every paper."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from classifier.taxonomies.taxonomy import load_taxonomy
from index.arrays import Mask
from index.catalogue.catalogue import Catalogue, open_catalogue
from index.catalogue.rows import Entry
from index.errors import BadInput, NotFound
from index.lists.filters import UNRESTRICTED, Filters, allowed_rows
from index.lists.finder import RelatedFinder
from index.lists.options import ListOptions
from index.lists.recommend import recommend
from index.releases.current import CurrentRelease
from index.releases.release import Release
from index.search.attributes import Attributes
from tests.conftest import SURVEY
from tests.support.catalogue_files import all_entries
from tests.support.releases import build_release

NONE = np.array([], np.int64)


def _text(entry: Entry) -> str:
    return f"{entry.paper.title} {entry.paper.abstract}".lower()


CONDITIONS: list[tuple[Filters, Callable[[Entry], bool]]] = [
    (
        Filters(since=date(2023, 3, 1)),
        lambda e: bool(e.paper.submitted and e.paper.submitted >= date(2023, 3, 1)),
    ),
    (
        Filters(since=date(1995, 1, 1), until=date(2009, 12, 31)),
        lambda e: bool(e.paper.submitted and 1995 <= e.paper.submitted.year <= 2009),
    ),
    (Filters(categories=("cs.CV",)), lambda e: "cs.CV" in e.paper.categories),
    (
        Filters(categories=("cs.cv", "cs.DC")),
        lambda e: bool({"cs.CV", "cs.DC"} & set(e.paper.categories)),
    ),
    (
        Filters(categories=("math",)),
        lambda e: any(c.partition(".")[0] == "math" for c in e.paper.categories),
    ),
    (Filters(including=("quantization",)), lambda e: "quantization" in _text(e)),
    (
        Filters(including=("language models",), excluding=("survey",)),
        lambda e: "language models" in _text(e) and "survey" not in _text(e).split(),
    ),
]


@pytest.mark.parametrize(("filters", "holds"), CONDITIONS)
def test_a_list_has_exactly_the_selected_papers(
    catalogue: Catalogue,
    release: Release,
    filters: Filters,
    holds: Callable[[Entry], bool],
) -> None:
    expected = {e.paper.id for e in all_entries(catalogue) if holds(e)} - {SURVEY}
    assert expected
    listing = RelatedFinder(catalogue, release).related(SURVEY, ListOptions(500, filters=filters))
    assert {paper.id for paper in listing.related} == expected
    scores = [paper.score for paper in listing.related]
    assert scores == sorted(scores, reverse=True)


def test_conditions_combine_and_a_filtered_list_is_the_filtered_full_list(
    catalogue: Catalogue, release: Release
) -> None:
    finder = RelatedFinder(catalogue, release)
    filters = Filters(since=date(2023, 1, 1), categories=("cs.CL",), excluding=("survey",))
    whole = [
        paper.id
        for paper in finder.related(SURVEY, ListOptions(500)).related
        if paper.submitted
        and paper.submitted.year >= 2023
        and "cs.CL" in paper.categories
        and "survey" not in f"{paper.title} {catalogue.entry(paper.id).paper.abstract}".lower()
    ]
    found = finder.related(SURVEY, ListOptions(5, filters=filters)).related
    assert [paper.id for paper in found] == whole[:5]
    assert len(found) == 5


def test_filter_by_tags_and_authors(catalogue: Catalogue, release: Release) -> None:
    finder = RelatedFinder(catalogue, release)
    compressing = frozenset({(load_taxonomy().name, "model-compression")})
    tagged = finder.related(SURVEY, ListOptions(50, filters=Filters(tags=compressing)))
    assert tagged.related
    for paper in tagged.related:
        assert "model-compression" in [tag.label for tag in paper.tags]
    name = next(a for p in tagged.related for a in p.authors)
    by = finder.related(SURVEY, ListOptions(50, filters=Filters(authors=(name,))))
    assert by.related
    assert all(name in paper.authors for paper in by.related)


def test_an_author_without_a_paper_is_named_in_the_note(
    catalogue: Catalogue, release: Release
) -> None:
    finder = RelatedFinder(catalogue, release)
    filters = Filters(authors=("Ada Xqzzt", "Xqzzt, B."))
    for found in (
        finder.related(SURVEY, ListOptions(filters=filters)),
        recommend(finder, [SURVEY], options=ListOptions(filters=filters)),
    ):
        assert found.related == []
        assert found.note == "No paper here has an author “Ada Xqzzt” or “Xqzzt, B.”."
    [name, *_] = catalogue.entry(SURVEY).paper.authors
    held = replace(filters, authors=(*filters.authors, name), until=date(1900, 1, 1))
    assert finder.related(SURVEY, ListOptions(filters=held)).note is None


def test_a_selection_without_matches_gives_an_empty_list_with_the_same_score(
    catalogue: Catalogue, release: Release
) -> None:
    finder = RelatedFinder(catalogue, release)
    nothing = Filters(until=date(1900, 1, 1))
    listing = finder.related(SURVEY, ListOptions(filters=nothing))
    assert listing.related == []
    assert listing.score == finder.related(SURVEY).score


def test_no_condition_allows_all(catalogue: Catalogue, release: Release) -> None:
    assert allowed_rows(UNRESTRICTED, catalogue, release) is None


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"since": date(2024, 2, 1), "until": date(2024, 1, 1)}, "is after until=2024-01-01"),
        ({"categories": ("cs CL",)}, "write it like cs.CL"),
        ({"categories": ("cs.CL; DROP",)}, "write it like cs.CL"),
        ({"including": ("?!",)}, "must have a letter or digit"),
        ({"excluding": ("x" * 201,)}, "at most 200 characters"),
        ({"authors": ("a",) * 21}, "author has 21 values: at most 20"),
    ],
)
def test_invalid_selections_are_refused(arguments: dict[str, object], complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint):
        Filters(**arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "phrase", ['survey" OR "x', "NEAR(a b)", "a*", "title : x", "{a} : b", "a^2", "\0x", "AND a"]
)
def test_words_are_never_read_as_query_syntax(
    catalogue: Catalogue, release: Release, phrase: str
) -> None:
    """No paper has any of these, so `including` selects none and `excluding` all."""
    finder = RelatedFinder(catalogue, release)
    having = Filters(including=(f"{phrase} zzyzx",))
    assert finder.related(SURVEY, ListOptions(filters=having)).related == []
    lacking = Filters(excluding=(f"{phrase} zzyzx",))
    assert len(finder.related(SURVEY, ListOptions(filters=lacking)).related) == 10


def _meeting(attributes: Attributes, **asked: Any) -> Mask:
    return attributes.matching(attributes.conditions(**asked))


def test_attributes_are_kept_with_the_release_and_follow_the_catalogue(
    built_data_copy: Path,
) -> None:
    """A cross-list changes no text, but the next release must have it."""
    with open_catalogue(built_data_copy) as catalogue:
        before = CurrentRelease(built_data_copy).get()
        paper = catalogue.entry(SURVEY).paper
        catalogue.store([replace(paper, version=9, categories=(*paper.categories, "supr-con"))])
        manifest = build_release(catalogue, before.manifest.identity, built_data_copy, 50_000, 2)
        after = CurrentRelease(built_data_copy).get()
        assert manifest.state != before.manifest.state
        row = after.row(catalogue.entry(SURVEY).number)
        assert np.flatnonzero(_meeting(after.attributes, categories=["SUPR-CON"])).tolist() == [row]
        assert not _meeting(before.attributes, categories=["SUPR-CON"]).any()


def test_attributes_open_as_they_were_saved(tmp_path: Path) -> None:
    made = Attributes.from_papers(
        [
            ("2024-01-02", "cs.CL math.ST", "http://creativecommons.org/licenses/by/4.0/", None),
            (None, "", None, "2305.00001"),
        ]
    )
    made.save(tmp_path)
    opened = Attributes.open(tmp_path)
    assert len(opened) == 2
    assert opened.days[1] == 0
    assert date.fromordinal(opened.approximate_days[1]) == date(2023, 5, 15)
    assert opened.approximate_days[0] == opened.days[0]
    assert _meeting(opened, categories=["MATH"]).tolist() == [True, False]
    assert _meeting(opened, categories=["ma"]).tolist() == [False, False]
    assert _meeting(opened, licences=["cc-by-4.0"]).tolist() == [True, False]
    assert _meeting(opened, licences=["unknown"]).tolist() == [False, True]
    assert _meeting(opened, until=date(2030, 1, 1)).tolist() == [True, False]
    assert _meeting(opened, since=date(2024, 1, 2)).tolist() == [True, False]
    assert _meeting(opened, since=date(2024, 1, 3)).tolist() == [False, False]


def test_filter_by_licence(built_data_copy: Path) -> None:
    with open_catalogue(built_data_copy) as catalogue:
        release = CurrentRelease(built_data_copy).get()
        ids = [p.id for p in RelatedFinder(catalogue, release).related(SURVEY).related[3:5]]
        for paper_id in ids:
            paper = catalogue.entry(paper_id).paper
            free = "http://creativecommons.org/licenses/by/4.0/"
            catalogue.store([replace(paper, version=9, license=free)])
        build_release(catalogue, release.manifest.identity, built_data_copy, 50_000, 2)
        finder = RelatedFinder(catalogue, CurrentRelease(built_data_copy).get())
        for licence in ("CC-BY-4.0", "cc by 4.0", "https://creativecommons.org/licenses/by/4.0"):
            options = ListOptions(filters=Filters(licences=(licence,)))
            assert [p.id for p in finder.related(SURVEY, options).related] == ids


def test_a_formula_without_letters_is_in_no_paper() -> None:
    with pytest.raises(NotFound, match="no letter or digit once its TeX is decoded"):
        Filters(including=(r"$\leq$",))
