"""Facets: categories of arXiv alone, and tags with those below them."""

from pathlib import Path

import numpy as np

from index.catalogue.catalogue import open_catalogue
from index.catalogue.tags import Tag
from index.releases.current import CurrentRelease
from index.searching.facets import FacetValue, count_facets
from tests.support.random_papers import CATEGORIES, RandomPapers, make_release

OTHER_SCHEME = 'od"d\\.C'  # stands for classes of ACM and MSC, which old records name


def test_classes_of_other_schemes_are_no_categories(tmp_path: Path) -> None:
    papers = RandomPapers(1, [tmp_path])
    papers.change(new=60)
    make_release(tmp_path, None)
    release = CurrentRelease(tmp_path).get()
    with open_catalogue(tmp_path) as catalogue:
        facets = count_facets(release, catalogue, np.arange(60), {})
    named = {name for paper in papers.papers for name in paper.categories}
    assert OTHER_SCHEME in named
    assert {one.value for one in facets.categories} == set(CATEGORIES) - {OTHER_SCHEME}
    for one in facets.categories:
        assert one.papers == sum(one.value in paper.categories for paper in papers.papers)
    dated = [paper.submitted.year for paper in papers.papers if paper.submitted]
    assert [int(one.value) for one in facets.years] == sorted(set(dated), reverse=True)
    assert sum(one.papers for one in facets.years) == len(dated) < facets.papers == 60


def test_a_tag_counts_papers_with_a_tag_below_it(tmp_path: Path) -> None:
    RandomPapers(1, [tmp_path]).change(new=60)
    make_release(tmp_path, None)
    release = CurrentRelease(tmp_path).get()
    below = ("tree", "leaf")
    names = {"tree/root": frozenset([("tree", "root"), below]), "tree/leaf": frozenset([below])}
    with open_catalogue(tmp_path) as catalogue:
        given = {1: ["root"], 2: ["leaf"], 3: ["leaf", "root"], 4: ["gone"]}
        tagged = [
            (number, [Tag("tree", one, 0.5) for one in tags]) for number, tags in given.items()
        ]
        catalogue.tags.replace("tree", "tagger", tagged)
        facets = count_facets(release, catalogue, np.arange(60), names)
    assert facets.tags == [
        FacetValue("tree/root", 3, "tag:tree/root"),
        FacetValue("tree/leaf", 2, "tag:tree/leaf"),
    ]
