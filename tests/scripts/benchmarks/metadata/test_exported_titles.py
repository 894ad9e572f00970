"""Exports of the sample say what its titles say, and the check finds what a faulty one loses."""

import gzip
from itertools import islice
from pathlib import Path

import pytest

from index.arxiv.paper import Paper
from ingest.snapshot.records import SAMPLE, snapshot_papers
from scripts.benchmarks.metadata import exported_titles
from scripts.benchmarks.metadata.exported_titles import (
    FORMATS,
    differences,
    normalised,
    says_the_same,
    titles_by_format,
)


def paper(title: str, number: int = 1) -> Paper:
    return Paper(id=f"2401.{number:05}", title=title)


def test_no_title_of_the_sample_is_changed() -> None:
    papers = list(snapshot_papers([SAMPLE]))
    assert len(papers) > 5_000
    assert list(differences(papers)) == []


@pytest.mark.parametrize(
    "title",
    [
        r"Does $p\not=2$ hold for $\binom{n}{k}$?",
        r"$\dot{M}$, $\ddot{a}$, $\check{c}$ and $\tfrac12\mathscr{F}$",
        r"$\bm{x}$ and $a\bmod b$ and $\arg z$",
        r"Undefined $\R^n$, \method and \ours{}",
        r"$\frac{1}$ and $x^2^3$",
        "$x}{y$ and {z",
        r"Schr\"odinger bridges for {\it in vitro} ``data'' --- $n$--ary",
        "From $5 to $10 for 50% & more #1 at ~100x, a^b and c_d",
        r"A \LaTeX{} package \newline for \copyright{} and \TeX\ files",
        r"\textbf\{OmniQuant\} at 10^{-4} in \mathcal{O}(n) and {GPT}s",
    ],
)
def test_formulas_and_commands_are_kept(title: str) -> None:
    assert list(differences([paper(title)])) == []


@pytest.mark.parametrize(
    ("title", "exported"),
    [
        (r"$p\not=2$", "p=2"),
        (r"$\binom{n}{k}$", "n"),
        (r"$\dot{M}$", "M"),
        (r"Erd\H{o}s", "Erdos"),
        (r"by \method", "by"),
        (r"$x \leq y$", "xy"),
    ],
)
def test_a_lost_sign_is_found(title: str, exported: str) -> None:
    assert not any(says_the_same(name, title, exported) for name in FORMATS)


def test_each_format_is_read_by_its_library() -> None:
    titles = [r"Erd\H{o}s and $x^2$", "Another"]
    read = titles_by_format([paper(title, i) for i, title in enumerate(titles)])
    assert tuple(read) == FORMATS
    assert [title.strip("{}") for title in read["BibTeX"]] == ["Erdős and $x^2$", "Another"]
    for name in FORMATS[1:]:
        assert read[name] == ["Erdős and x²", "Another"]


def test_the_normalisation() -> None:
    assert normalised(r"An {\em $x^2$}-test: Erd\H{o}s~\& ``so''") == "Anx^2-test:Erdős&“so”"


def test_snapshots_are_checked_from_the_command_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    snapshot = tmp_path / "two.jsonl"
    with gzip.open(SAMPLE, "rt", encoding="utf-8") as lines:
        snapshot.write_text("".join(islice(lines, 2)), encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["exported_titles", str(snapshot)])
    exported_titles.main()
    assert capsys.readouterr().out.splitlines() == [
        "2 titles",
        *(f"{name:<9} 0 differ" for name in FORMATS),
    ]
