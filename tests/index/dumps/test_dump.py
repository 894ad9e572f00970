"""Dumps have the same tags and lists as the service, and are complete or absent."""

import fcntl
import gzip
import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pyarrow import parquet

from classifier.corrections import correct_tags
from classifier.taxonomies.taxonomy import load_taxonomy
from index.catalogue.catalogue import open_catalogue, read_catalogue
from index.dumps.dump import list_dumps, next_dump_path, prune_dumps, write_dump
from index.errors import BadInput, Busy, NoSpaceLeft
from index.lists.finder import RelatedFinder
from index.lists.options import ListOptions, WeakMatches
from index.releases.current import CurrentRelease
from index.search import match_strength
from index.search.match_strength import MatchLine
from tests.arxiv_server.harvesting import serve_arxiv
from tests.arxiv_server.nightly_runs import announcement_day, set_day
from tests.conftest import SURVEY, Seealso
from tests.support.catalogue_files import all_entries
from tests.support.processes import with_limited_files

AT = datetime(2026, 11, 3, 5, 0, 0, tzinfo=UTC)
KINDS = ("tags", "related")


def lines(dump: Path, kind: str) -> list[dict[str, Any]]:
    with gzip.open(dump / f"{kind}.jsonl.gz", "rt") as file:
        return [json.loads(line) for line in file]


def listed(rows: list[dict[str, Any]]) -> dict[str, list[tuple[str, float, float]]]:
    """Return neighbour, score and percentile by paper, in row order; ranks must agree with it."""
    lists: dict[str, list[tuple[str, float, float]]] = {}
    for row in rows:
        found = lists.setdefault(row["paper"], [])
        found.append((row["neighbour"], row["score"], row["percentile"]))
        assert row["rank"] == len(found)
    return lists


def served(
    data: Path, limit: int, papers: list[str], weak: WeakMatches = "exclude"
) -> dict[str, list[tuple[str, float, float]]]:
    """Return the same of the lists that the service shows, without empty ones."""
    options = ListOptions(limit=limit, weak=weak)
    with read_catalogue(data) as catalogue:
        finder = RelatedFinder(catalogue, CurrentRelease(data).get())
        lists = {
            paper: [
                (one.id, one.score, one.percentile)
                for one in finder.related(paper, options).related
            ]
            for paper in papers
        }
    return {paper: entries for paper, entries in lists.items() if entries}


def every_id(data: Path) -> list[str]:
    with read_catalogue(data) as catalogue:
        return [entry.paper.id for entry in all_entries(catalogue)]


@pytest.fixture(scope="module")
def dump(built_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dumps") / "whole"
    with read_catalogue(built_data) as catalogue:
        write_dump(catalogue, CurrentRelease(built_data).get(), folder, AT)
    return folder


def test_lists_are_those_of_the_service(built_data: Path, dump: Path) -> None:
    rows = lines(dump, "related")
    assert listed(rows) == served(built_data, 10, every_id(built_data))
    assert not any(row["weak"] for row in rows)


def test_weak_matches_are_left_out_unless_they_are_included(
    built_data: Path, tmp_path: Path, seealso: Seealso, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(match_strength, "PAPER_LINE", MatchLine(0.5, 0.5))
    seealso(built_data, "dump", str(tmp_path / "strong"))
    seealso(built_data, "dump", str(tmp_path / "all"), "--weak", "include")
    strong, rows = (lines(tmp_path / name, "related") for name in ("strong", "all"))
    assert [row for row in rows if row["score"] >= 50] == strong
    assert all(row["weak"] == (row["score"] < 50) for row in rows)
    everyone = every_id(built_data)
    assert len(listed(strong)) < len(listed(rows)) == len(everyone)
    assert listed(rows) == served(built_data, 10, everyone, "include")
    for name, said in (("strong", "exclude"), ("all", "include")):
        assert json.loads((tmp_path / name / "manifest.json").read_text())["weak"] == said
        assert f"weak matches: {said}" in (tmp_path / name / "README.md").read_text()


@pytest.mark.parametrize("limit", [3, 40])
def test_lists_of_another_length(
    built_data: Path, tmp_path: Path, seealso: Seealso, limit: int
) -> None:
    told = seealso(
        built_data, "dump", str(tmp_path / "made"), "--limit", str(limit), "--weak", "include"
    ).stdout
    lists = listed(lines(tmp_path / "made", "related"))
    assert {len(found) for found in lists.values()} == {limit}
    assert lists == served(built_data, limit, list(lists), "include")
    assert f"{limit * len(lists)} related papers of {len(lists)}" in told


def test_a_paper_withdrawn_since_the_release_is_left_out(
    built_data_copy: Path, tmp_path: Path
) -> None:
    [(near, _, _), *_] = served(built_data_copy, 1, [SURVEY])[SURVEY]
    with open_catalogue(built_data_copy) as catalogue:
        catalogue.withdraw([near])
        write_dump(catalogue, CurrentRelease(built_data_copy).get(), tmp_path / "made", AT)
    lists = listed(lines(tmp_path / "made", "related"))
    assert near not in lists
    assert near not in {one for found in lists.values() for one, _, _ in found}
    assert near not in {row["paper"] for row in lines(tmp_path / "made", "tags")}
    assert lists == served(built_data_copy, 10, list(lists))


def test_tags_are_those_of_the_service_with_their_origin(
    built_data_copy: Path, tmp_path: Path
) -> None:
    taxonomy = load_taxonomy()
    with open_catalogue(built_data_copy) as catalogue:
        entry = catalogue.entry(SURVEY)
        correct_tags(catalogue, taxonomy, entry, ["model-compression"], "Ada")
        write_dump(catalogue, CurrentRelease(built_data_copy).get(), tmp_path / "made", AT)
        rows = lines(tmp_path / "made", "tags")
        numbers = catalogue.numbers_of({row["paper"] for row in rows})
        tags = catalogue.tags.of(numbers.values())
        tagger = catalogue.tags.tagging(taxonomy.name, numbers[rows[0]["paper"]])
    by_paper: dict[str, list[tuple[str, str, float]]] = {}
    for row in rows:
        tag = (row["taxonomy"], row["label"], row["probability"])
        by_paper.setdefault(row["paper"], []).append(tag)
    assert len(by_paper) > 20
    for paper, found in by_paper.items():
        kept = [(tag.taxonomy, tag.label, tag.probability) for tag in tags[numbers[paper]]]
        assert found == kept
    assert [row for row in rows if row["paper"] == SURVEY] == [
        {
            "paper": SURVEY,
            "taxonomy": taxonomy.name,
            "label": "model-compression",
            "probability": 1.0,
            "given_by": "person",
            "tagger": None,
        }
    ]
    assert tagger is not None
    others = {(row["given_by"], row["tagger"]) for row in rows if row["paper"] != SURVEY}
    assert others == {("tagger", tagger.tagger)}
    assert "Ada" not in gzip.decompress((tmp_path / "made" / "tags.jsonl.gz").read_bytes()).decode()


@pytest.mark.parametrize("kind", KINDS)
def test_every_line_is_valid_by_the_schema_and_parquet_has_the_same_rows(
    dump: Path, kind: str
) -> None:
    schema = json.loads((dump / "schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    of_kind = Draft202012Validator({"$ref": f"#/$defs/{kind}", "$defs": schema["$defs"]})
    rows = lines(dump, kind)
    assert rows
    for row in rows:
        of_kind.validate(row)
    for name in rows[0]:
        assert not of_kind.is_valid({**rows[0], name: []})
        assert not of_kind.is_valid({key: rows[0][key] for key in rows[0] if key != name})
    table = parquet.read_table(dump / f"{kind}.parquet")
    assert table.column_names == list(schema["$defs"][kind]["properties"])
    assert table.to_pylist() == rows


def test_a_dump_describes_itself_and_its_checksums_match(built_data: Path, dump: Path) -> None:
    told = json.loads((dump / "manifest.json").read_text())
    release = CurrentRelease(built_data).get().manifest
    assert told["release"] == release.name
    assert (told["created"], told["papers"]) == ("2026-11-03T05:00:00Z", release.papers)
    assert {kind: told[kind] for kind in KINDS} == {k: len(lines(dump, k)) for k in KINDS}
    readme = (dump / "README.md").read_text()
    assert release.name in readme
    assert "CC0" in readme
    checked = subprocess.run(
        ["sha256sum", "-c", "SHA256SUMS"], cwd=dump, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr
    named = {line.split(":")[0] for line in checked.stdout.splitlines()}
    assert named | {"SHA256SUMS"} == {file.name for file in dump.iterdir()}


def test_the_same_dump_is_the_same_bytes(built_data: Path, dump: Path, tmp_path: Path) -> None:
    with read_catalogue(built_data) as catalogue:
        write_dump(catalogue, CurrentRelease(built_data).get(), tmp_path / "again", AT)
    for file in dump.iterdir():
        assert (tmp_path / "again" / file.name).read_bytes() == file.read_bytes()


def test_a_full_disk_leaves_nothing(built_data_copy: Path) -> None:
    ended = subprocess.run(
        [
            *with_limited_files(33_000),  # SQLite's own -shm takes 32 KiB
            Path(sys.executable).with_name("seealso"),
            "--data",
            built_data_copy,
            "dump",
            "--limit",
            "90",
            "--weak",
            "include",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == NoSpaceLeft.exit_code, ended.stderr
    assert re.search(r"^seealso: no space left to write .*/dumps/\d{8}T\d{6}Z ", ended.stderr, re.M)
    assert "Traceback" not in ended.stderr
    assert list((built_data_copy / "dumps").iterdir()) == []


def test_an_existing_folder_or_a_missing_parent_is_refused(
    built_data: Path, tmp_path: Path, seealso: Seealso
) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises(BadInput, match="exists already"):
        seealso(built_data, "dump", str(tmp_path / "there"))
    with pytest.raises(BadInput, match="does not exist: create it"):
        seealso(built_data, "dump", str(tmp_path / "nowhere" / "dump"))
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_two_dumps_into_one_folder_take_turns(
    built_data: Path, tmp_path: Path, seealso: Seealso
) -> None:
    other = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(other, fcntl.LOCK_EX)
    with pytest.raises(Busy, match="another dump is being written to"):
        seealso(built_data, "dump", str(tmp_path / "made"))
    os.close(other)
    assert seealso(built_data, "dump", str(tmp_path / "made")).exit_code == 0


def test_only_the_oldest_dumps_are_deleted(built_data_copy: Path, seealso: Seealso) -> None:
    made = []
    for _ in range(3):
        made.append(next_dump_path(built_data_copy, AT))
        made[-1].mkdir()
    (built_data_copy / "dumps" / "of-songs").mkdir()
    assert [path.name for path in made] == [f"20261103T05000{second}Z" for second in range(3)]
    assert list_dumps(built_data_copy) == made[::-1]
    assert prune_dumps(built_data_copy, 2) == made[:1]
    seealso(built_data_copy, "dump", "--keep", "1")
    left = {path.name for path in (built_data_copy / "dumps").iterdir()}
    assert left == {"of-songs", list_dumps(built_data_copy)[0].name}
    assert not {path.name for path in made} & left


def test_nightly_runs_write_a_dump_if_one_is_enabled_and_due(
    built_data_copy: Path, monkeypatch: pytest.MonkeyPatch, seealso: Seealso
) -> None:
    with serve_arxiv([], monkeypatch) as arxiv:
        set_day(arxiv, monkeypatch, announcement_day(0))
        seealso(built_data_copy, "nightly")
        assert list_dumps(built_data_copy) == []
        monkeypatch.setenv("SEEALSO_KEEP_DUMPS", "1")
        assert "dumps/" in seealso(built_data_copy, "nightly").stdout
        [first] = list_dumps(built_data_copy)
        assert "dumps/" not in seealso(built_data_copy, "nightly").stdout
        assert list_dumps(built_data_copy) == [first]
        with open_catalogue(built_data_copy) as catalogue:
            entry = catalogue.entry(SURVEY)
            correct_tags(catalogue, load_taxonomy(), entry, [], "Ada")
        told = json.loads(seealso(built_data_copy, "nightly", "--json").stdout)
        [second] = list_dumps(built_data_copy)
        assert told["dump"] == str(second)
    assert second != first
    assert SURVEY not in {row["paper"] for row in lines(second, "tags")}
