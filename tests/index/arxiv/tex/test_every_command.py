"""Every command that pylatexenc knows, in every text of a record: none stops, none eats letters."""

import unicodedata
from collections.abc import Callable

import pytest
from pylatexenc import latex2text, latexwalker

from api.rendering.latex import to_latex
from api.rendering.prose import to_html, to_plain_text
from index.arxiv.paper import Paper
from index.arxiv.summaries.summary import summarise
from index.arxiv.tex.tables import ACCENTS, INVISIBLE_ARGUMENTS
from index.arxiv.tex.text import decode_author_tex, tex_to_text
from ingest.author_names import author_names
from ingest.oai.records import parse, read_record
from ingest.snapshot.records import read_line
from tests.arxiv_server.oai_recorded import last_page
from tests.support.snapshots import lines, record


def _commands() -> list[str]:
    known = [
        latexwalker.get_default_latex_context_db().iter_macro_specs(),
        latex2text.get_default_latex_context_db().iter_macro_specs(),
    ]
    return sorted({spec.macroname for specs in known for spec in specs if spec.macroname})


COMMANDS = _commands()
FORMS = (
    r"\{}",
    r"\{} x",
    r"\{}{{O'Connor}}",
    r"\{}*{{O'Connor}}",
    r"\{}[Two]{{O'Connor}}",
    r"\{}{{One}}{{Two}}{{O'Connor}}",
    r"{{\{} O'Connor}}",
    r"$\{}{{x}}$",
    r"\{}{{",
    r"\{}[",
)
# Their argument is a note to the name, not part of it.
NOTES = {"footnote", "footnotemark", "footnotetext", "thanks", "textsuperscript"}


def test_the_commands_are_many() -> None:
    assert len(COMMANDS) > 1_000
    assert {"href", "mbox", "texttt", "textsf", "alpha", "'"} <= set(COMMANDS)


@pytest.mark.parametrize("form", FORMS)
def test_every_record_is_read(form: str) -> None:
    page = last_page("arXivRaw")
    oai = page[page.index("<record>") : page.index("</record>") + len("</record>")]
    head = '<r xmlns="http://www.openarchives.org/OAI/2.0/">'
    for name in COMMANDS:
        tex = form.format(name)
        fields = {"title": f"On {tex} and more", "abstract": f"We see {tex} here. It holds."}
        line = lines(record(**fields, authors=f"A. One, {tex} B. Two", authors_parsed=None))
        paper = read_line(line.encode())
        assert "A. One" in paper.authors, tex
        assert isinstance(to_plain_text(paper.title) + to_html(paper.abstract), str)
        assert summarise(paper.abstract, paper.title)
        escaped = tex.replace("&", "&amp;").replace("<", "&lt;")
        with_tex = oai.replace("</authors>", f", {escaped} B. Two</authors>")
        read = read_record(parse(f"{head}{with_tex}</r>".encode())[0])
        assert isinstance(read.paper, Paper), (tex, read.paper)


@pytest.mark.parametrize(
    "reader",
    [tex_to_text, decode_author_tex, lambda tex: " ".join(author_names(f"A. One, {tex}"))],
)
def test_the_letters_of_an_argument_survive(reader: Callable[[str], str]) -> None:
    for name in COMMANDS:
        if name in INVISIBLE_ARGUMENTS or name in ACCENTS or name in NOTES:
            continue
        for tex in (rf"\{name}{{O'Connor}} B.", rf"B. {{\{name} O'Connor}}"):
            assert "O'Connor" in reader(tex), (tex, reader(tex))


@pytest.mark.parametrize("reader", [to_plain_text, to_latex])
def test_titles_keep_the_letters_of_an_argument(reader: Callable[[str], str]) -> None:
    for name in COMMANDS:
        if name in INVISIBLE_ARGUMENTS or name in ACCENTS:
            continue
        shown = unicodedata.normalize("NFKD", reader(rf"On \{name}{{Connor}} graphs"))
        letters = "".join(filter(str.isalpha, shown))  # formulas have accents and script letters
        assert "Connor" in letters, (name, shown)


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (r"\href{https://a.example/~b}{O'Connor}", "O'Connor"),
        (r"\href {a} {Le Roux}, \href{b}{\'Eva Two}", "Le Roux, Éva Two"),
        (r"\mbox{O'Connor} \texttt{a\_b} \textsf{C\&D}", "O'Connor a_b C&D"),
        (r"\textcolor{red}{Red} \colorbox{blue}{Blue} \fcolorbox{a}{b}{C}", "Red Blue C"),
        (r"see\cite[p.~5]{one,two}, \label{eq:x}and \ref{y}", "see, and "),
        (r"a\hspace{3pt}b\vspace*{1cm}c", "a b c"),
        (r"\raisebox{2pt}{up} \parbox{3cm}{in} \foreignlanguage{french}{mot}", "up in mot"),
        (r"\texorpdfstring{$\alpha$}{alpha}", "alpha"),
        (r"beats \ours by\newline far\quad away", "beats by far away"),
    ],
)
def test_only_arguments_that_print_nothing_are_left_out(tex: str, text: str) -> None:
    assert " ".join(tex_to_text(tex).split()) == " ".join(text.split())
