"""The `seealso` command: its output and its exit codes."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from api.rendering.prose import to_plain_text
from index.arxiv.identifier import FORMS
from index.catalogue.catalogue import open_catalogue, read_catalogue
from index.errors import BadInput, exit_codes
from index.releases.folder import current_name
from index.settings import SETTINGS
from scripts.cli.main import cli
from tests.conftest import SURVEY, Seealso
from tests.support.processes import run_main, run_program

ENTRY = {"id", "title", "url", "score", "percentile", "weak", "summary", "submitted", "authors"}
ENTRY |= {"summary_is_abstract", "submitted_precision", "categories", "tags", "reasons"}
REASONS = {"terms", "sentences", "tags", "categories", "liked"}
META = set("release papers not_in_release model harvested_at newest_announcement".split())
META |= {"next_announcement", "gaps", "stale"}
PARAGRAPH = "Pruning and quantization make large language models cheap enough for a phone."


def without_space(text: str) -> str:
    """Remove white space, to compare texts that are wrapped differently."""
    return "".join(text.split())


FAILURES = {
    "an invalid id": (["related", "24010.80"], 2, f"Accepted forms: {FORMS}"),
    "an empty id": (["related", ""], 2, "is not an arXiv identifier"),
    "an unknown paper": (["related", "2401.99999"], 4, "has not been harvested"),
    "a search for an unknown paper": (
        ["search", "arXiv:2401.99999"],
        4,
        "`seealso ingest ids 2401.99999`",
    ),
    "tags of an invalid id": (["tags", "show", "nonsense"], 2, "is not an arXiv identifier"),
    "tags of an unknown paper": (["tags", "show", "2401.99999"], 4, "has not been harvested"),
    "no query": (["related"], 2, "give an ID, --text TEXT or --bib FILE"),
    "a missing file of references": (["related", "--bib", "none.bib"], 2, "does not exist"),
    "unknown papers only": (["related", "2401.99999", "2401.99998"], 2, "can be used"),
    "a paper liked and disliked": (["related", SURVEY, "--not", SURVEY], 2, "liked and disliked"),
    "an invalid day": (
        ["related", SURVEY, "--since", "soon"],
        2,
        "it is 'soon': write an existing day",
    ),
    "an invalid category": (["related", SURVEY, "--category", "cs:CL"], 2, "like cs.CL"),
    "an unknown tag": (["search", "pruning", "--tag", "newts"], 4, "no label 'newts'"),
    "a number out of range": (
        ["related", SURVEY, "--diversity", "2"],
        2,
        "diversity is 2.0: it must be at most 1",
    ),
    "a text without words": (["related", "--text", " ... "], 2, "has no words"),
    "a limit too low": (
        ["related", SURVEY, "--limit", "0"],
        2,
        "limit is 0: it must be at least 1",
    ),
    "a limit too high": (
        ["search", "pruning", "--limit", "501"],
        2,
        "limit is 501: it must be at most 500",
    ),
    "a limit that is not a number": (
        ["related", SURVEY, "--limit", "ten"],
        2,
        "it is 'ten': it must be a whole number",
    ),
    "an unknown order": (
        ["related", SURVEY, "--sort", "title"],
        2,
        "it is 'title': it must be one of 'score', 'date'",
    ),
    "an unknown command": (["relate"], 2, "No such command 'relate'"),
    "an unknown release": (["release", "check", "2026"], 4, "no release '2026'"),
    "a port out of range": (["serve", "--port", "99999"], 2, "from 1 to 65535"),
}


@pytest.mark.parametrize("case", FAILURES)
def test_an_invalid_command_reports_an_error_and_its_exit_code(built_data: Path, case: str) -> None:
    arguments, code, message = FAILURES[case]
    result = run_main(built_data, *arguments)
    assert result.returncode == code
    assert message in result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


@pytest.mark.process
def test_a_process_ends_with_the_same_code_and_output(built_data: Path) -> None:
    for arguments in (["related", "2401.99999"], ["relate"], ["release", "list"]):
        here, there = run_main(built_data, *arguments), run_program(built_data, *arguments)
        assert (there.returncode, there.stdout) == (here.returncode, here.stdout)
        assert there.stderr.splitlines()[-1:] == here.stderr.splitlines()[-1:]


@pytest.mark.parametrize(
    "arguments",
    [
        ["related", SURVEY],
        ["search", "pruning"],
        ["status"],
        ["update"],
        ["tags", "show", SURVEY],
        ["release", "build"],
        ["release", "check"],
        ["serve"],
    ],
)
def test_an_empty_data_folder_gives_an_error_that_names_the_next_command(
    tmp_path: Path, arguments: list[str]
) -> None:
    result = run_main(tmp_path, *arguments)
    assert result.returncode == 75
    assert re.match(r"seealso: (no |there is no |the catalogue is empty)", result.stderr)
    assert "seealso ingest" in result.stderr or "seealso update" in result.stderr


def test_a_missing_release_gives_an_error_that_names_the_next_command(
    tmp_path: Path, small_snapshot: Path, seealso: Seealso
) -> None:
    seealso(tmp_path, "ingest", "snapshot", str(small_snapshot))
    result = run_main(tmp_path, "related", SURVEY)
    assert result.returncode == 75
    assert "run `seealso update`" in result.stderr
    status = json.loads(seealso(tmp_path, "status", "--json").output)
    assert status["papers"] > 200
    assert (status["release"], status["released"], status["problem"]) == (None, 0, None)


def test_related_prints_the_paper_and_its_list(built_data: Path, seealso: Seealso) -> None:
    shown = seealso(built_data, "related", SURVEY, "--details").stdout
    with read_catalogue(built_data) as catalogue:
        entry = catalogue.entry(SURVEY)
    listing = json.loads(seealso(built_data, "related", SURVEY, "--json").output)
    head, _, rest = shown.partition("\nRelated papers\n")
    related, _, details = rest.partition("\nDetails\n")
    assert head.splitlines() == [
        f"https://arxiv.org/abs/{SURVEY}",
        f"2024-01-16  {to_plain_text(entry.paper.title)}",
    ]
    assert ", ".join(entry.paper.authors[:6]) in details
    assert f"Score: {listing['score']:.1f}" in details
    assert f"Licence: {entry.paper.license or 'unknown'}" in details
    text = without_space(details)
    assert without_space(f"Summary: {to_plain_text(entry.summary)}") in text
    assert without_space(f"Abstract: {to_plain_text(entry.paper.abstract)}") in text
    brief = seealso(built_data, "related", SURVEY).stdout
    assert shown.startswith(brief.rstrip("\n"))
    assert "Details" not in brief
    assert len(listing["related"]) == 10
    for found in listing["related"]:
        assert f"{to_plain_text(found['title'])} [{found['score']:.1f}]" in related
        assert found["url"] in related
        assert without_space(to_plain_text(found["summary"])) in without_space(related)


def test_related_json_has_exactly_the_documented_fields(built_data: Path, seealso: Seealso) -> None:
    listing = json.loads(seealso(built_data, "related", SURVEY, "--json").output)
    assert list(listing) == ["id", "title", "score", "note", "related", "meta"]
    assert set(listing["meta"]) == META
    for found in listing["related"]:
        assert set(found) == ENTRY
        assert 0 <= found["score"] <= 100
        assert 0 <= found["percentile"] <= 100
        assert set(found["reasons"]) == REASONS
        assert all(set(tag) == {"taxonomy", "label", "probability"} for tag in found["tags"])


def test_other_forms_of_an_id_are_accepted(built_data: Path, seealso: Seealso) -> None:
    shown = {
        seealso(built_data, "related", form).stdout
        for form in (SURVEY, f"arXiv:{SURVEY}v2", f"https://arxiv.org/pdf/{SURVEY}")
    }
    assert len(shown) == 1


def test_sorting_by_date_keeps_the_same_papers(built_data: Path, seealso: Seealso) -> None:
    def found(sort: str) -> list[tuple[str, str]]:
        output = seealso(built_data, "related", SURVEY, "--sort", sort, "--json").output
        return [(entry["submitted"] or "", entry["id"]) for entry in json.loads(output)["related"]]

    by_score, by_date = found("score"), found("date")
    assert set(by_score) == set(by_date)
    assert [day for day, _ in by_date] == sorted((day for day, _ in by_date), reverse=True)
    assert by_date != by_score


def test_the_limit_shortens_the_list_and_keeps_the_score(
    built_data: Path, seealso: Seealso
) -> None:
    ten = json.loads(seealso(built_data, "related", SURVEY, "--json").output)
    three = json.loads(seealso(built_data, "related", SURVEY, "--limit", "3", "--json").output)
    assert three["related"] == ten["related"][:3]
    assert three["score"] == ten["score"]


def test_a_paragraph_has_related_papers(built_data: Path, seealso: Seealso) -> None:
    listing = json.loads(seealso(built_data, "related", "--text", PARAGRAPH, "--json").output)
    assert (listing["id"], listing["title"]) == (None, None)
    titles = " ".join(entry["title"].lower() for entry in listing["related"])
    assert "prun" in titles or "quanti" in titles
    shown = seealso(built_data, "related", "--text", PARAGRAPH).stdout
    assert shown.startswith("Related papers\n")
    assert listing["related"][0]["title"] in shown


def test_search_finds_by_words(built_data: Path, seealso: Seealso) -> None:
    found = json.loads(seealso(built_data, "search", "low-rank adaptation", "--json").output)
    assert list(found) == (
        "query parts suggestion unknown_words note results found_by_words facets meta".split()
    )
    assert found["query"] == "low-rank adaptation"
    assert set(found["meta"]) == META
    assert all(set(entry) == ENTRY for entry in found["results"])
    scores = [entry["score"] for entry in found["results"]]
    assert len(scores) == 10
    assert scores == sorted(scores, reverse=True)
    shown = seealso(built_data, "search", "low-rank adaptation").stdout
    for entry in found["results"]:
        assert f"{entry['title']} [{entry['score']:.1f}]" in shown


def test_search_counts_facets(built_data: Path, seealso: Seealso) -> None:
    arguments = ("search", "cat:cs.CL", "--limit", "1", "--facets")
    found = json.loads(seealso(built_data, *arguments, "--json").output)
    [first, *_] = found["facets"]["categories"]
    assert first == {"value": "cs.CL", "papers": found["parts"]["found"], "operator": "cat:cs.CL"}
    shown = seealso(built_data, *arguments).stdout
    assert f"\nCategories: cs.CL ({first['papers']:,}), " in shown
    assert "\nYears: " in shown or "\n\nYears: " in shown


def test_results_contain_a_quoted_phrase(built_data: Path, seealso: Seealso) -> None:
    found = json.loads(seealso(built_data, "search", '"large language model"', "--json").output)
    ids = [entry["id"] for entry in found["results"]]
    with read_catalogue(built_data) as catalogue:
        papers = [catalogue.entry(paper_id).paper for paper_id in ids]
    assert papers
    assert all("large language model" in f"{p.title} {p.abstract}".lower() for p in papers)
    nothing = seealso(built_data, "search", '"colourless green ideas"').stdout
    assert nothing.startswith("Searched for papers about “colourless green ideas”, with “")
    assert "\n\nNo paper contains “colourless”.\n\nNo paper matches the query." in nothing


def test_search_for_an_id_finds_its_paper(built_data: Path, seealso: Seealso) -> None:
    found = json.loads(seealso(built_data, "search", f"arXiv:{SURVEY}", "--json").output)
    assert [entry["id"] for entry in found["results"]] == [SURVEY]


def test_status_counts_papers_and_vectors(built_data: Path, seealso: Seealso) -> None:
    status = json.loads(seealso(built_data, "status", "--json").output)
    with read_catalogue(built_data) as catalogue:
        assert status["papers"] == status["vectors"] == catalogue.count()
    assert status["taken_from"] == ["snapshot: small.jsonl"]
    assert status["last_run"]["kind"] == "update"
    assert status["last_ingest"]["counts"]["new"] == status["papers"]
    shown = seealso(built_data, "status").stdout
    assert f"release              {status['release']}" in shown
    assert "problem              -" in shown


def test_tags_show_prints_the_tags_of_a_paper(built_data: Path, seealso: Seealso) -> None:
    with read_catalogue(built_data) as catalogue:
        tags = catalogue.tags.of(range(1, catalogue.count() + 1))
        number = next(number for number, of_paper in tags.items() if of_paper)
        paper_id = catalogue.entries([number])[number].paper.id
    found = json.loads(seealso(built_data, "tags", "show", paper_id, "--json").output)
    assert list(found) == ["id", "tags", "judgements", "corrections"]
    assert [tag["label"] for tag in found["tags"]] == [tag.label for tag in tags[number]]
    shown = seealso(built_data, "tags", "show", paper_id).stdout
    for tag in found["tags"]:
        assert f"{tag['probability']:.2f}  {tag['title']}  [{tag['label']}]\n" in shown
    assert "      terms: " in shown
    assert "      like " in shown


def test_tags_show_reports_that_a_paper_has_no_tag(built_data: Path, seealso: Seealso) -> None:
    with read_catalogue(built_data) as catalogue:
        tags = catalogue.tags.of(range(1, catalogue.count() + 1))
        number = next(number for number, of_paper in tags.items() if not of_paper)
        paper_id = catalogue.entries([number])[number].paper.id
    shown = seealso(built_data, "tags", "show", paper_id).stdout
    message = f"arXiv:{paper_id} has no tag in efficient-foundation-models: no label is sure"
    assert shown.startswith(message)


def test_releases_are_built_listed_and_checked(built_data_copy: Path, seealso: Seealso) -> None:
    first = current_name(built_data_copy)
    with open_catalogue(built_data_copy) as catalogue:
        catalogue.outlines.begin_form("an earlier form")
    built = seealso(built_data_copy, "release", "build").stdout
    with open_catalogue(built_data_copy) as catalogue:
        assert catalogue.outlines.pending() == []
    second = current_name(built_data_copy)
    assert first is not None
    assert second is not None
    assert built.startswith(f"{second}: ")
    assert seealso(built_data_copy, "release", "list").stdout == f"* {second}\n  {first}\n"
    listed = json.loads(seealso(built_data_copy, "release", "list", "--json").output)
    assert listed == {"releases": [second, first], "current": second}
    for name in (first, second):
        assert seealso(built_data_copy, "release", "check", name).stdout.endswith(
            "all checksums match\n"
        )


def test_release_check_finds_a_changed_byte(built_data_copy: Path) -> None:
    name = current_name(built_data_copy)
    file = built_data_copy / "releases" / str(name) / "vectors.npy"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    result = run_main(built_data_copy, "release", "check")
    assert result.returncode == 65
    assert result.stderr == f"seealso: release {name}: the checksum of vectors.npy is wrong\n"


def test_a_damaged_release_is_reported_and_the_previous_one_is_used(
    built_data_copy: Path, seealso: Seealso
) -> None:
    first = current_name(built_data_copy)
    seealso(built_data_copy, "release", "build")
    second = str(current_name(built_data_copy))
    (built_data_copy / "releases" / second / "manifest.json").write_text("{}")
    result = seealso(built_data_copy, "related", SURVEY, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["meta"]["release"] == first
    assert f"release {second}: " in result.stderr
    assert "using the previous release" in result.stderr


def test_an_invalid_setting_is_rejected(
    built_data: Path, seealso: Seealso, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEEALSO_TIMEOUT", "soon")
    with pytest.raises(BadInput, match="SEEALSO_TIMEOUT='soon': must be a whole number"):
        seealso(built_data, "status")


def test_search_for_an_id_loads_no_model(
    built_data_copy: Path, seealso: Seealso, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEEALSO_MODEL", str(built_data_copy / "no model"))
    shown = seealso(built_data_copy, "search", SURVEY).stdout
    assert "A Survey of Resource-efficient LLM" in shown
    result = run_main(built_data_copy, "search", "pruning")
    assert result.returncode != 0


def test_tags_list_shows_the_tree_with_counts(built_data: Path, seealso: Seealso) -> None:
    found = json.loads(seealso(built_data, "tags", "list", "--json").output)
    assert found["taxonomy"] == "efficient-foundation-models"
    shown = seealso(built_data, "tags", "list").stdout
    lines = shown.splitlines()
    assert lines[0].startswith("efficient-foundation-models: ")
    for node in found["tags"]:
        assert f"  {node['id']}  {node['title']}  ({node['papers']} papers)" in lines
        for child in node["children"]:
            assert f"    {child['id']}  {child['title']}  ({child['papers']} papers)" in lines
            assert child["papers"] <= node["papers"]
    assert any(node["papers"] for node in found["tags"])


def test_an_unknown_label_is_answered_with_the_labels(built_data: Path) -> None:
    result = run_main(
        built_data, "tags", "correct", SURVEY, "--label", "zzzzzzzzzzz", "--by", "Ada"
    )
    assert result.returncode == 4
    assert "the labels are foundation-model-overview, " in result.stderr
    assert "/v1/" not in result.stderr


def every_command(
    command: click.Command, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from every_command(inner, (*path, name))


COMMANDS = dict(every_command(cli))


@pytest.mark.parametrize("columns", [40, 80, 200])
@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_help_is_never_cut(path: tuple[str, ...], columns: int) -> None:
    """Every text of the help is there as a whole, whatever the width of the terminal."""
    result = CliRunner().invoke(cli, [*path, "--help"], terminal_width=columns)
    assert result.exit_code == 0
    usage, _, body = result.output.partition("\n\n")
    assert usage.startswith("Usage: ")
    assert not [line for line in body.splitlines() if line.rstrip().endswith(("...", "…"))]
    shown = without_space(body)
    command = COMMANDS[path]
    texts = [command.help or ""]
    texts += [one.help for one in command.params if isinstance(one, click.Option) and one.help]
    if isinstance(command, click.Group):
        inner = command.commands.values()
        texts += [(one.help or "").partition(".\n")[0].partition(". ")[0] for one in inner]
    if not path:
        texts += [setting.help for setting in SETTINGS]
        texts += [meaning for _, meaning in exit_codes()]
    for text in texts:
        assert without_space(text) in shown, text


def test_interruption_has_an_exit_code_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(COMMANDS[("status",)], "callback", interrupt)
    result = run_main(tmp_path, "status")
    assert result.returncode == 130
    assert "run the same command again" in result.stderr


@pytest.mark.process
def test_help_names_every_setting_without_a_heavy_import(tmp_path: Path) -> None:
    shown = run_program(tmp_path, "--help", environment={"PYTHONPROFILEIMPORTTIME": "1"})
    assert shown.returncode == 0
    assert "SEEALSO_ARXIV_API" in shown.stdout
    imported = {line.rpartition("|")[2].strip() for line in shown.stderr.splitlines()}
    assert "click" in imported
    heavy = {"numpy", "torch", "openvino", "faiss", "fastapi", "arxiv", "sqlite_utils"}
    assert not imported & heavy
