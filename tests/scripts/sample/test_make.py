"""Which papers the bundled sample is made of, with a small corpus."""

from collections.abc import Sequence

import pytest

from scripts.sample import make
from scripts.sample.source import SURVEY_ID, Data, Listed, Paper, paper_of

FIELD = "compress large language models for small devices"


def listed(paper_id: str, title: str, abstract: str | None) -> Listed:
    return {
        "title": title,
        "arxiv_id": paper_id,
        "taxonomy_path": ["Section", "Leaf"],
        "abstract": abstract,
        "authors": None,
        "categories": ["cs.LG"],
        "published": "2024-01-16",
    }


def paper(paper_id: str, title: str, abstract: str) -> Paper:
    return paper_of(paper_id, [listed(paper_id, title, abstract)])


def data(rows: Sequence[Listed]) -> Data:
    near = [paper(f"2402.{n:05}", f"Compress models {n}", FIELD) for n in range(1, 21)]
    far = [paper(f"2403.{n:05}", f"Stars {n}", f"galaxies of kind {n % 7}") for n in range(1, 41)]
    survey = paper(SURVEY_ID, "A survey of small models", f"How to {FIELD}")
    return Data(old=[], recent=[survey, *near, *far], listed=list(rows), benchmark=[])


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make, "judged_papers", dict)
    monkeypatch.setattr(make, "out_of_scope_papers", lambda *_: [])
    monkeypatch.setattr(make, "_SAMPLE_SIZE", 40)
    monkeypatch.setattr(make, "_NEAREST_TO_SURVEY", 20)
    monkeypatch.setattr(make, "_NEIGHBOURS", 25)


def test_a_paper_of_which_only_the_title_is_known_is_left_out() -> None:
    known = listed("2401.00001", "Prune a model", "We prune models.")
    bare = listed("2401.00002", "Speculative decoding", None)
    sample, examples = make.build(data([known, bare]))
    assert "2401.00001" in [one["id"] for one in sample]
    assert examples == [{"id": "2401.00001", "labels": ["Leaf"]}]
    assert all(one["abstract"] for one in sample)
    assert len(sample) == 40


def test_the_papers_nearest_to_the_survey_are_all_in() -> None:
    sample, _ = make.build(data([listed("2401.00001", "Prune a model", "We prune models.")]))
    ids = {one["id"] for one in sample}
    assert {f"2402.{n:05}" for n in range(1, 21)} <= ids
    assert SURVEY_ID in ids


def test_the_same_data_give_the_same_sample() -> None:
    rows = [listed("2401.00001", "Prune a model", "We prune models.")]
    assert make.jsonl(make.build(data(rows))[0]) == make.jsonl(make.build(data(rows))[0])
