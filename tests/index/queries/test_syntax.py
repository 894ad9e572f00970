"""The parser of queries: a table of queries and their parts."""

import pytest

from index.errors import BadQuery
from index.queries.syntax import MAX_OPERATORS, ParsedQuery, parse_query


def parts(query: str) -> tuple[str, list[str], list[str], list[list[str]]]:
    parsed = parse_query(query)
    groups = [[str(one) for one in group] for group in parsed.groups]
    return parsed.words, parsed.phrases, parsed.excluded, groups


@pytest.mark.parametrize(
    ("query", "words", "groups"),
    [
        ("author:Hinton", "", [["author:Hinton"]]),
        ('author:"Mengwei Xu" since:2024', "", [['author:"Mengwei Xu"'], ["since:2024"]]),
        ("pruning cat:cs.CL models", "pruning models", [["cat:cs.CL"]]),
        ("author: Hinton", "", [["author:Hinton"]]),
        ("AUTHOR:Hinton Cat:cs.CL", "", [["author:Hinton"], ["cat:cs.CL"]]),
        ("au:Hinton ti:capsules abs:vision", "capsules vision", None),
        ("au:del_maestro", "", [["author:del_maestro"]]),
        ("author:“Mengwei Xu”", "", [['author:"Mengwei Xu"']]),
        ("author:Xu, M since:2024", "", [['author:"Xu, M"'], ["since:2024"]]),
        ("author:Xu, Mengwei agents", "agents", [['author:"Xu, Mengwei"']]),
        ("author:Xu, Mengwei W. cat:cs.CL", "", [['author:"Xu, Mengwei W."'], ["cat:cs.CL"]]),
        ("author:Xu, J.-P. agents", "agents", [['author:"Xu, J.-P."']]),
        ("author:Xu, agents", "agents", [["author:Xu"]]),
        ("author:Xu, AND cat:cs.CL", "", [["author:Xu"], ["cat:cs.CL"]]),
        ("author:Xu, M. W. agents", "agents", [['author:"Xu, M. W."']]),
        ("author:M. Xu agents", "agents", [['author:"M. Xu"']]),
        ('author:"Xu, Mengwei"', "", [['author:"Xu, Mengwei"']]),
        ("author:Hinton, title:capsules.", "capsules", [["author:Hinton"], ["title:capsules"]]),
        ("-author:Hinton pruning", "pruning", [["-author:Hinton"]]),
        ("NOT cat:cs.CV pruning", "pruning", [["-cat:cs.CV"]]),
        (
            "ti:checkerboard ANDNOT ti:game",
            "checkerboard",
            [["title:checkerboard"], ["-title:game"]],
        ),
        ("au:maestro AND ti:checkerboard", "checkerboard", None),
        ("cat:cs.CL OR cat:cs.LG pruning", "pruning", [["cat:cs.CL", "cat:cs.LG"]]),
        ("(cat:cs.CL OR cat:cs.LG) AND au:Xu", "", [["cat:cs.CL", "cat:cs.LG"], ["author:Xu"]]),
        ("author:Xu author:Yin", "", [["author:Xu"], ["author:Yin"]]),
        ("title:attention is all you need", "attention is all you need", [["title:attention"]]),
        ('title:"pre-training" x', "pre-training x", [["title:pre-training"]]),
        ("submittedDate:[20230101 TO 20231231]", "", [['year:"[20230101 TO 20231231]"']]),
        ("all:pruning", "pruning", []),
        ("author:O'Brien", "", [["author:O'Brien"]]),
        ("tag:model-compression/pruning", "", [["tag:model-compression/pruning"]]),
        ("since:2024) pruning", "pruning", [["since:2024"]]),
        ("category:cs.CL license:CC0-1.0 before:2020 after:2019", "", None),
    ],
)
def test_operators(query: str, words: str, groups: list[list[str]] | None) -> None:
    found_words, phrases, excluded, found = parts(query)
    assert (found_words, phrases, excluded) == (words, [], [])
    assert found == groups or (groups is None and len(found) > 1)


@pytest.mark.parametrize(
    "query",
    [
        "pruning of language models",
        "Theorem: every group is a group",
        "https://example.org/a:b?c=d",
        "GPT-4: a report",
        "k-means and -5 degrees",
        "f(x) (and others) AND more OR less",
        "subauthor:Hinton",
        "—author:Hinton",
        "a\nparagraph  with\tblanks",
        "not a cat and a tag",
        "arXiv:2401.08092",
        "(",
        ")))) ((((",
        "10:30",
    ],
)
def test_plain_words_stay_as_they_are(query: str) -> None:
    assert parse_query(query) == ParsedQuery(query, words=query)


@pytest.mark.parametrize(
    ("query", "words", "phrases", "excluded", "groups"),
    [
        ('big "mixture of experts"', "big mixture of experts", ["mixture of experts"], [], []),
        ('-"big data" -spam deep', "deep", [], ["big data", "spam"], []),
        ('"title: x"', "title: x", ["title: x"], [], []),
        ('all:"mixture of experts"', "mixture of experts", ["mixture of experts"], [], []),
        ('author:Hinton AND "big data"', "big data", ["big data"], [], [["author:Hinton"]]),
        (
            '"big data" OR "small data"',
            "big data small data",
            [],
            [],
            [['"big data"', '"small data"']],
        ),
        ('"big data" OR graphs', "big data graphs", [], [], [['"big data"', '"graphs"']]),
        (
            'graphs OR trees OR "big data"',
            "graphs trees big data",
            [],
            [],
            [['"graphs"', '"trees"', '"big data"']],
        ),
        ("deep cat:cs.CL OR graphs", "deep graphs", [], [], [["cat:cs.CL", '"graphs"']]),
        ('""', "", [], [], []),
        ('"', "", [], [], []),
        ('open "quote', "open quote", [], [], []),
        ("-all:spam deep", "deep", [], ["spam"], []),
        # letters that are those of an operator's name only if case is ignored
        ("deep ſince:2024", "deep ſince:2024", [], [], []),
        ("tıtle:abc", "tıtle:abc", [], [], []),
        ("authorſ:abc", "authorſ:abc", [], [], []),
    ],
)
def test_phrases_and_exclusions(
    query: str, words: str, phrases: list[str], excluded: list[str], groups: list[list[str]]
) -> None:
    assert parts(query) == (words, phrases, excluded, groups)


@pytest.mark.parametrize(
    ("query", "message", "suggestion"),
    [
        ("author:", "author: has no value", ""),
        ("pruning author: since:2024", "author: has no value", "pruning since:2024"),
        ('author:"" pruning', "author: has no value", "pruning"),
        ("author:... pruning", "author: has no value", "pruning"),
        ('author:"Mengwei Xu', "quote is not closed", 'author:"Mengwei Xu"'),
        ('au:"Mengwei Xu since:2024', "quote is not closed", 'au:"Mengwei Xu" since:2024'),
        ("(ti:a AND ti:b) OR cat:cs.CL", "OR joins single operators", ""),
        ("cat:cs.CL OR (ti:a ti:b)", "OR joins single operators", ""),
        ("cat:cs.CL " * (MAX_OPERATORS + 1), f"at most {MAX_OPERATORS}", ""),
    ],
)
def test_a_wrong_query_is_refused_with_a_correction(
    query: str, message: str, suggestion: str
) -> None:
    with pytest.raises(BadQuery, match=message) as refused:
        parse_query(query)
    assert refused.value.suggestion == suggestion
    if suggestion:
        parse_query(suggestion)


def test_operators_can_be_left_out_and_replaced() -> None:
    parsed = parse_query("pruning cat:cs.CL OR cat:cs.LG author:Xu")
    first, second, author = parsed.operators
    assert parsed.without(first) == "pruning cat:cs.LG author:Xu"
    assert parsed.without(second) == "pruning cat:cs.CL author:Xu"
    assert (
        parsed.replaced(author, 'author:"M. Xu"') == 'pruning cat:cs.CL OR cat:cs.LG author:"M. Xu"'
    )


@pytest.mark.parametrize(
    "part", ["author:", '"', "(", ")", "-", "-title:", "OR ", "AND ", "\x00", "é"]
)
def test_long_hostile_queries_are_parsed_or_refused(part: str) -> None:
    try:
        parse_query(part * 4_000)
    except BadQuery:
        return
    assert parse_query(part * 4_000).query


@pytest.mark.parametrize(
    ("query", "chips"),
    [
        ('"big data" deep -spam', {'"big data"': "deep -spam", "-spam": '"big data" deep'}),
        ('-"big data" NOT "old" x', {'-"big data"': 'NOT "old" x', '-"old"': '-"big data" x'}),
        ('cat:cs.CL "a b" -all:c', {"cat:cs.CL": '"a b" -all:c', '"a b"': "cat:cs.CL -all:c"}),
        ("“mixture of experts”", {'"mixture of experts"': ""}),
        ('"a b" OR graphs', {'"a b"': "graphs", '"graphs"': '"a b"'}),
    ],
)
def test_each_condition_can_be_removed(query: str, chips: dict[str, str]) -> None:
    parsed = parse_query(query)
    removed = {str(one): parsed.without(one) for one in parsed.conditions}
    assert {text: removed[text] for text in chips} == chips


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ('deep "big data" -spam cat:cs.CL OR cat:cs.LG learning', "deep learning"),
        ("author:Xu since:2024", ""),
        ("NOT cat:cs.CV pruning", "pruning"),
        ("pruning", "pruning"),
    ],
)
def test_all_conditions_can_be_removed(query: str, words: str) -> None:
    assert parse_query(query).without_conditions == words
