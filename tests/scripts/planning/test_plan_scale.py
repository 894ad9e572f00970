"""The plan for corpora beyond one machine: its arithmetic, and that docs/scale.md says the same."""

from dataclasses import replace

import pytest

from scripts.planning.plan_scale import (
    Figure,
    Measured,
    duration,
    in_hnsw,
    in_release,
    inputs,
    largest,
    plan,
    plans,
    size,
    table,
)
from tests.support.processes import CHECKOUT

MEASURED = Measured()
SIZES = 3_000_000, 10**8, 10**9


def test_at_the_measured_size_it_says_what_was_measured() -> None:
    found = plan(3_000_000, "FAISS", MEASURED)
    assert found.release == pytest.approx(2_112)
    assert found.serving == pytest.approx(5.8 * 2**30)
    assert found.building == pytest.approx(11.7e9)
    assert found.night == pytest.approx(2_500 / 38.6 + 8 + 3 * 6.3 + 107)
    assert (found.folders, found.query_nodes, found.in_milvus) == (1, 0, 0)


def test_four_times_the_papers() -> None:
    one, four = (plan(papers, "FAISS", MEASURED) for papers in (3_000_000, 12_000_000))
    for what in ("catalogue", "releases", "serving", "building", "storing", "embedding", "tagging"):
        assert getattr(four, what) == pytest.approx(4 * getattr(one, what)), what
    assert four.night == pytest.approx(4 * one.night)
    words, neighbours = MEASURED.words.value, MEASURED.neighbours.value
    assert four.release == pytest.approx(4 * words + 8 * neighbours)


def test_milvus_takes_the_vectors_out_of_the_release() -> None:
    here, there = (plan(10**8, engine, MEASURED) for engine in ("FAISS", "Milvus"))
    assert (in_release(), in_hnsw()) == (1_160, 1_664)
    assert here.serving - there.serving == pytest.approx(10**8 * 1_160)
    assert here.releases - there.releases == pytest.approx(3 * 10**8 * 1_160)
    assert there.in_milvus == 10**8 * 1_664
    assert there.building == here.building


def test_machines_are_as_many_as_the_memory_takes() -> None:
    small = replace(MEASURED, machine=Figure(100, "GB", ""), filled=Figure(0.5, "", ""))
    found = plan(10**8, "Milvus", small)
    assert found.folders == 4  # 390 GB
    assert found.query_nodes == 4  # 166 GB, half of each node
    assert found.release == pytest.approx(plan(25_000_000, "Milvus", small).release)
    most = largest(100e9, small)
    assert plan(most, "FAISS", small).folders == 1
    assert plan(most + 1_000, "FAISS", small).folders == 2


def test_engines_are_set_side_by_side_where_there_is_a_choice() -> None:
    found = [(one.papers, one.engine) for one in plans([10**6, 10**8], MEASURED)]
    assert found == [(10**6, "FAISS"), (10**8, "FAISS"), (10**8, "Milvus")]


def test_embedding_beyond_a_week_is_for_several_machines() -> None:
    a_week = int(7 * 86_400 * MEASURED.embedding.value)
    assert "--ray" not in plan(a_week, "FAISS", MEASURED).embedding_setting
    assert "--ray" in plan(a_week + 1_000, "FAISS", MEASURED).embedding_setting


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(59, "59 s"), (119, "119 s"), (120, "2 min"), (7_200, "2 h"), (2 * 86_400, "2 d")],
)
def test_durations(seconds: float, said: str) -> None:
    assert duration(seconds) == said


@pytest.mark.parametrize(
    ("count", "said"), [(0, ""), (5.6e9, "6 GB"), (999e9, "999 GB"), (1.55e12, "1.6 TB")]
)
def test_sizes(count: float, said: str) -> None:
    assert size(count) == said


def test_the_docs_hold_what_the_script_prints() -> None:
    page = (CHECKOUT / "docs" / "scale.md").read_text()
    assert table(plans(SIZES, MEASURED)) in page
    assert inputs(MEASURED) in page


def test_the_docs_say_what_a_machine_carries() -> None:
    page = (CHECKOUT / "docs" / "scale.md").read_text()
    for gigabytes in (16, 64, 256, 512):
        millions = largest(gigabytes * 1e9, MEASURED) // 10**6
        assert f"| {gigabytes} GB | {millions} million |" in page
