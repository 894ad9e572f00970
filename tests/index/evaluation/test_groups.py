"""Groups of a reading list: the share worked out by hand, and files of another form."""

import json
from pathlib import Path

import pytest

from index.catalogue.catalogue import Catalogue
from index.errors import BadInput
from index.evaluation.groups import evaluate_groups
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
