"""Formulas of the sample become well-formed MathML, and the check finds faulty MathML."""

import gzip
from itertools import islice
from pathlib import Path

import pytest

from api.rendering.mathml import parse_formula
from ingest.snapshot.records import SAMPLE, snapshot_papers
from scripts.benchmarks.metadata import tex_in_texts
from scripts.benchmarks.metadata.tex_in_texts import faults, formulas_of


def test_every_formula_of_the_sample_is_refused_or_well_formed() -> None:
    papers = list(snapshot_papers([SAMPLE]))
    sources = set[str]().union(*(formulas_of(paper.text) for paper in papers))
    converted = [formula for source in sources if (formula := parse_formula(source))]
    assert len(sources) > 1_000
    assert len(converted) > 0.9 * len(sources)
    assert [one.markup for one in converted if faults(one.markup)] == []
    assert [one.text for one in converted if "\\" in one.text.replace("\\ ", "")] == []


@pytest.mark.parametrize(
    ("markup", "fault"),
    [
        ("<math><mfrac><mn>1</mn></mfrac></math>", "mfrac has 1 parts"),
        ("<math><mi>\\arg</mi></math>", "\\arg is a command"),
        ("<math><mo><mi>x</mi></mo></math>", "mo has elements"),
    ],
)
def test_faulty_mathml_is_found(markup: str, fault: str) -> None:
    assert faults(markup) == [fault]


def test_snapshots_are_counted_from_the_command_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    snapshot = tmp_path / "two.jsonl"
    with gzip.open(SAMPLE, "rt", encoding="utf-8") as lines:
        snapshot.write_text("".join(islice(lines, 2)), encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["tex_in_texts", str(snapshot)])
    tex_in_texts.main()
    assert "2 titles" in capsys.readouterr().out
