"""Search by operators, names and titles, over the small catalogue of real papers."""

from datetime import date

import pytest

from classifier.taxonomies.followed import followed_taxonomies
from index.catalogue.catalogue import Catalogue
from index.embedding.embedder import Embedder
from index.errors import BadInput, BadQuery, Contradiction, UnknownPaper
from index.lists.finder import RelatedFinder
from index.lists.options import ListOptions
from index.releases.release import Release
from index.searching.results import SearchResults
from index.searching.search import PaperSearch
from tests.conftest import SURVEY

AUTHOR = "Mengwei Xu"


@pytest.fixture
def search(catalogue: Catalogue, release: Release) -> PaperSearch:
    finder = RelatedFinder(catalogue, release)
    return PaperSearch(finder, lambda: followed_taxonomies(catalogue).tag_names())


def found(search: PaperSearch, embedder: Embedder, query: str, limit: int = 500) -> SearchResults:
    return search.search(embedder, query, ListOptions(limit=limit))


@pytest.mark.parametrize(
    "query",
    [
        AUTHOR,
        f'author:"{AUTHOR}"',
        "author:Xu, M",
        'author:"M. Xu"',
        'au:"Xu M"',
        'author:"XU, MENGWEI"',
        "Xu Mengwei",
        "author:Xu, Mengwei",
        f"papers by {AUTHOR}",
    ],
)
def test_the_name_of_an_author_lists_papers_newest_first(
    search: PaperSearch, embedder: Embedder, query: str
) -> None:
    results = found(search, embedder, query)
    assert SURVEY in [paper.id for paper in results.results]
    days = [paper.submitted or date.min for paper in results.results]
    assert days == sorted(days, reverse=True)
    assert {(paper.score, paper.percentile, paper.weak) for paper in results.results} == {
        (None, None, False)
    }
    assert AUTHOR in [author.name for author in results.parts.authors]
    assert results.parts.papers_by_authors == results.parts.found == len(results.results)


def test_part_of_a_query_may_be_a_name(search: PaperSearch, embedder: Embedder) -> None:
    results = found(search, embedder, f"{AUTHOR} foundation language models", 5)
    parts = results.parts
    assert (parts.kind, parts.name, parts.text) == ("text", AUTHOR, "foundation language models")
    assert f"“{AUTHOR}” ({parts.papers_by_authors} paper" in parts.summary
    assert "about “foundation language models”" in parts.summary
    assert results.results[0].id == SURVEY


@pytest.mark.parametrize(
    "query",
    [
        f"{AUTHOR}, Shangguang Wang",
        f"Shangguang Wang & {AUTHOR}",
        f"{AUTHOR}, Wangsong Yin, and Dongqi Cai",
        "Xu, Mengwei; Wang, Shangguang",
    ],
)
def test_several_names_find_the_papers_by_all(
    search: PaperSearch, embedder: Embedder, query: str
) -> None:
    results = found(search, embedder, query)
    assert results.parts.kind == "authors"
    assert {AUTHOR} < {author.name for author in results.parts.authors}
    assert [paper.id for paper in results.results] == [SURVEY]


def test_blanks_in_a_name_do_not_matter(search: PaperSearch, embedder: Embedder) -> None:
    parts = found(search, embedder, "Mengwei  Xu \n language models", 5).parts
    assert (parts.name, parts.text) == (AUTHOR, "language models")


@pytest.mark.parametrize(
    ("query", "suggestion"),
    [
        ("author:Mengwei Xu", 'author:"Mengwei Xu"'),
        ("edge -au:mengwei xu since:2020", 'edge -author:"mengwei xu" since:2020'),
        ("author:Mengwei edge", None),
        ('author:"Mengwei" Xu', None),
    ],
)
def test_a_name_without_quotes_gets_a_suggestion(
    search: PaperSearch, embedder: Embedder, query: str, suggestion: str | None
) -> None:
    assert found(search, embedder, query, 5).suggestion == suggestion


def test_words_that_texts_mention_are_no_name(search: PaperSearch, embedder: Embedder) -> None:
    for query in (
        "language models",
        "deep learning",
        "k means",
        "He said",
        f"all:{AUTHOR[:7]} all:Xu",
    ):
        parts = found(search, embedder, query, 10).parts
        assert (parts.kind, parts.name) == ("text", "")


def test_operators_restrict_the_papers(search: PaperSearch, embedder: Embedder) -> None:
    results = found(search, embedder, "pruning cat:cs.CL since:2023-06 until:2024 -title:survey")
    assert results.results
    for paper in results.results:
        assert "cs.CL" in paper.categories
        assert date(2023, 6, 1) <= (paper.submitted or date.min) <= date(2024, 12, 31)
        assert "survey" not in paper.title.lower()
        assert paper.score is not None
    assert results.parts.operators == ["cat:cs.CL", "since:2023-06", "until:2024", "-title:survey"]
    assert results.parts.text == "pruning"


def _ids(search: PaperSearch, embedder: Embedder, query: str) -> set[str]:
    return {paper.id for paper in found(search, embedder, query).results}


def test_several_operators_must_all_match_and_or_joins_them(
    search: PaperSearch, embedder: Embedder
) -> None:
    language, vision = (_ids(search, embedder, f"cat:{one}") for one in ("cs.CL", "cs.CV"))
    assert _ids(search, embedder, "cat:cs.CL cat:cs.CV") == language & vision
    assert _ids(search, embedder, "cat:cs.CL AND cat:cs.CV") == language & vision
    assert _ids(search, embedder, "cat:cs.CL OR cat:cs.CV") == language | vision
    assert _ids(search, embedder, "cat:cs.CL,cs.CV") == language | vision
    assert _ids(search, embedder, "cat:cs.CL -cat:cs.CV") == language - vision
    assert _ids(search, embedder, "CAT:CS.cl") == language
    assert _ids(search, embedder, "cat:cs.* year:2023") == _ids(
        search, embedder, "cat:cs year:2023"
    )


def test_titles_abstracts_phrases_tags_and_identifiers(
    search: PaperSearch, embedder: Embedder, catalogue: Catalogue
) -> None:
    titled = found(search, embedder, "title:pruning").results
    assert titled
    assert all("pruning" in paper.title.lower() for paper in titled)
    in_abstract = _ids(search, embedder, "abs:pruning")
    assert _ids(search, embedder, "title:pruning abs:pruning") == in_abstract & {
        paper.id for paper in titled
    }
    tagged = found(search, embedder, "tag:model-compression").results
    assert tagged
    assert _ids(search, embedder, "tag:Model-Compression") == {paper.id for paper in tagged}
    assert _ids(search, embedder, f"id:{SURVEY}") == {SURVEY}
    either = _ids(search, embedder, '"knowledge distillation" OR "weight pruning"')
    assert either >= _ids(search, embedder, '"knowledge distillation"')


@pytest.mark.parametrize(
    ("query", "message", "suggestion"),
    [
        ("pruning cat:cs.CLL", "did you mean cs.CL", "pruning cat:cs.CL"),
        ("pruning cat:xyzzy", "write cat:cs.CL", "pruning"),
        ("tag:model-compresion x", "mean model-compression", "tag:model-compression x"),
        ("since:2024-13-01 x", "no year, month or day", "since:2024 x"),
        ("x until:2023-02-30", "no year, month or day", "x until:2023-02-28"),
        ("x since:yesterday", "no year, month or day", "x"),
        ("x since:2024 until:2023", "swap them", "x since:2023 until:2024"),
        ("until:2020 since:2024-05-01", "swap them", "until:2024-05-01 since:2020"),
        ("year:2024-2020", "ends before it begins", "year:2020-2024"),
        ("x licence:CC-BYY-4.0", "unknown licence", "x"),
        ("x id:2401", "id: ", "x"),
        (f"x author:{'a' * 300}", "at most 200", "x"),
    ],
)
def test_a_wrong_value_is_refused_with_a_correction(
    search: PaperSearch, embedder: Embedder, query: str, message: str, suggestion: str
) -> None:
    with pytest.raises(BadQuery, match=message) as refused:
        found(search, embedder, query)
    assert refused.value.suggestion == suggestion
    found(search, embedder, suggestion)


def test_other_refusals(search: PaperSearch, embedder: Embedder) -> None:
    with pytest.raises(UnknownPaper):
        found(search, embedder, "id:2401.99999")
    with pytest.raises(Contradiction, match="need words"):
        search.search(embedder, "cat:cs.CL", ListOptions(min_score=50))
    with pytest.raises(BadInput, match="no words"):
        found(search, embedder, '""')


def test_an_author_without_papers_is_said(search: PaperSearch, embedder: Embedder) -> None:
    results = found(search, embedder, "author:Xqzzt")
    assert (results.results, results.note) == ([], "No paper here has an author “Xqzzt”.")


def test_the_spelling_of_words_is_corrected_and_operators_are_kept(
    search: PaperSearch, embedder: Embedder
) -> None:
    def suggestion(query: str) -> str | None:
        return found(search, embedder, query, 5).suggestion

    query = 'langauge models -title:"langauge" author:Xu'
    assert suggestion(query) == 'language models -title:"langauge" author:Xu'
    assert suggestion("autor:Xu pruning") == "author:Xu pruning"
    assert suggestion("pruning author:Xu") is None


@pytest.mark.parametrize(
    "query",
    [
        "survey of resource-efficient LLM and multimodal foundation models",
        "foundation models multimodal resource-efficient survey LLM",
        "Resource-eficient LLM Multimodl Foundation Models",
    ],
)
def test_a_half_remembered_title_finds_its_paper_first(
    search: PaperSearch, embedder: Embedder, query: str
) -> None:
    results = found(search, embedder, query, 5)
    assert results.results[0].id == SURVEY
    assert results.parts.title_matches[0] == SURVEY
    assert not results.results[0].weak


def test_a_title_match_meets_the_conditions(search: PaperSearch, embedder: Embedder) -> None:
    query = "survey of resource-efficient LLM and multimodal foundation models until:2020"
    assert SURVEY not in _ids(search, embedder, query)


@pytest.mark.parametrize(
    ("query", "suggestion"),
    [
        (f"{AUTHOR} 2024", f"{AUTHOR} year:2024"),
        (f"{AUTHOR}, 2024", f"{AUTHOR}, year:2024"),
        (f'author:"{AUTHOR}" 2024', f'author:"{AUTHOR}" year:2024'),
        ("Xu et al., 2024", "author:Xu year:2024"),
        ("Xu et al. (2024a).", "author:Xu year:2024"),
        ("Xu and Yin 2024", "author:Xu author:Yin year:2024"),
        ("language models since 2023", "language models since:2023"),
        ("before 2024 language models", "language models until:2024"),
        ("language models in 2024", "language models year:2024"),
        ("language models 2020-2023", "language models year:2020-2023"),
        ("language models from 2020 to 2023", "language models year:2020-2023"),
        ("language models 2020 - 2023", "language models year:2020-2023"),
        ("between 2020 and 2023 language models", "language models year:2020-2023"),
        ("language models 2023 to 2020", None),
        ("language models year 2023", "language models year:2023"),
        ("cat:cs.CL 2024", "cat:cs.CL year:2024"),
        ("langauge models 2024", "language models 2024"),
        ("language models 1812", None),
        ("language models 9999", None),
        ("language models 2024 since:2023", None),
        ("language models 2023 2024", None),
        ("2024", None),
        ("all:language models 2024", None),
    ],
)
def test_a_year_is_suggested_as_an_operator(
    search: PaperSearch, embedder: Embedder, query: str, suggestion: str | None
) -> None:
    assert found(search, embedder, query, 3).suggestion == suggestion


@pytest.mark.parametrize(
    ("query", "faults", "suggestion"),
    [
        ("since:tomorrow author:", ["author: has no value", "since: 'tomorrow'"], ""),
        ("pruning since:x until:y cat:zz9", ["since: 'x'", "until: 'y'", "cat:"], "pruning"),
        ("since:tomorrow ?", ["since: 'tomorrow'"], ""),
        ("( tag:x1", ["tag: no tag in use"], ""),
        ("cat:ai pruning", ["did you mean cs.AI?"], "cat:cs.AI pruning"),
        ("cat:CO pruning", ["did you mean astro-ph.CO or math.CO or stat.CO?"], None),
        ("since:May-2024 pruning", ["no year, month or day"], "since:2024-05 pruning"),
        ("year:24 pruning", ["no year, month or day"], "year:2024 pruning"),
        ("author: pruning since:2024-13-01", ["since: '2024-13-01'"], "author: pruning since:2024"),
        ('pruning since:soon author:"Xu', ["quote is not closed", "since: 'soon'"], None),
        ("tag:x1 tag:x2 tag:x3 tag:x4 tag:x5 tag:x6 y", ["tag: no tag in use"], ""),
    ],
)
def test_a_correction_has_no_other_fault(
    search: PaperSearch,
    embedder: Embedder,
    query: str,
    faults: list[str],
    suggestion: str | None,
) -> None:
    with pytest.raises(BadQuery) as caught:
        found(search, embedder, query)
    for fault in faults:
        assert fault in str(caught.value)
    if suggestion is not None:
        assert caught.value.suggestion == suggestion
    if caught.value.suggestion:
        assert f"corrected: `{caught.value.suggestion}`" in str(caught.value)
        found(search, embedder, caught.value.suggestion, 3)


def test_facets_count_the_whole_list(search: PaperSearch, embedder: Embedder) -> None:
    options = ListOptions(limit=3)
    results = search.search(embedder, "cat:cs.CL", options, with_facets=True)
    facets = results.facets
    assert facets is not None
    assert len(results.results) == 3
    assert facets.papers == results.parts.found > 3
    for values in (facets.years, facets.categories, facets.tags):
        assert values
        for one in values[:3]:
            narrowed = found(search, embedder, f"cat:cs.CL {one.operator}")
            assert narrowed.parts.found == one.papers, one
    assert search.search(embedder, "cat:cs.CL", options).facets is None


def test_facets_of_words_count_no_weak_matches(search: PaperSearch, embedder: Embedder) -> None:
    query = "pruning of language models"
    results = search.search(embedder, query, ListOptions(limit=1), with_facets=True)
    whole = found(search, embedder, query)
    assert results.facets is not None
    assert results.facets.papers == sum(not one.weak for one in whole.results)
    assert [one.id for one in results.results] == [whole.results[0].id]


def test_words_without_a_close_match_are_not_counted(
    search: PaperSearch, embedder: Embedder
) -> None:
    results = found(search, embedder, "xqzzt wibblefrotz")
    assert results.parts.summary == "Searched for papers about “xqzzt wibblefrotz”."
    assert all(one.weak for one in results.results)
    assert found(search, embedder, "author:Nobodyhere").parts.summary == (
        "No paper matches author:Nobodyhere."
    )
