"""Any library can be read, and each reference gets its paper or a reason."""

import json
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from index.arxiv.paper import Paper
from index.catalogue.catalogue import Catalogue
from index.errors import BadInput
from index.lists.reference_matching import ReferenceMatches, match_references
from index.lists.references import Reference, parse_references
from tests.conftest import SURVEY
from tests.support.two_papers import OTHER, PAPER

TITLE = "A Survey of Resource-efficient LLM and Multimodal Foundation Models"
BIBTEX = """\
% made by hand
@string{arx = "arXiv preprint arXiv:2401.08092"}
@article{xu2024,
  title   = {A Survey of {Resource}-efficient {LLM} and Multimodal Foundation Models},
  author  = {Xu, Mengwei and others},
  journal = arx,
  year    = 2024
}
@comment{nothing of this}
@Book(sipser, TITLE = "Introduction to the {Th\\'eorie} of Computation", DOI = {10.1000/ABC\\_1})
"""
RIS = """\
TY  - JOUR
ID  - xu2024
TI  - A Survey of Resource-efficient LLM
      and Multimodal Foundation Models
UR  - https://example.org/a;b
UR  - http://arxiv.org/abs/2401.08092v1
ER  -

TY  - BOOK
ID  - sipser
T1  - Introduction to the Théorie of Computation
DO  - https://doi.org/10.1000/ABC_1
ER  -
"""
CSL = json.dumps(
    [
        {"id": "xu2024", "title": TITLE, "number": "arXiv:2401.08092", "issued": {"year": 2024}},
        {
            "id": "sipser",
            "title": ["Introduction to the <i>Théorie</i> of Computation"],
            "DOI": "10.1000/ABC_1",
        },
    ]
)
SAME = [
    Reference("xu2024", TITLE, arxiv_id=SURVEY),
    Reference("sipser", "Introduction to the Théorie of Computation", doi="10.1000/abc_1"),
]


def bibtex(*entries: str) -> list[Reference]:
    """Parse a .bib file whose entries a, b, c have these fields."""
    keys = "abcdefgh"
    written = (f"@misc{{{key},\n{fields}\n}}\n" for key, fields in zip(keys, entries, strict=False))
    return parse_references("my.bib", "".join(written).encode())


def ris(*lines: str) -> Reference:
    return parse_references("my.ris", "\n".join(["TY  - JOUR", *lines, "ER  -"]).encode())[0]


def csl(**fields: object) -> Reference:
    return parse_references("my.json", json.dumps([fields]).encode())[0]


def titled(catalogue: Catalogue, *titles: str) -> ReferenceMatches:
    return match_references(catalogue, [Reference(str(n), title) for n, title in enumerate(titles)])


# Reading.


@pytest.mark.parametrize(("suffix", "text"), [(".bib", BIBTEX), (".ris", RIS), (".json", CSL)])
@pytest.mark.parametrize("change", [str, lambda text: "\ufeff" + text.replace("\n", "\r\n")])
def test_a_library_reads_the_same_in_every_format(
    suffix: str, text: str, change: Callable[[str], str]
) -> None:
    assert parse_references("My Library" + suffix, change(text).encode()) == SAME
    assert parse_references("my.txt", change(text).encode()) == SAME
    assert parse_references("", change(text).encode()) == SAME


@pytest.mark.parametrize(
    ("fields", "arxiv_id"),
    [
        ("eprint = {2401.08092}, archivePrefix = {arXiv}, primaryClass = {cs.LG}", SURVEY),
        ("Eprint = {2401.08092v3}, eprinttype = {arxiv}", SURVEY),
        ("eprint = {arXiv:2401.08092 [cs]}", SURVEY),
        ("eprint = {https://arxiv.org/abs/2401.08092}, eprinttype = {arXiv}", SURVEY),
        ("eprint = {hep-th/9901001}", "hep-th/9901001"),
        ("eprint = {9901001}, archiveprefix = {arXiv}, primaryclass = {hep-th}", "hep-th/9901001"),
        ("arxivId = {2401.08092}, url = {arxiv.org}", SURVEY),
        ("url = {https://arxiv.org/pdf/2401.08092v2.pdf}", SURVEY),
        ("url = {http://arxiv.org/abs/math.GT/0309136}", "math/0309136"),
        ("doi = {10.48550/arXiv.2401.08092}", SURVEY),
        ("doi = {https://doi.org/10.48550/ARXIV.2401.08092}", SURVEY),
        ("journal = {arXiv preprint arXiv:2401.08092}", SURVEY),
        ("journal = {arXiv e-prints}, pages = {arXiv:2401.08092}", SURVEY),
        ("journal = {CoRR}, volume = {abs/2401.08092}", SURVEY),
        (r"howpublished = {\url{https://arxiv.org/abs/2401.08092}}", SURVEY),
        ('note = "Preprint, arXiv: 2401.08092 (2024)"', SURVEY),
        ("eprint = {2401.08092}, eprinttype = {jstor}", None),
        ("note = {pp. 2401.08092}", None),  # a number without any mention of arXiv
        ("note = {arXiv 2013.00001}", None),  # month 13 does not exist
        ("doi = {10.1145/2401.08092}, publisher = {ACM}", None),
        ("abstract = {arXiv:2401.08092}", None),  # a mention in the text, not its own id
    ],
)
def test_an_arxiv_id_is_found_in_every_usual_field(fields: str, arxiv_id: str | None) -> None:
    assert bibtex(fields)[0].arxiv_id == arxiv_id


@pytest.mark.parametrize(
    "reference",
    [
        ris("AN  - arXiv:2401.08092"),
        ris("M1  - arXiv:2401.08092"),
        ris("N1  - arXiv:2401.08092 [cs]"),
        ris("JO  - ArXiv", "VL  - abs/2401.08092"),
        ris("DO  - 10.48550/arXiv.2401.08092"),
        *(
            ris(f"{tag}  - https://arxiv.org/pdf/2401.08092v1")
            for tag in ("UR", "LK", "L1", "L2", "L4")
        ),
        *(ris(f"{tag}  - arXiv:2401.08092") for tag in ("C7", "M3", "C1", "U1", "CN", "RN", "ID")),
        ris("DB  - arXiv", "AN  - 2401.08092"),
        ris("T2  - arXiv preprint", "M1  - 2401.08092"),
        ris("N1  - Reply to arXiv:2402.00001", "N1  - arXiv:2401.08092"),
        csl(archiveID="arXiv:2401.08092"),
        csl(repository="arXiv", archiveID="2401.08092"),
        csl(publisher="arXiv", number="2401.08092"),
        csl(custom={"arXiv": "arXiv:2401.08092"}),
        ris("NO  - arXiv:2401.08092", "AB  - unlike arXiv:2402.00001", "KW  - arXiv:2402.00001"),
        csl(custom={"arXiv": "2401.08092"}),
        csl(externalIds={"CorpusId": 1, "ArXiv": "2401.08092"}),
        csl(identifiers=[{"type": "arXiv", "value": "2401.08092"}]),
        csl(source="arXiv.org", number="2401.08092"),
        csl(note="Comment: 12 pages\narXiv:2401.08092 [cs]"),
        csl(extra="tex.eprint: 2401.08092\narXiv: 2401.08092"),
        csl(attachments=[{"title": "PDF", "url": "https://arxiv.org/pdf/2401.08092"}]),
        csl(data={"itemType": "preprint", "archiveID": "arXiv:2401.08092"}),
        csl(id="arxiv:2401.08092"),
        csl(URL="http://arxiv.org/abs/2401.08092"),
        csl(DOI="10.48550/arXiv.2401.08092"),
        csl(note="arXiv:2401.08092 [cs]"),
        csl(archive="arXiv", archive_location="2401.08092"),
        csl(**{"container-title": "arXiv preprint arXiv:2401.08092"}),
    ],
)
def test_the_other_formats_use_their_own_fields(reference: Reference) -> None:
    assert reference.arxiv_id == SURVEY


@pytest.mark.parametrize(
    ("fields", "doi"),
    [
        ("doi = {10.1000/ABC}", "10.1000/abc"),
        ("doi = {https://dx.doi.org/10.1000/abc}", "10.1000/abc"),
        ("doi = {doi:10.1000/abc.}", "10.1000/abc"),
        ("url = {https://doi.org/10.1000/a%2Fb?x=1}", "10.1000/a/b"),
        ("doi = {10.1175/1520(1995)008<2440:A>2.0.CO;2}", "10.1175/1520(1995)008<2440:a>2.0.co;2"),
        ("doi = {forthcoming}, url = {https://example.org/10}", None),
    ],
)
def test_a_doi_is_read_without_its_address(fields: str, doi: str | None) -> None:
    assert bibtex(fields)[0].doi == doi


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r"{P}oincar{\'e} and {\o}re, {K\"a}hler", "Poincaré and øre, Kähler"),
        (r"Mart\'{\i}n \v{S}koda {\L}{\'o}d{\'z} \c{c}", "Martín Škoda Łódź ç"),
        (
            r"The $\alpha$-decay at $10^{-3}$ \& 5\% of \textbf{all}",
            "The α-decay at 10^-3 & 5% of all",
        ),
        (r"\unknown{Deep}~learning", "Deep learning"),
        ("Two\n   lines", "Two lines"),
        (r"A \\ b \' 1", "A b 1"),
    ],
)
def test_a_title_is_read_without_markup(written: str, read: str) -> None:
    assert bibtex(f"title = {{{written}}}")[0].title == read


# What is broken.


def test_a_broken_entry_does_not_affect_the_others() -> None:
    text = (
        "@misc{a, title={One}}\n\n@misc{b, title={Two\n@misc{c, title={Three}}\n@misc{d, title}\n"
    )
    one, two, three, four = parse_references("my.bib", text.encode())
    assert [one.title, three.title] == ["One", "Three"]
    assert (two.key, four.key) == ("b", "d")
    assert two.fault is not None
    assert two.fault == "the entry in line 3 cannot be read: the value of 'title' does not end"
    assert four.fault is not None
    assert "line 5" in four.fault


def test_a_broken_entry_is_reported_with_its_line(empty_catalogue: Catalogue) -> None:
    [reference] = parse_references("my.bib", b"\n\n@misc{, title={Two")
    [unmatched] = match_references(empty_catalogue, [reference]).unmatched
    assert unmatched.reference.key == "line 3"
    assert unmatched.reason == reference.fault


def test_a_broken_comment_is_not_a_reference() -> None:
    assert len(parse_references("my.bib", b"@misc{a, title={One}}\n@comment{ {")) == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("my.bib", "@misc{{a,\n title={{Théorie}}}}\n@misc{{b,\n title={{{0} ½}}}}\n@misc{{c,}}"),
        (
            "my.ris",
            "TY  - A\nID  - a\nTI  - Théorie\nTY  - B\nID  - b\nTI  - {0} ½\nTY  - C\nID  - c",
        ),
        (
            "my.json",
            '[{{"id": "a", "title": "Théorie"}}, {{"id": "b", "title": "{0} ½"}}, {{"id": "c"}}]',
        ),
    ],
)
def test_a_byte_that_is_not_utf8_refuses_no_entry(name: str, content: str) -> None:
    foreign = content.format("\udce9l\udc80ve").encode("utf-8", "surrogateescape")
    one, two, three = parse_references(name, foreign)
    assert (one.title, two.title, three.key) == ("Théorie", "él€ve ½", "c")
    assert [one.remark, three.remark] == [None, None]
    assert two.remark is not None
    assert "has the byte 0xE9, which is not UTF-8" in two.remark
    assert ("in line 3" in two.remark) == (name == "my.bib")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_names_the_encoding(encoding: str) -> None:
    assert parse_references("my.bib", BIBTEX.encode(encoding)) == SAME
    assert parse_references("my.json", CSL.encode(encoding)) == SAME


def test_what_was_guessed_is_said_of_each_entry(empty_catalogue: Catalogue) -> None:
    empty_catalogue.store([PAPER])
    library = b"@misc{a, eprint={%s}, author={M\xfcller}}\n" % PAPER.id.encode()
    library += b"@misc{b,\n eprint={2501.00001}},\n note={x}}\n@misc{c, title"
    match = match_references(empty_catalogue, parse_references("my.bib", library))
    assert [one.reference.key for one in match.matched] == ["a"]
    assert match.remarks == [
        "a: the entry in line 1 has the byte 0xFC, which is not UTF-8: such bytes were read as "
        "Windows-1252",
        "b: the entry in line 2 cannot be read: it has a closing brace too many",
    ]
    many = [Reference(str(n), "", PAPER.id, remark="guessed") for n in range(30)]
    remarks = match_references(empty_catalogue, many).remarks
    assert (len(remarks), remarks[-1]) == (21, "and 10 more entries like these")


def test_a_duplicate_key_or_field_loses_nothing() -> None:
    text = '@misc{a, title="One"}\n@misc{a, title="Two", note="1", note="2"}\n@misc{a, title="3"}'
    text += '\n@string{x = "y"}\n@string{x = "z"}'
    read = parse_references("my.bib", text.encode())
    assert [(r.key, r.title, r.fault) for r in read] == [
        ("a", "One", None),
        ("a", "Two", None),
        ("a", "3", None),
    ]


def test_a_record_without_an_end_does_not_absorb_the_next() -> None:
    text = "about\nTY  - JOUR\nTI  - One\nTY  - JOUR\n  lost\nZZ  - odd\nTI  - Two\nER  -\nTI  - x"
    assert [(r.key, r.title) for r in parse_references("my.ris", text.encode())] == [
        ("reference 1", "One"),
        ("reference 2", "Two"),
    ]


@pytest.mark.parametrize("name", ["my.bib", "my.ris", "my.json", "my.txt", ""])
@pytest.mark.parametrize("text", [BIBTEX, RIS, CSL])
def test_the_contents_of_a_file_say_its_format(name: str, text: str) -> None:
    assert parse_references(name, text.encode())[0].arxiv_id == SURVEY


def test_indented_tags_are_read() -> None:
    text = "  TY  - JOUR\n  TI  - One\n  UR  - https://arxiv.org/abs/2401.08092\n  ER  - \n"
    assert parse_references("", text.encode()) == [Reference("reference 1", "One", SURVEY)]


@pytest.mark.parametrize("tag", ["AB", "N2", "KW", "T1", "ST", "AU"])
def test_a_paper_that_an_abstract_or_a_title_mentions_is_not_taken(tag: str) -> None:
    assert ris(f"{tag}  - arXiv:2401.08092").arxiv_id is None


def test_values_that_are_not_text_are_ignored() -> None:
    odd = {"id": 7, "title": 8, "DOI": None, "URL": {"a": [1]}, "note": [[1], "arXiv:2401.08092"]}
    assert csl(**odd) == Reference("7", "8", SURVEY)
    [number, empty] = parse_references("my.json", b"[3, {}]")
    assert number.fault == "it is not an object of CSL-JSON"
    assert empty == Reference("reference 2", "")


def test_a_single_object_is_a_library_with_one_reference() -> None:
    assert parse_references("my.json", b'{"id": "a", "title": "One"}') == [Reference("a", "One")]
    for name in ("items", "references"):
        text = f'{{"{name}": [{{"id": "a"}}]}}'
        assert parse_references("my.json", text.encode()) == [Reference("a", "")]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("my.bib", "@misc{a, title={" + "{" * 10**6 + "}" * 10**6 + "}}"),
        ("my.bib", "@misc{a, title={" + r"\sqrt[" * 10**5 + "}}"),
        ("my.bib", "@misc{a, title={" + "\\'" * 10**5 + "}}"),
        ("my.bib", "@misc{" + "a" * 10**6 + ", title={One}}"),
        ("my.bib", "@misc{a, " + "b" * 10**6 + "}"),
        ("my.bib", "@misc{a, url={" + "arxiv " * 10**5 + "}}"),
        ("my.bib", "@misc{a, doi={" + "10." * 10**5 + "}}"),
        ("my.bib", "@misc{a\0, title={\0\x01\x1b[2J}, eprint={\0}}"),
        ("my.ris", "TY  - JOUR\nTI  - " + "x\n" * 10**6),
        ("my.ris", "TY  - \0\nTI  - \0\u2028\nUR  -\nER"),
        ("my.json", '[{"id": "\\ud800", "title": "\\ud800 \\u0000 one", "number": 1e999}]'),
    ],
)
def test_a_hostile_library_is_read_quickly(
    empty_catalogue: Catalogue, name: str, content: str
) -> None:
    started = time.process_time()
    references = parse_references(name, content.encode())
    match = match_references(empty_catalogue, references)
    assert len(match.unmatched) == 1
    assert all(r.title.isprintable() and r.key.isprintable() for r in references)
    assert max(len(r.key) for r in references) <= 200
    assert time.process_time() - started < 5


def test_faults_of_a_library_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    parse_references("my.bib", b"@misc{a, secret")
    assert not caplog.records


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("my.bib", b"\xff\xfe@", "is not UTF-16, as its first bytes say: save it as UTF-8"),
        ("my.json", '[{"id": "a"},\n {"id": }]', "not JSON: Expecting value in line 2"),
        ("my.json", "[" * 10**6, "is nested too deeply"),
        ("my.json", "[" + "9" * 10**4 + "]", "a number with too many digits"),
        ("my.bib", "", r"my\.bib has no reference in BibTeX, such as @article"),
        ("my.bib", "no entry", "has no reference in BibTeX"),
        ("my.ris", "TI  - A title", "has no reference in RIS, such as TY  - JOUR"),
        ("my.json", "[]", "has no reference in CSL-JSON or Better BibTeX JSON"),
        ("my.json", "{}", "has no reference in CSL-JSON or Better BibTeX JSON"),
        ("my.json", "3", "has no reference in CSL-JSON or Better BibTeX JSON"),
        ("my.json", '{"items": 3}', "has no reference in CSL-JSON or Better BibTeX JSON"),
        ("my.txt", "a title", r"my\.txt is not BibTeX \(\.bib\), RIS \(\.ris\), CSL-JSON"),
        ("my.bib", "@misc{a}\n" * 10_001, "more than 10,000 references"),
        ("my.ris", "TY  - JOUR\n" * 10_001, "more than 10,000 references"),
        ("my.json", "[" + "{}," * 10_000 + "{}]", "more than 10,000 references"),
        ("my.bib", b" " * 5_000_001, "the limit is 5 MB"),
        ("a/" + "\0" + "b" * 10**6, "", "^b{80} is not BibTeX"),
        ("", "", "^the library is not BibTeX"),
    ],
)
def test_the_error_for_another_file_says_what_would_be_right(
    name: str, content: str | bytes, said: str
) -> None:
    with pytest.raises(BadInput, match=f"(?s){said}"):
        parse_references(name, content if isinstance(content, bytes) else content.encode())


# Matching.


def test_every_paper_is_found_by_its_own_title(catalogue: Catalogue) -> None:
    rows = catalogue._db.execute("SELECT id, title FROM papers").fetchall()
    long = {paper_id: title for paper_id, title in rows if len(title.split()) >= 3}
    written = [f"@misc{{key{i},\n title={{{{{t}}}}} }}" for i, t in long.items()]
    match = match_references(catalogue, parse_references("my.bib", "\n".join(written).encode()))
    assert all(m.by == "title" and m.reference.key == f"key{m.paper_id}" for m in match.matched)
    assert len(match.matched) > 0.98 * len(long)


def test_the_survey_is_found_three_ways(catalogue: Catalogue) -> None:
    for reference in SAME[0], replace(SAME[0], arxiv_id=None):
        [matched] = match_references(catalogue, [reference]).matched
        assert matched.paper_id == SURVEY
    assert matched.by == "title"


def test_an_arxiv_id_has_priority_over_a_doi_and_a_doi_over_a_title(
    empty_catalogue: Catalogue,
) -> None:
    third = Paper("2401.00003", "Quantizing Large Networks")
    empty_catalogue.store([PAPER, OTHER, third])
    reference = Reference("a", third.title, arxiv_id=OTHER.id, doi="10.1/1")
    by_doi = replace(reference, arxiv_id=None)
    by_title = replace(by_doi, doi="10.1/2")
    found = match_references(empty_catalogue, [reference, by_doi, by_title])
    assert [(m.paper_id, m.by) for m in found.matched] == [
        (OTHER.id, "arxiv id"),
        (PAPER.id, "doi"),
        (third.id, "title"),
    ]
    assert [m.reference for m in found.matched] == [reference, by_doi, by_title]


def test_a_paper_that_is_listed_several_times_is_matched_once(empty_catalogue: Catalogue) -> None:
    empty_catalogue.store([PAPER])
    again = [Reference("a", PAPER.title), Reference("b", "", PAPER.id), Reference("a", PAPER.title)]
    missing = [Reference("c", "Nothing of this"), Reference("c", "Nothing of this")]
    match = match_references(empty_catalogue, again + missing)
    assert [m.reference.key for m in match.matched] == ["a"]
    assert [u.reference.key for u in match.unmatched] == ["c"]


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        (
            Reference("a", PAPER.title, "2501.00001"),
            "arXiv:2501.00001 has not been harvested into this catalogue",
        ),
        (
            Reference("a", "No such paper"),
            "no paper in this catalogue has its arXiv id, DOI or title",
        ),
        (
            Reference("a", "", doi="10.1/2"),
            "no paper in this catalogue has its arXiv id, DOI or title",
        ),
        (Reference("a", ""), "no paper in this catalogue has its arXiv id, DOI or title"),
    ],
)
def test_an_unmatched_reference_has_a_reason(
    empty_catalogue: Catalogue, reference: Reference, reason: str
) -> None:
    empty_catalogue.store([PAPER])
    match = match_references(empty_catalogue, [reference])
    assert match.matched == []
    assert [(u.reference, u.reason) for u in match.unmatched] == [(reference, reason)]


@pytest.mark.parametrize(
    "held", ["10.1000/ABC", "10.1/1 10.1000/aBc", "10.1/1; 10.1000/abc, 10.1/2"]
)
def test_a_doi_is_found_among_several_and_in_upper_case(
    empty_catalogue: Catalogue, held: str
) -> None:
    empty_catalogue.store([replace(PAPER, doi=held), OTHER])
    [matched] = match_references(
        empty_catalogue, bibtex("doi = {https://doi.org/10.1000/Abc}")
    ).matched
    assert (matched.paper_id, matched.by) == (PAPER.id, "doi")


@pytest.mark.parametrize(
    ("held", "written"),
    [
        ("Pruning Large Networks", "pruning LARGE networks."),
        ("Pre-training: large, deep networks", "{Pre-Training} -- Large Deep Networks"),
        ("Finetuning large deep networks", "Fine-tuning Large Deep Networks"),
        (
            "Schr\\\"odinger operators and Poincar\\'e maps",
            "Schrödinger Operators and Poincaré Maps",
        ),
        ("Schrödinger operators and maps", 'Schr{\\"o}dinger operators and maps'),
        ("The $\\alpha$-decay of $H_2O$ at rest", "The α-decay of H<sub>2</sub>O at rest"),
        ("$O(n\\log n)$ sorting of long lists", "O(n log n) Sorting of Long Lists"),
        (
            "Self-attention, cross-attention, co-attention",
            "Self-Attention Cross-Attention Co-Attention",
        ),
        ("Théorie générale élémentaire", r"Th\'eorie g{\'e}n\'erale \'el\'ementaire"),
        ('"AND" or not: a "title" OR (more)', "AND or NOT: a title or more"),
    ],
)
def test_a_title_is_found_in_every_spelling(
    empty_catalogue: Catalogue, held: str, written: str
) -> None:
    empty_catalogue.store([replace(PAPER, title=held), OTHER])
    [matched] = titled(empty_catalogue, bibtex(f"title = {{{written}}}")[0].title).matched
    assert (matched.paper_id, matched.by) == (PAPER.id, "title")


@pytest.mark.parametrize(
    ("held", "written"),
    [
        ("Strings and networks", "Strings and large networks"),
        ("Strings and large networks", "Strings and networks"),
        ("Decay of $\\eta$ mesons", "Decay of $\\omega$ mesons"),
        ("Large networks", "Large networks"),  # many papers have a title of two words
        ("Large --- networks", "Large --- networks"),  # a dash is not a word
    ],
)
def test_another_title_is_another_paper(
    empty_catalogue: Catalogue, held: str, written: str
) -> None:
    empty_catalogue.store([replace(PAPER, title=held)])
    assert titled(empty_catalogue, bibtex(f"title = {{{written}}}")[0].title).matched == []


def test_a_reference_that_fits_several_papers_matches_none(empty_catalogue: Catalogue) -> None:
    twin = replace(PAPER, id="2401.00002", title="Pruning large networks!")
    empty_catalogue.store([PAPER, twin])
    [by_title] = titled(empty_catalogue, PAPER.title).unmatched
    assert by_title.reason == "2 papers here have its title: arXiv:2401.00001, arXiv:2401.00002"
    [by_doi] = match_references(empty_catalogue, [Reference("a", "", doi="10.1/1")]).unmatched
    assert by_doi.reason == "2 papers here have its DOI: arXiv:2401.00001, arXiv:2401.00002"


def test_no_lookup_reads_every_paper(
    empty_catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    empty_catalogue._db.conn.set_trace_callback(asked.append)
    match_references(
        empty_catalogue, [Reference("a", "Three words here"), Reference("b", "", SURVEY, "10.1/1")]
    )
    empty_catalogue._db.conn.set_trace_callback(None)
    looks = [query for query in asked if query.startswith("SELECT")]
    assert len(looks) >= 3
    for query in looks:
        for *_, step in empty_catalogue._db.execute(f"EXPLAIN QUERY PLAN {query}"):
            reads_all = step.startswith("SCAN papers")
            by_words = "VIRTUAL TABLE INDEX 0:M" in step
            assert not reads_all or by_words or "papers_of_several_dois" in step, query
