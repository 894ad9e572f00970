"""Capacity plans: the arithmetic, and that docs/scale.md contains the printed tables."""

from dataclasses import replace

import pytest

from scripts.planning.plan_scale import (
    Figure,
    Measured,
    calculate_plan,
    calculate_plans,
    duration,
    inputs,
    max_papers,
    size,
    table,
    vector_bytes_in_hnsw,
    vector_bytes_in_release,
)
from tests.support.processes import CHECKOUT

MEASURED = Measured()
SIZES = 3_000_000, 10**8, 10**9


def test_a_plan_for_the_measured_size_equals_the_measurements() -> None:
    found = calculate_plan(3_000_000, "FAISS", MEASURED)
    assert found.release == pytest.approx(2_112)
    assert found.serving == pytest.approx(5.8 * 2**30 - 3_000_000 * 672)
    assert found.building == pytest.approx(11.7e9)
    assert found.nightly_run == pytest.approx(2_500 / 38.6 + 8 + 3 * 6.3 + 107)
    assert (found.folders, found.query_nodes, found.in_milvus) == (1, 0, 0)


def test_quantities_grow_with_the_number_of_papers() -> None:
    one, four = (calculate_plan(papers, "FAISS", MEASURED) for papers in (3_000_000, 12_000_000))
    for name in ("catalogue", "releases", "serving", "building", "storing", "embedding", "tagging"):
        assert getattr(four, name) == pytest.approx(4 * getattr(one, name)), name
    assert four.nightly_run == pytest.approx(4 * one.nightly_run)
    words, neighbours = MEASURED.words.value, MEASURED.neighbours.value
    assert four.release == pytest.approx(4 * words + 8 * neighbours)


def test_milvus_moves_the_vectors_out_of_the_release() -> None:
    faiss, milvus = (calculate_plan(10**8, engine, MEASURED) for engine in ("FAISS", "Milvus"))
    assert (vector_bytes_in_release(), vector_bytes_in_hnsw()) == (488, 1_664)
    assert faiss.serving - milvus.serving == pytest.approx(10**8 * 488)
    assert faiss.releases - milvus.releases == pytest.approx(3 * 10**8 * 488)
    assert milvus.in_milvus == 10**8 * 1_664
    assert milvus.building == faiss.building


def test_the_number_of_machines_follows_from_the_memory() -> None:
    small = replace(MEASURED, machine=Figure(100, "GB", ""), filled=Figure(0.5, "", ""))
    found = calculate_plan(10**8, "Milvus", small)
    assert found.folders == 4  # 390 GB
    assert found.query_nodes == 4  # 166 GB, half of each node
    assert found.release == pytest.approx(calculate_plan(25_000_000, "Milvus", small).release)
    largest = max_papers(100e9, small)
    assert calculate_plan(largest, "FAISS", small).folders == 1
    assert calculate_plan(largest + 1_000, "FAISS", small).folders == 2


def test_both_engines_are_planned_for_large_corpora() -> None:
    found = [(plan.papers, plan.engine) for plan in calculate_plans([10**6, 10**8], MEASURED)]
    assert found == [(10**6, "FAISS"), (10**8, "FAISS"), (10**8, "Milvus")]


def test_ray_is_recommended_if_embedding_takes_more_than_a_week() -> None:
    a_week = int(7 * 86_400 * MEASURED.embedding.value)
    assert "--ray" not in calculate_plan(a_week, "FAISS", MEASURED).embedding_setting
    assert "--ray" in calculate_plan(a_week + 1_000, "FAISS", MEASURED).embedding_setting


@pytest.mark.parametrize(
    ("seconds", "formatted"),
    [(59, "59 s"), (119, "119 s"), (120, "2 min"), (7_200, "2 h"), (2 * 86_400, "2 d")],
)
def test_durations(seconds: float, formatted: str) -> None:
    assert duration(seconds) == formatted


@pytest.mark.parametrize(
    ("count", "formatted"), [(0, ""), (5.6e9, "6 GB"), (999e9, "999 GB"), (1.55e12, "1.6 TB")]
)
def test_sizes(count: float, formatted: str) -> None:
    assert size(count) == formatted


def test_the_docs_contain_the_printed_tables() -> None:
    page = (CHECKOUT / "docs" / "scale.md").read_text()
    assert table(calculate_plans(SIZES, MEASURED)) in page
    assert inputs(MEASURED) in page


def test_the_docs_list_how_many_papers_fit_in_memory() -> None:
    page = (CHECKOUT / "docs" / "scale.md").read_text()
    for gigabytes in (16, 64, 256, 512):
        millions = max_papers(gigabytes * 1e9, MEASURED) // 10**6
        assert f"| {gigabytes} GB | {millions} million |" in page
