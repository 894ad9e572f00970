"""The command `digest`: its forms, groups, errors, and where it delivers."""

import email
import json
import os
import stat
import sys
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import feedparser
import pytest

from index.digests.memory import locked_memory
from index.errors import Unavailable
from scripts.cli.digests.delivery import send
from tests.conftest import SURVEY, Seealso
from tests.support.processes import run_main
from tests.support.unprivileged import run_unprivileged

LONG_AGO = ("--since", "2024-01-01", "--weak", "include")
OTHER = "2401.02038"


@pytest.fixture
def library(tmp_path: Path) -> Path:
    file = tmp_path / "my.bib"
    entries = (f"eprint = {{{SURVEY}}}", f"eprint = {{{OTHER}}}", "title = {Not here}")
    file.write_text("".join(f"@misc{{k{n}, {one}}}\n" for n, one in enumerate(entries)))
    return file


def as_json(seealso: Seealso, data: Path, *arguments: str) -> dict[str, Any]:
    result = seealso(data, "digest", *arguments, "--format", "json")
    assert result.exit_code == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def as_mail(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=policy.strict)
    assert isinstance(message, EmailMessage)
    return message


def ids_in(group: dict[str, Any]) -> list[str]:
    return [paper["id"] for paper in group["papers"]]


def test_a_digest_has_the_papers_of_the_related_list_that_are_new(
    built_data: Path, library: Path, seealso: Seealso
) -> None:
    options = ("--bib", str(library), *LONG_AGO, "--limit", "500")
    digest = as_json(seealso, built_data, *options)
    related = json.loads(seealso(built_data, "related", *options, "--json").stdout)["related"]
    [group] = digest["groups"]
    dated = [one for one in group["papers"] if one["submitted"] and len(one["submitted"]) == 10]
    assert len(related) > 10
    assert {one["id"]: one["score"] for one in related}.items() <= {
        one["id"]: one["score"] for one in group["papers"]
    }.items()
    assert all(one["submitted"] >= "2024-01-01" for one in dated)
    assert (group["liked"], group["unmatched"]) == (2, 1)
    assert group["title"] == "Near 2 papers of my.bib"
    assert group["found"] == len(group["papers"])
    assert SURVEY not in ids_in(group)
    assert set(digest["titles"]) == {SURVEY, OTHER}


def test_each_source_has_a_group_and_no_paper_is_in_two(
    built_data: Path, library: Path, tmp_path: Path, seealso: Seealso
) -> None:
    other = tmp_path / "other.ris"
    other.write_text(f"TY  - JOUR\nUR  - https://arxiv.org/abs/{OTHER}\nER  - \n")
    libraries = ("--bib", str(library), "--bib", str(other))
    queries = ("--query", "language models", "--query", "tag:model-compression")
    digest = as_json(seealso, built_data, SURVEY, *libraries, *queries, *LONG_AGO, "--limit", "4")
    assert [group["title"] for group in digest["groups"]] == [
        "Near 2 papers of my.bib",
        "Near 1 paper of other.ris",
        f"Near arXiv:{SURVEY}",
        "For “language models”",
        "For “tag:model-compression”",
    ]
    listed = [paper_id for group in digest["groups"] for paper_id in ids_in(group)]
    assert len(listed) == len(set(listed))
    assert all(len(group["papers"]) == 4 for group in digest["groups"][:4])
    assert all(group["found"] >= len(group["papers"]) for group in digest["groups"])
    assert all(one["score"] is None for one in digest["groups"][4]["papers"])


def test_filters_alone_list_the_newest_papers(built_data: Path, seealso: Seealso) -> None:
    digest = as_json(seealso, built_data, "--category", "cs.CL", *LONG_AGO, "--limit", "5")
    [group] = digest["groups"]
    assert group["title"] == "New papers"
    assert len(group["papers"]) == 5 < group["found"]
    assert all("cs.CL" in one["categories"] and one["score"] is None for one in group["papers"])
    days = [one["submitted"] for one in group["papers"]]
    assert days == sorted(days, reverse=True)


def test_disliked_papers_and_filters_change_a_group(
    built_data: Path, library: Path, seealso: Seealso
) -> None:
    plain = as_json(seealso, built_data, "--bib", str(library), *LONG_AGO)["groups"][0]
    disliked = plain["papers"][0]["id"]
    options = ("--bib", str(library), "--not", disliked, "--without", "quantization")
    fewer = as_json(seealso, built_data, *options, "--min-score", "45", *LONG_AGO)["groups"][0]
    assert disliked not in ids_in(fewer)
    assert ids_in(fewer) != ids_in(plain)
    assert all(one["score"] >= 45 for one in fewer["papers"])


def test_by_default_a_digest_is_a_mail(built_data: Path, library: Path, seealso: Seealso) -> None:
    result = seealso(
        built_data, "digest", "--bib", str(library), *LONG_AGO, "--to", "a@example.org"
    )
    message = as_mail(result.stdout_bytes)
    assert message["To"] == "a@example.org"
    assert message["Subject"].startswith("20 new papers near 2 papers of my.bib, 20")
    assert message["List-Id"] == "<my-bib.seealso-digest.example.org>"
    text = seealso(built_data, "digest", "--bib", str(library), *LONG_AGO, "--format", "text")
    assert message.get_body(("plain",)).get_content() == text.stdout  # type: ignore[union-attr]
    page = seealso(built_data, "digest", "--bib", str(library), *LONG_AGO, "--format", "html")
    assert message.get_body(("html",)).get_content() == page.stdout  # type: ignore[union-attr]
    assert text.stdout.startswith("20 new papers since 2024-01-01\n")


def test_a_feed_is_valid_and_its_ids_stay(
    built_data: Path, library: Path, seealso: Seealso
) -> None:
    copy = library.parent / "of another person" / library.name
    copy.parent.mkdir()
    copy.write_bytes(library.read_bytes())
    feeds = [
        feedparser.parse(
            seealso(
                built_data, "digest", "--bib", str(file), "--limit", "3", "--format", "atom", *since
            ).stdout_bytes
        )
        for file, since in (
            (library, LONG_AGO),
            (library, ("--since", "2023-06-01", "--weak", "include")),
            (copy, LONG_AGO),
        )
    ]
    first, second, other = (feed.feed.id for feed in feeds)
    assert first == second != other
    for feed in feeds:
        assert not feed.bozo
        assert feed.feed.id.startswith("urn:uuid:")
        assert feed.feed.title == "New papers: my.bib"
        assert len(feed.entries) == 3
        for entry in feed.entries:
            assert entry.id.startswith("https://arxiv.org/abs/")
            links = {one.rel: one.href for one in entry.links}
            assert links == {"alternate": entry.id, "related": entry.id.replace("/abs/", "/pdf/")}
            assert entry.summary.startswith("[")
            assert "like “" in entry.summary


NOTHING = "no paper is new since "


def test_without_new_papers_there_is_no_mail(
    built_data: Path, library: Path, seealso: Seealso
) -> None:
    result = seealso(built_data, "digest", "--bib", str(library), "--since", "today")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.startswith(NOTHING)
    assert "(--empty writes one)" in result.stderr
    assert "papers in release" in result.stderr


def test_other_forms_and_an_empty_mail_say_that_nothing_is_new(
    built_data: Path, library: Path, seealso: Seealso
) -> None:
    given = ("--bib", str(library), "--since", "today")
    mail = seealso(built_data, "digest", *given, "--empty", "--to", "a@example.org")
    assert as_mail(mail.stdout_bytes)["Subject"].startswith("no new papers near 2 papers of my.bib")
    text = seealso(built_data, "digest", *given, "--format", "text").stdout
    assert text.startswith("No new papers since ")
    assert "No new paper is near enough." in text
    feed = feedparser.parse(seealso(built_data, "digest", *given, "--format", "atom").stdout_bytes)
    assert (feed.bozo, feed.entries) == (False, [])
    digest = as_json(seealso, built_data, *given)
    assert (digest["new"], digest["groups"][0]["papers"]) == (0, [])


FAILURES = {
    "nothing to look for": ([], 2, "give --bib FILE, an ID, --query TEXT, or a filter"),
    "a missing library": (["--bib", "none.bib"], 2, "does not exist"),
    "a folder as library": (["--bib", "."], 2, "is a directory"),
    "a time that is none": ([SURVEY, "--since", "soon"], 2, "write yesterday, today"),
    "a time in the future": ([SURVEY, "--since", "2999-01-01"], 2, "is in the future"),
    "an unknown paper": (["2401.99999"], 2, "can be used"),
    "an invalid paper": (["nonsense"], 2, "can be used"),
    "only a disliked paper": (["--query", "x", "--not", SURVEY], 2, "counts against liked papers"),
    "a paper liked and disliked": ([SURVEY, "--not", SURVEY], 2, "liked and disliked"),
    "an empty query": (["--query", " "], 2, "has no words"),
    "a query that is a paper": (["--query", SURVEY], 2, f"give {SURVEY} without --query"),
    "a query with a wrong value": (["--query", "tag:newts"], 2, "no tag in use"),
    "an unknown tag": (["--tag", "newts"], 4, "no label 'newts'"),
    "a minimum score of a list by date": (
        ["--category", "cs.CL", "--min-score", "50"],
        2,
        "needs something that papers are compared with",
    ),
    "a limit out of range": ([SURVEY, "--limit", "0"], 2, "must be at least 1"),
    "a recipient of a text": (
        [SURVEY, "--format", "text", "--to", "a@example.org"],
        2,
        "--to is for --format mail, not text",
    ),
    "a wrong recipient": ([SURVEY, "--to", "nobody"], 2, "write it like me@example.org"),
    "a state for a feed": (
        [SURVEY, "--format", "atom", "--state", "s.json"],
        2,
        "--state is not for --format atom",
    ),
    "a file and a command": ([SURVEY, "--send", "cat", "--output", "x"], 2, "leave one out"),
    "a missing folder": ([SURVEY, "--output", "none/x.eml"], 2, "the folder none does not exist"),
    "a missing program": (
        [SURVEY, *LONG_AGO, "--send", "no-such-sendmail"],
        2,
        "cannot be started",
    ),
    "a command with an open quote": ([SURVEY, *LONG_AGO, "--send", "'x"], 2, "is no command"),
    "an empty command": ([SURVEY, *LONG_AGO, "--send", " "], 2, "--send is empty"),
}


@pytest.mark.parametrize("case", FAILURES)
def test_a_wrong_digest_reports_an_error_and_its_exit_code(
    built_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments, code, message = FAILURES[case]
    result = run_main(built_data, "digest", *arguments)
    assert result.returncode == code
    assert message in " ".join(result.stderr.split())
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "my.bib has no reference in BibTeX, such as @article{key"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "my.bib"),
        (b"<html>Sign in</html>", "my.bib"),
        (b"@comment{nothing here}", "my.bib"),
        (b"@misc{a, title={Not here}}", "none of the liked papers can be used"),
        (b"@misc{a, title={Not closed", "none of the liked papers can be used"),
    ],
)
def test_a_library_without_papers_is_an_error_and_nothing_is_remembered(
    built_data: Path, library: Path, tmp_path: Path, content: bytes, message: str
) -> None:
    library.write_bytes(content)
    state = tmp_path / "state.json"
    result = run_main(built_data, "digest", "--bib", str(library), "--state", str(state))
    assert (result.returncode, result.stdout) == (2, "")
    assert message in result.stderr
    assert not state.exists()


@pytest.mark.process
def test_a_library_and_a_state_that_may_not_be_read_are_errors(
    built_data: Path, library: Path, tmp_path: Path
) -> None:
    state = tmp_path / "state.json"
    state.write_text("{}")
    for file in (state, library):
        file.chmod(0)
        result = run_unprivileged(
            built_data, "digest", "--bib", str(library), "--state", str(state)
        )
        assert (result.returncode, result.stdout) == (2, "")
        assert str(file) in result.stderr


def test_a_file_is_replaced_in_one_step_and_the_umask_decides_who_reads_it(
    built_data: Path, tmp_path: Path, seealso: Seealso
) -> None:
    folder = tmp_path / "www"
    folder.mkdir()
    file = folder / "digest.atom"
    file.write_text("old")
    before = os.umask(0o022)
    try:
        options = (SURVEY, *LONG_AGO, "--format", "atom", "--output", str(file))
        assert seealso(built_data, "digest", *options).stdout == ""
    finally:
        os.umask(before)
    assert len(feedparser.parse(file.read_bytes()).entries) == 20
    assert stat.filemode(file.stat().st_mode) == "-rw-r--r--"
    assert list(folder.iterdir()) == [file]


def test_a_command_gets_the_mail_on_its_input(
    built_data: Path, tmp_path: Path, seealso: Seealso
) -> None:
    got = tmp_path / "got mail.eml"
    program = tmp_path / "send.py"
    program.write_text(
        "import sys\n"
        "assert sys.argv[2:] == ['-t']\n"
        "open(sys.argv[1], 'wb').write(sys.stdin.buffer.read())\n"
    )
    command = f"{sys.executable} {program} '{got}' -t"
    result = seealso(built_data, "digest", SURVEY, *LONG_AGO, "--send", command)
    assert (result.exit_code, result.stdout) == (0, "")
    assert as_mail(got.read_bytes())["Subject"].startswith("20 new papers near arXiv:")


def test_a_mail_that_cannot_be_sent_is_not_remembered(
    built_data: Path, tmp_path: Path, seealso: Seealso
) -> None:
    state, program = tmp_path / "state.json", tmp_path / "send.py"
    program.write_text("import sys\nsys.exit('the network\\nis down')\n")
    command = f"{sys.executable} {program}"
    given = ("digest", SURVEY, *LONG_AGO, "--state", str(state), "--send")
    result = run_main(built_data, *given, command)
    assert result.returncode == 75
    assert "ended with exit code 1: the network is down. The digest was not sent" in result.stderr
    assert not state.exists()
    program.write_text("")
    assert run_main(built_data, *given, command).returncode == 0
    assert len(json.loads(state.read_text())["sent"]) == 20


def test_a_mail_is_not_sent_if_nothing_could_be_remembered(
    built_data: Path, tmp_path: Path
) -> None:
    file, sent = tmp_path / "a file", tmp_path / "sent"
    file.write_text("")
    given = ("--state", str(file / "state.json"), "--send", f"touch {sent}")
    result = run_main(built_data, "digest", SURVEY, *LONG_AGO, *given)
    assert result.returncode == 2
    assert "cannot be written" in result.stderr
    assert not sent.exists()


def test_two_digests_at_once_do_not_send_the_same_papers(built_data: Path, tmp_path: Path) -> None:
    state, sent = tmp_path / "new folder" / "state.json", tmp_path / "sent"
    given = ("digest", SURVEY, *LONG_AGO, "--state", str(state), "--send", f"tee {sent}")
    with locked_memory(state):
        result = run_main(built_data, *given)
    assert result.returncode == 75
    assert f"another digest with {state} is running" in result.stderr
    assert not sent.exists()
    assert run_main(built_data, *given).returncode == 0
    assert sent.exists()


def test_a_command_that_does_not_end_is_killed() -> None:
    with pytest.raises(Unavailable, match=r"sleep did not end within 0\.1 seconds and was killed"):
        send(b"", "sleep 1000", seconds=0.1)


def test_a_command_that_a_signal_ended_is_named() -> None:
    with pytest.raises(Unavailable, match="sh was ended by signal 9: it wrote nothing"):
        send(b"", "sh -c 'kill -9 $$'")
