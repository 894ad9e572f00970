"""BibTeX is read entry by entry; a mistake spoils no more than its own field."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from index.bibliography import bibtex, bibtex_fields
from index.bibliography.bibtex import BibtexEntry, read_bibtex


def entries(text: str) -> list[BibtexEntry]:
    return read_bibtex(text, 1_000)


def only(text: str) -> BibtexEntry:
    (entry,) = entries(text)
    return entry


# What BibTeX allows.


@pytest.mark.parametrize(
    "text",
    [
        "@misc{a, title={T}, eprint={2401.08092}}",
        "\n\n}@misc{a, title={T}, eprint={2401.08092}}",
        '@MISC(a, TITLE="T", Eprint="2401.08092")',
        "@ misc {a, title={T}, eprint={2401.08092}}",
        "@\tmisc\n{\n a\n,\ntitle\n=\n{T}\n,eprint={2401.08092},\n}",
        '@string{n = "08092"} @misc{a, title={T}, eprint = "2401." # n}',
        '@string(n = "08092")\n@misc{a, title={T}, eprint = {2401.} # N}',
        '@misc{a, title={T}, eprint = "2401." # "08092"}',
        "@misc{a, title={T}, eprint = 2401.08092}",
        "---\n---\n\n@misc{a, title={T}, eprint={2401.08092}}",
        "% Encoding: UTF-8\n\n@misc{a, title={T}, eprint={2401.08092}}\n@Comment{jabref-meta: x;}",
        "someone@example.org wrote:\n@misc{a,\n % note = {x},\n title={T}, eprint={2401.08092}}",
        '@preamble{"\\def\\x{y}"} junk @misc{a, title={T}, eprint={2401.08092}} junk',
        "@comment{ @misc{z, title={Z}} }\n@misc{a, title={T}, eprint={2401.08092}}",
        "%@misc{a,\n%  title={T},\n%  eprint={2401.08092}\n%}",
    ],
)
def test_an_entry_is_read_as_bibtex_reads_it(text: str) -> None:
    entry = only(text)
    assert (entry.kind, entry.key, entry.fault) == ("misc", "a", None)
    assert entry.fields == [("title", "T"), ("eprint", "2401.08092")]


@pytest.mark.parametrize(
    "value",
    [
        r"C:\papers\ ".strip(),
        r"of the form \\",
        r"50 \% {of \{ all\} of it}",
        'quotes " in braces',
        "an address: me@example.org {and} @more",
        "\n@ in a line of its own\n",
        "",
    ],
)
def test_braces_alone_end_a_value(value: str) -> None:
    first, second = entries(f"@misc{{a, abstract = {{{value}}}, title={{T}}}}\n@misc{{b,}}")
    assert first.fields == [("abstract", value), ("title", "T")]
    assert (first.fault, second.key) == (None, "b")


def test_a_part_takes_what_describes_it_from_the_whole() -> None:
    part, talk, whole, empty = entries(
        "@inproceedings{a, title={T}, volume={abs/2401.08092}, crossref={P}}\n"
        "@misc{talk, crossref = {a}}\n"
        "@proceedings{p, title={Proceedings}, journal={CoRR}, doi={10.1/1}, eprint={2402.00001}}\n"
        "@misc{lost, title={L}, crossref={nowhere}}\n"
    )
    assert part.value("journal") == "CoRR"
    assert (part.value("doi"), part.value("eprint"), part.value("title")) == ("", "", "T")
    assert (talk.value("title"), talk.value("volume")) == ("T", "abs/2401.08092")
    assert (whole.value("doi"), empty.value("journal")) == ("10.1/1", "")


def test_xdata_is_no_entry_but_gives_all_its_fields() -> None:
    entry = only("@xdata{x, eprinttype={arxiv}, url={u}}\n@misc{a, title={T}, xdata={x}}")
    assert (entry.key, entry.value("url"), entry.value("eprinttype")) == ("a", "u", "arxiv")


# Mistakes.


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("@misc{a, title={T}; eprint={2401.08092}}", "is not a field"),
        ("@misc{a,\n title={T},\n note={open,\n eprint={2401.08092}\n}", "it does not end"),
        ("@misc{a,\n title={T\n eprint={2401.08092},\n}", "it does not end"),
        ('@misc{a,\n title="T",\n note="a "b" c",\n eprint={2401.08092}}', "is not a field"),
        ("@misc{a,\n title={T},\n note,\n eprint={2401.08092}}", "is not a field"),
        ("@misc{a,\n title={T}},\n eprint={2401.08092}\n}", "a closing brace too many"),
        ("@misc{a,\n title={T},\n eprint={2401.08092}\n", "it does not end"),
        ("@misc{a,\n title={T} eprint={2401.08092}}", None),
        ("@misc{a title={T}, eprint={2401.08092}}", None),
        ("@misc{a,\n title={T},, ,eprint={2401.08092},,}", None),
        ('@misc{a,\n title={T},\n note = "unbalanced { brace",\n eprint={2401.08092}}', "end"),
        ("@misc{a,\n abstract={50 \\} of},\n title={T},\n eprint={2401.08092}}", "not a field"),
    ],
)
def test_a_mistake_spoils_no_other_field_and_no_other_entry(text: str, fault: str | None) -> None:
    first, second = entries(f"{text}\n\n@misc{{b, title={{B}}}}")
    assert first.value("title").strip() == "T"
    assert first.value("eprint") == "2401.08092"
    assert (first.fault is None) if fault is None else (fault in (first.fault or ""))
    assert (second.key, second.fields, second.fault) == ("b", [("title", "B")], None)


def test_each_entry_is_named_with_its_line() -> None:
    text = "\n@misc{a, title={One}}\n\n@misc{, title={Two\n@misc{c\n, title={Three}}\n@misc{d, x}"
    assert [(entry.line, entry.key, entry.value("title")) for entry in entries(text)] == [
        (2, "a", "One"),
        (4, "", "Two"),
        (5, "c", "Three"),
        (7, "d", ""),
    ]


def test_fields_outside_of_an_entry_are_not_lost_without_a_word() -> None:
    lost, entry = entries("misc{a,\n  title = {One},\n}\n@misc{b, title={Two}}")
    assert (lost.kind, lost.line, lost.fault) == ("", 2, "it has a field outside of any entry")
    assert entry.key == "b"
    for text in ("misc{a, title={One}}", "me@misc{a, title={One}}", "@misc\\{a}\n title={One},\n"):
        assert [one.fault for one in entries(text)] == ["it has a field outside of any entry"]


def test_duplicate_keys_and_fields_are_kept() -> None:
    first, second = entries("@misc{a, note={1}, note={2}}\n@misc{a, note={3}}")
    assert (first.fields, second.fields) == ([("note", "1"), ("note", "2")], [("note", "3")])


@pytest.mark.parametrize(
    "text", ["", "no entry", "@comment{x}", "@string{a = {b}}", "@", "@{", "{"]
)
def test_a_file_without_entries_has_none(text: str) -> None:
    assert entries(text) == []


# Bounded work.


class CountedPattern:
    """A pattern that counts the characters that its searches pass over."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._pattern = pattern
        self.characters = 0

    def search(self, text: str, begin: int = 0, end: int | None = None) -> re.Match[str] | None:
        limit = len(text) if end is None else end
        found = self._pattern.search(text, begin, limit)
        self.characters += (found.end() if found else limit) - begin
        return found

    def match(self, text: str, begin: int = 0, end: int | None = None) -> re.Match[str] | None:
        found = self._pattern.match(text, begin, len(text) if end is None else end)
        self.characters += 1 + (found.end() - begin if found else 0)
        return found

    def finditer(
        self, text: str, begin: int = 0, end: int | None = None
    ) -> Iterator[re.Match[str]]:
        limit = len(text) if end is None else end
        self.characters += limit - begin
        return self._pattern.finditer(text, begin, limit)


def work(text: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """Return how many characters the patterns passed over while reading a text."""
    counted = []
    with monkeypatch.context() as patch:
        for module in (bibtex, bibtex_fields):
            for name, value in vars(module).items():
                if isinstance(value, re.Pattern):
                    counted.append(CountedPattern(value))
                    patch.setattr(module, name, counted[-1])
        read_bibtex(text, 10_000)
    return sum(pattern.characters for pattern in counted)


@pytest.mark.parametrize(
    "repeated",
    [
        "@misc{a,",
        "@misc{a,\n",
        "@misc{a, title={x},\n",
        "x={",
        "x={\n",
        'x="{},\n',
        ",x=",
        "\n",
        " ",
        "{",
        "}",
        '"',
        "@",
        "@comment{",
        "@comment{\n",
        "@string{a=b#b}\n",
        "a # ",
        "%",
        "= ",
        "@misc{a}},\nx={y}",
    ],
)
def test_work_grows_as_the_file_does(monkeypatch: pytest.MonkeyPatch, repeated: str) -> None:
    count = 8_000 // len(repeated)
    for opening in ("@misc{a,", "@misc{a, x={", '@misc{a, x="', ""):
        half = work(opening + repeated * count, monkeypatch)
        whole = work(opening + repeated * count * 2, monkeypatch)
        assert whole < 2.5 * half + 10_000, opening


def test_strings_that_double_each_other_stay_small() -> None:
    doubling = "".join(f"@string{{s{n + 1} = s{n} # s{n}}}\n" for n in range(60))
    entry = only(f'@string{{s0 = "xxxxxxxxxx"}}\n{doubling}@misc{{a, title = s60}}')
    assert len(entry.value("title")) <= 20_000


def test_only_the_first_entries_are_read() -> None:
    found: list[Any] = read_bibtex("@misc{a}\n" * 100, 7)
    assert len(found) == 7
