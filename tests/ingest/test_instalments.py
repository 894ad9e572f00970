"""A load of many papers releases by instalments, and ends like a load with one release."""

import json
from pathlib import Path

import pytest

from index.catalogue.catalogue import open_catalogue
from index.health.run_state import read_run_state
from index.releases.current import CurrentRelease
from index.releases.folder import list_releases
from index.settings import load_settings
from ingest.embedding import pending
from ingest.update import bring_up_to_date
from scripts.trials.kill_trials import contents, differences
from tests.conftest import Seealso
from tests.support.catalogue_files import contents as tables


@pytest.fixture
def unembedded(built_data_copy: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with papers but without vectors, tags, taggers and releases."""
    with open_catalogue(built_data_copy) as catalogue, catalogue.atomic():
        for table in ("vectors", "tags", "taggings", "tagging_records", "taggers"):
            catalogue._db.execute(f"DELETE FROM {table}")
    for path in (built_data_copy / "releases").rglob("*"):
        if path.is_file():
            path.unlink()
    for folder in (built_data_copy / "releases").iterdir():
        folder.rmdir()
    for weights in (built_data_copy / "taggers").rglob("*"):
        if weights.is_file():
            weights.unlink()
    monkeypatch.setattr(pending, "_PART", 16)
    monkeypatch.setattr(pending, "_WINDOW", 64)
    return built_data_copy


def test_the_state_after_instalments_is_that_of_a_load_with_one_release(
    unembedded: Path, built_data: Path, seealso: Seealso, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEEALSO_INSTALMENT", "64")
    monkeypatch.setenv("SEEALSO_KEEP_RELEASES", "9")
    ended = seealso(unembedded, "update", "--json")
    report = json.loads(ended.stdout)
    papers = report["embedding"]["papers"]
    assert report["embedded"] == report["embedding"]["embedded"] == papers
    assert report["embedding"]["rate"] > 0
    assert report["embedding"]["next_release"] is None
    assert report["tagged"] == papers
    sizes = [
        json.loads((unembedded / "releases" / name / "manifest.json").read_text())["papers"]
        for name in sorted(list_releases(unembedded))
    ]
    assert sizes == [64, 128, 256, papers]
    assert report["instalments"] == 3
    assert differences(contents(built_data), contents(unembedded)) == []
    state = read_run_state(unembedded)
    assert state is not None
    assert state.embedding is not None
    assert (state.embedding.embedded, state.embedding.seconds_left) == (papers, 0)


def test_an_instalment_has_the_newest_papers(unembedded: Path) -> None:
    class Stop(Exception):
        pass

    def stop(step: str, done: int, total: int) -> None:
        if step == "release" and done == total:
            raise Stop

    settings = load_settings({"SEEALSO_INSTALMENT": "96"}, data=str(unembedded))
    with open_catalogue(unembedded) as catalogue:
        with pytest.raises(Stop):
            bring_up_to_date(catalogue, settings, stop)
        release = CurrentRelease(unembedded).get()
        days = [day for (day,) in catalogue._db.execute("SELECT submitted FROM papers ORDER BY 1")]
        entries = catalogue.entries([release.number(row) for row in range(96)])
    assert release.manifest.papers == 96
    # Papers of a window of 64 are embedded in the order of lengths.
    assert min(str(entry.paper.submitted) for entry in entries.values()) >= days[-2 * 64]
    assert not tables(unembedded / "catalogue.db")["tags"]  # some labelled papers have no vector
