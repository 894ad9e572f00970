"""Names of OAI sets, and which categories they contain by arXiv's own taxonomy."""

import pytest

from index.arxiv.categories import CATEGORIES, CLOSED_ARCHIVES
from index.arxiv.oai_sets import OTHER_NAMES, is_in_set, parse_set, set_of
from index.errors import BadInput

# arXiv/arxiv-base: CATEGORY_ALIASES and ARCHIVES_SUBSUMED.
ALIASES = {
    "math.MP": "math-ph",
    "stat.TH": "math.ST",
    "math.IT": "cs.IT",
    "q-fin.EC": "econ.GN",
    "cs.SY": "eess.SY",
    "cs.NA": "math.NA",
}
SUBSUMED = {
    "cmp-lg": "cs.CL",
    "adap-org": "nlin.AO",
    "comp-gas": "nlin.CG",
    "chao-dyn": "nlin.CD",
    "solv-int": "nlin.SI",
    "patt-sol": "nlin.PS",
    "alg-geom": "math.AG",
    "dg-ga": "math.DG",
    "funct-an": "math.FA",
    "q-alg": "math.QA",
    "mtrl-th": "cond-mat.mtrl-sci",
    "supr-con": "cond-mat.supr-con",
    "acc-phys": "physics.acc-ph",
    "ao-sci": "physics.ao-ph",
    "atom-ph": "physics.atom-ph",
    "bayes-an": "physics.data-an",
    "chem-ph": "physics.chem-ph",
    "plasm-ph": "physics.plasm-ph",
}
BOTH = [*ALIASES.items(), *SUBSUMED.items()]


def sets_around(category: str) -> list[str]:
    """Return the sets of a category, of its archive and of its group."""
    parts = set_of(category).split(":")
    return [":".join(parts[:length]) for length in range(1, len(parts) + 1)]


def test_every_category_is_in_its_sets() -> None:
    for category in CATEGORIES:
        for selection in sets_around(category):
            assert is_in_set([category], selection), (category, selection)
        assert is_in_set([category], "")


@pytest.mark.parametrize(("one", "other"), BOTH)
def test_both_names_of_a_category_are_in_the_sets_of_either(one: str, other: str) -> None:
    for selection in {*sets_around(one), *sets_around(other)}:
        assert is_in_set([one], selection)
        assert is_in_set([other], selection)


def test_there_are_no_other_pairs() -> None:
    assert {**dict(BOTH), **{other: one for one, other in BOTH}} == OTHER_NAMES
    assert SUBSUMED.keys() == CLOSED_ARCHIVES
    sets = {one for category in CATEGORIES for one in sets_around(category)}
    foreign = {
        (selection, category)
        for selection in sets
        for category in CATEGORIES
        if is_in_set([category], selection) and selection not in sets_around(category)
    }
    assert {category for _, category in foreign} <= OTHER_NAMES.keys()


@pytest.mark.parametrize(
    ("categories", "selection"),
    [
        (["cs.LG"], "cs:cs:CL"),
        (["cs.LG", "stat.ML"], "math"),
        (["math.AG"], "physics"),
        (["hep-th"], "physics:hep-ph"),
        (["cs.CL"], "cs:cs:C"),
        ([], "cs"),
    ],
)
def test_other_categories_are_not_in_a_set(categories: list[str], selection: str) -> None:
    assert not is_in_set(categories, selection)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("", ""),
        ("cs:cs:CL", "cs:cs:CL"),
        ("cs.CL", "cs:cs:CL"),
        ("cs:CL", "cs:cs:CL"),
        ("cs.cl", "cs:cs:CL"),
        (" CS:CS:cl ", "cs:cs:CL"),
        ("cs", "cs"),
        ("cs:cs", "cs:cs"),
        ("physics", "physics"),
        ("physics:hep-th", "physics:hep-th"),
        ("hep-th", "physics:hep-th"),
        ("HEP-TH", "physics:hep-th"),
        ("astro-ph", "physics:astro-ph"),
        ("astro-ph.CO", "physics:astro-ph:CO"),
        ("astro-ph:co", "physics:astro-ph:CO"),
        ("physics.optics", "physics:physics:optics"),
        ("physics:optics", "physics:physics:optics"),
        ("stat.ML", "stat:stat:ML"),
        ("stat:stat:ml", "stat:stat:ML"),
        ("math-ph", "physics:math-ph"),
        ("math.MP", "math:math:MP"),
        ("cond-mat.mtrl-sci", "physics:cond-mat:mtrl-sci"),
        ("cmp-lg", "cs:cs:CL"),
        ("alg-geom", "math:math:AG"),
    ],
)
def test_what_people_write_is_arxivs_own_name(written: str, expected: str) -> None:
    assert parse_set(written) == expected


def test_every_category_is_accepted_as_a_set() -> None:
    for category in CATEGORIES - CLOSED_ARCHIVES:
        if category in {"cs", "econ", "eess", "math", "physics", "q-bio", "q-fin", "stat"}:
            assert parse_set(category) == category  # the group, which has the archive's name
        else:
            assert parse_set(category) == set_of(category)
        assert parse_set(set_of(category)) == set_of(category)


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("cs.XL", "did you mean"),
        ("cs:cs:CLL", "did you mean cs:cs:CL"),
        ("optics", "did you mean physics:physics:optics?"),
        ("CL", "did you mean cs:cs:CL?"),
        ("hep_th", "did you mean"),
        ("nowhere", "such as cs, physics:hep-th and cs:cs:CL"),
        ("all", "such as cs"),
        ("cs.*", "such as cs"),
    ],
)
def test_an_unknown_set_is_refused_with_similar_ones(written: str, hint: str) -> None:
    with pytest.raises(BadInput, match="arXiv has no OAI set") as caught:
        parse_set(written)
    assert hint in str(caught.value)
