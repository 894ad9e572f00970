"""The names of authors in every export: split as the source gives them, guessed if it does not."""

import json
from typing import Any

import pytest
import rispy
from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares import SeparateCoAuthors, SplitNameParts

from api.formats.citations import bibtex, csl, json_ld, ris
from api.records.works import Work
from index.arxiv.paper import Paper, merge_records
from ingest.author_names import author_names
from ingest.oai.client import read_page
from ingest.snapshot.records import read_line
from tests.arxiv_server.oai_recorded import last_page
from tests.support.snapshots import lines, record

SPLIT = [
    ["García Márquez", "Gabriel", "", "Univ. of Aracataca"],
    ["Le Roux", "Agathe", ""],
    ["King", "Martin Luther", "Jr."],
    ["van der Berg", "Anna", ""],
    ["ATLAS Collaboration", "", ""],
    ["Plato", "", ""],
]
LINE = ", ".join(" ".join(filter(None, (row[1], row[0], *row[2:3]))) for row in SPLIT)
RIS = [
    "García Márquez, Gabriel",
    "Le Roux, Agathe",
    "King, Martin Luther, Jr.",
    "van der Berg, Anna",
    "ATLAS Collaboration",
    "Plato",
]
CSL = [
    {"family": "García Márquez", "given": "Gabriel"},
    {"family": "Le Roux", "given": "Agathe"},
    {"family": "King", "given": "Martin Luther", "suffix": "Jr."},
    {"family": "van der Berg", "given": "Anna"},
    {"literal": "ATLAS Collaboration"},
    {"literal": "Plato"},
]


def read(**fields: Any) -> Paper:
    return read_line(lines(record(**fields)).encode())


def from_snapshot() -> Paper:
    return read(authors_parsed=SPLIT)


def from_oai() -> Paper:
    """A record of the format `arXiv`, whose elements are keyname, forenames and suffix."""
    page = last_page("arXiv")
    names = ("keyname", "forenames", "suffix")
    authors = "".join(
        "<author>"
        + "".join(f"<{n}>{p}</{n}>" for n, p in zip(names, row, strict=False) if p)
        + "</author>"
        for row in SPLIT
    )
    head, _, rest = page.partition("<authors>")
    changed = f"{head}<authors>{authors}{rest[rest.index('</authors>') :]}"
    paper = read_page(changed.encode()).records[0].paper
    assert isinstance(paper, Paper)
    return paper


def merged_with_a_line() -> Paper:
    return merge_records(from_snapshot(), read(authors=LINE, authors_parsed=None))


@pytest.mark.parametrize("reader", [from_snapshot, from_oai, merged_with_a_line])
def test_a_split_is_exported_as_it_is_given(reader: Any) -> None:
    work = Work(reader(), "", summary_is_abstract=False)
    (entry,) = parse_string(
        bibtex([work]), append_middleware=[SeparateCoAuthors(), SplitNameParts()]
    ).entries
    names = entry.fields_dict["author"].value
    families = [" ".join([*name.von, *name.last]) for name in names]
    assert families[:4] == ["García Márquez", "Le Roux", "King", "van der Berg"]
    assert families[4:] == ["{ATLAS Collaboration}", "{Plato}"]
    assert [" ".join(name.first) for name in names[:2]] == ["Gabriel", "Agathe"]
    assert [" ".join(name.jr) for name in names[2:4]] == ["Jr.", ""]
    (exported,) = rispy.loads(ris([work]))
    assert exported["authors"] == RIS
    assert json.loads(csl([work]))[0]["author"] == CSL
    people = json.loads(json_ld([work]))["author"]
    assert people[0] == {
        "@type": "Person",
        "name": "Gabriel García Márquez",
        "familyName": "García Márquez",
        "givenName": "Gabriel",
    }
    assert people[2]["honorificSuffix"] == "Jr."
    assert people[4] == {"@type": "Organization", "name": "ATLAS Collaboration"}


def test_a_line_without_a_split_is_guessed_and_its_guess_is_no_fact() -> None:
    work = Work(read(authors=LINE, authors_parsed=None), "", summary_is_abstract=False)
    assert work.paper.authors == author_names(LINE)
    guessed = [*json.loads(csl([work]))[0]["author"]]
    assert guessed[0] == {"family": "Márquez", "given": "Gabriel García"}
    assert guessed[1:4] == CSL[1:4]
    people = json.loads(json_ld([work]))["author"]
    assert people[0] == {"@type": "Person", "name": "Gabriel García Márquez"}
    assert all(parts.is_guess for parts in work.paper.author_parts)


def test_and_in_a_family_name_does_not_separate_authors() -> None:
    paper = read(authors_parsed=[["Mark and Sons", "Eva", ""]])
    assert paper.authors == ("Eva Mark and Sons",)
    assert "author = {{Mark and Sons}, Eva}" in bibtex([Work(paper, "", summary_is_abstract=False)])
