"""Groups of a reading list: the share worked out by hand, and files of another form."""

import json
from pathlib import Path

import numpy as np
import pytest

from index.catalogue.catalogue import Catalogue
from index.errors import BadInput
from index.evaluation.groups import (
    bootstrap_over_lists,
    evaluate_groups,
    evenly_spaced,
    mean_recall,
    recall,
)
from index.lists.finder import RelatedFinder
from index.releases.release import Release
from tests.conftest import SURVEY, Seealso
from tests.support.catalogue_files import all_entries


def _file(tmp_path: Path, *groups: list[str]) -> Path:
    path = tmp_path / "groups.json"
    path.write_text(json.dumps([{"group": str(i), "papers": g} for i, g in enumerate(groups)]))
    return path


def test_the_share_is_the_mean_over_members(
    catalogue: Catalogue, release: Release, tmp_path: Path
) -> None:
    finder = RelatedFinder(catalogue, release)
    members = [SURVEY, *(entry.paper.id for entry in all_entries(catalogue)[10:200:40])]
    shares = []
    for member in members:
        row = finder.paper_query(member).row
        assert row is not None
        nearest = release.nearness.nearest(release.nearness.seed(row), 51, release.withdrawn)
        listed = {release.number(neighbour.row) for neighbour in nearest if neighbour.row != row}
        others = {catalogue.entry(other).number for other in members if other != member}
        shares.append(len(others & listed) / len(others))
    pair = members[:2]
    path = _file(tmp_path, [*members, "2401.99999", "atitlewithoutanid", members[0]], pair)
    found = evaluate_groups(finder, path)
    assert found.queries == len(members)
    assert found.share_at_50 == pytest.approx(sum(shares) / len(shares), abs=1e-4)
    assert 0 < found.share_at_50 < 1


def test_the_command_prints_both_figures(
    built_data: Path, seealso: Seealso, tmp_path: Path
) -> None:
    nearest = json.loads(seealso(built_data, "related", SURVEY, "--limit", "3", "--json").output)
    path = _file(tmp_path, [SURVEY, *(paper["id"] for paper in nearest["related"])])
    printed = json.loads(seealso(built_data, "evaluate", "groups", str(path), "--json").output)
    assert printed == {"queries": 4, "share_at_50": printed["share_at_50"]}
    assert printed["share_at_50"] > 0.5
    shown = seealso(built_data, "evaluate", "groups", str(path)).output
    assert shown.startswith("4 papers: share of the group in the first 50: ")


def test_recall_is_measured_for_eight_evenly_spaced_members() -> None:
    assert evenly_spaced(["a", "b", "c"]) == ["a", "b", "c"]
    letters = list("abcdefghijklmno")
    assert evenly_spaced(letters) == ["a", "c", "e", "g", "i", "k", "m", "o"]
    assert len(evenly_spaced(letters * 9)) == 8


def test_recall_is_the_share_of_the_largest_possible_number_of_hits() -> None:
    assert recall([1, 2, 3, 4], {2, 4, 9}, at=20) == pytest.approx(2 / 3)
    assert recall(list(range(20)), set(range(10, 60)), at=20) == pytest.approx(10 / 20)


def test_the_interval_of_recall_is_a_bootstrap_over_lists() -> None:
    """Headings of one list are drawn together, so many equal headings narrow nothing."""
    values = np.array([1.0] * 50 + [0.0] * 50, np.float32)
    assert bootstrap_over_lists(values, ["one"] * 50 + ["other"] * 50) == (0, 1)
    lists = [str(n) for n in range(100)]
    low, high = bootstrap_over_lists(values, lists)
    assert 0.35 < low < 0.45 < 0.55 < high < 0.65
    measured = mean_recall(20, values, lists)
    assert (measured.mean, measured.headings, measured.lists) == (0.5, 100, 100)


def test_recall_at_20_over_the_catalogue(
    built_data: Path, catalogue: Catalogue, release: Release, seealso: Seealso, tmp_path: Path
) -> None:
    finder = RelatedFinder(catalogue, release)
    members = sorted(entry.paper.id for entry in all_entries(catalogue)[10:200:15])
    rows = {paper: finder.paper_query(paper).row for paper in members}
    expected = []
    for paper in evenly_spaced(members):
        row = rows[paper]
        assert row is not None
        left_out = np.append(release.withdrawn, row)
        nearest = release.nearness.nearest(release.nearness.seed(row), 5, left_out)
        others = {other for other in rows.values() if other not in (None, row)}
        expected.append(len({near.row for near in nearest} & others) / 5)
    path = tmp_path / "groups.json"
    path.write_text(json.dumps([{"group": "a list > a heading", "papers": members}]))
    command = ["evaluate", "groups", str(path), "--at", "5"]
    printed = json.loads(seealso(built_data, *command, "--json").output)
    assert printed["recall_at_5"] == pytest.approx(np.mean(expected), abs=1e-4)
    assert (printed["headings"], printed["lists"]) == (1, 1)
    assert printed["interval"] == [printed["recall_at_5"]] * 2
    assert "1 headings of 1 lists: recall at 5: " in seealso(built_data, *command).output


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("{", "is not a JSON list of groups"),
        ("{}", "no group has at least 3 papers in this release"),
        ("[7]", "is not a JSON list of groups"),
        ('[{"group": "a"}]', "is not a JSON list of groups"),
        ('[{"papers": 7}]', "is not a JSON list of groups"),
        (
            '[{"papers": ["2401.99999", "a", "b"]}]',
            "no group has at least 3 papers in this release",
        ),
    ],
)
def test_a_file_of_another_form_is_refused(
    catalogue: Catalogue, release: Release, tmp_path: Path, content: str, complaint: str
) -> None:
    path = tmp_path / "groups.json"
    path.write_text(content)
    with pytest.raises(BadInput, match=complaint):
        evaluate_groups(RelatedFinder(catalogue, release), path)
