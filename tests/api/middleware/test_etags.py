"""ETags: an unchanged answer is a 304, and every change gives another ETag."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from index.catalogue.catalogue import open_catalogue
from index.health.freshness import GRACE
from tests.conftest import SURVEY, Seealso
from tests.support.client import RELATED, open_client
from tests.support.clock import set_clock

PATHS = [RELATED, f"/v1/papers/{SURVEY}", "/v1/tags", "/", f"/papers/{SURVEY}"]


@pytest.fixture
def client(built_data_copy: Path) -> Iterator[TestClient]:
    with open_client(built_data_copy) as client:
        yield client


def status_for(client: TestClient, path: str, tag: str) -> int:
    """Return the status for a client that has the answer with this ETag."""
    return client.get(path, headers={"If-None-Match": tag}).status_code


@pytest.mark.parametrize("path", PATHS)
def test_an_unchanged_answer_is_not_sent_again(client: TestClient, path: str) -> None:
    first = client.get(path)
    assert first.headers["Cache-Control"] == "no-cache"
    second = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (second.status_code, second.content) == (304, b"")
    assert second.headers["ETag"] == first.headers["ETag"]
    assert status_for(client, path, f'"other", W/{first.headers["ETag"]}') == 304
    assert status_for(client, path, '"other"') == 200
    assert status_for(client, path, "") == 200


def test_another_query_has_another_etag(client: TestClient) -> None:
    queries = [*PATHS, f"{RELATED}?limit=3", f"{RELATED}?limit=4", "/v1/papers/2401.99999"]
    tags = [client.get(path).headers.get("ETag") for path in queries]
    assert tags.pop() is None
    assert len(set(tags)) == len(tags)
    page = f"/papers/{SURVEY}"
    seen = client.get(page, headers={"User-Agent": "Mozilla"}).headers["ETag"]
    assert seen != client.get(page, headers={"User-Agent": "curl/8"}).headers["ETag"]


def test_a_new_release_is_a_new_answer(
    client: TestClient, built_data_copy: Path, seealso: Seealso
) -> None:
    tag = client.get(RELATED).headers["ETag"]
    seealso(built_data_copy, "release", "build")
    changed = client.get(RELATED, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag


def test_a_change_in_the_catalogue_is_a_new_answer(
    client: TestClient, built_data_copy: Path
) -> None:
    related = client.get(RELATED).json()["related"]
    tag = client.get(RELATED).headers["ETag"]
    with open_catalogue(built_data_copy) as catalogue:
        catalogue.withdraw([related[0]["id"]])
    changed = client.get(RELATED, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert related[0]["id"] not in {paper["id"] for paper in changed.json()["related"]}


def test_a_correction_is_a_new_answer(
    client: TestClient, built_data_copy: Path, seealso: Seealso
) -> None:
    tags = {path: client.get(path).headers["ETag"] for path in PATHS}
    seealso(
        built_data_copy, "tags", "correct", SURVEY, "--label", "model-compression", "--by", "Ada"
    )
    for path, tag in tags.items():
        changed = client.get(path, headers={"If-None-Match": tag})
        assert changed.status_code == 200
        assert changed.headers["ETag"] != tag


@pytest.mark.parametrize("path", PATHS)
def test_an_etag_is_strong_and_comes_with_vary(client: TestClient, path: str) -> None:
    first = client.get(path)
    tag = first.headers["ETag"]
    assert tag.startswith('"')
    unchanged = client.get(path, headers={"If-None-Match": tag})
    rest = path.startswith("/v1/")
    for response in (first, unchanged):
        assert response.headers["Vary"] == ("Accept" if rest else "Accept, User-Agent")
    other = client.get(path, headers={"Accept": "application/json, text/html;q=0.1"})
    assert other.headers["ETag"] != tag


def test_growing_stale_is_a_new_answer(
    client: TestClient, built_data_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = datetime(2026, 3, 6, 12, tzinfo=UTC)
    set_clock(monkeypatch, turns, "api.middleware.etags")
    with sqlite3.connect(built_data_copy / "catalogue.db") as connection:
        connection.execute(
            "INSERT INTO followed (selection, since, next_due) VALUES ('cs', '2026-01-01', ?)",
            [(turns - GRACE).isoformat()],
        )
    fresh = client.get(RELATED)
    assert fresh.json()["meta"]["stale"] is False
    assert status_for(client, RELATED, fresh.headers["ETag"]) == 304
    set_clock(monkeypatch, turns + timedelta(seconds=1), "api.middleware.etags")
    stale = client.get(RELATED, headers={"If-None-Match": fresh.headers["ETag"]})
    assert stale.json()["meta"]["stale"] is True


def test_the_status_has_no_etag(client: TestClient) -> None:
    assert "ETag" not in client.get("/v1/status").headers


def test_an_empty_folder_gives_no_etags(tmp_path: Path) -> None:
    with open_client(tmp_path) as client:
        answer = client.get(RELATED)
    assert answer.status_code == 503
    assert "ETag" not in answer.headers


def test_another_version_of_a_library_is_another_answer(
    client: TestClient,
    built_data_copy: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tags = {path: client.get(path).headers["ETag"] for path in PATHS}
    installed = tmp_path / "installed" / "latex2mathml-99.0.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: latex2mathml\nVersion: 99.0\n"
    )
    monkeypatch.syspath_prepend(installed.parent)
    with open_client(built_data_copy) as upgraded:
        assert {status_for(upgraded, path, tag) for path, tag in tags.items()} == {200}


def test_another_setting_is_another_answer(client: TestClient, built_data_copy: Path) -> None:
    tag = client.get(RELATED).headers["ETag"]
    with open_client(built_data_copy, precision="f32") as other:
        assert status_for(other, RELATED, tag) == 200
    with open_client(built_data_copy, token="a secret of 16 letters") as writable:
        assert status_for(writable, RELATED, tag) == 304


@pytest.mark.parametrize("path", PATHS)
def test_a_star_matches_any_answer_but_no_error(client: TestClient, path: str) -> None:
    matched = client.get(path, headers={"If-None-Match": "*"})
    assert (matched.status_code, matched.content) == (304, b"")
    for name in ("ETag", "Cache-Control", "Vary"):
        assert matched.headers[name] == client.get(path).headers[name]
    assert client.head(path, headers={"If-None-Match": "*"}).status_code == 304
    assert status_for(client, "/v1/papers/2401.99999", "*") == 404


@pytest.mark.parametrize(
    ("held", "status"),
    [
        ("*", 304),
        (" * ", 304),
        ("ETAG", 304),
        ("W/ETAG", 304),
        ('"a,b", ETAG', 304),
        ('"a",W/"b" , W/ETAG,"c"', 304),
        ("ETAG,", 304),
        ('"a, *, b"', 200),  # one ETag, which has an asterisk between commas
        ('"*"', 200),
        ('"a", *', 200),  # `*` may only be alone
        ("W/*", 200),
        ('"a,ETAG', 200),
        ("", 200),
    ],
)
def test_a_list_of_etags_is_read_as_rfc_9110_writes_it(
    client: TestClient, held: str, status: int
) -> None:
    tag = client.get(RELATED).headers["ETag"]
    assert status_for(client, RELATED, held.replace("ETAG", tag)) == status


def test_several_header_lines_are_one_list(client: TestClient) -> None:
    tag = client.get(RELATED).headers["ETag"]
    headers = [("If-None-Match", '"a"'), ("If-None-Match", tag)]
    assert client.get(RELATED, headers=headers).status_code == 304


@pytest.mark.parametrize("path", [*PATHS, "/v1/status", "/status", "/healthz", "/metrics"])
def test_an_asterisk_matches_any_answer_and_no_error(client: TestClient, path: str) -> None:
    any_answer = client.get(path, headers={"If-None-Match": "*"})
    assert (any_answer.status_code, any_answer.content) == (304, b"")
    assert client.head(path, headers={"If-None-Match": "*"}).status_code == 304
    missing = client.get("/v1/papers/2401.99999", headers={"If-None-Match": "*"})
    assert missing.status_code == 404


@pytest.mark.parametrize(
    ("required", "status"),
    [("*", 200), ("ETAG", 200), ('"a,b", ETAG', 200), ("W/ETAG", 412), ('"a"', 412), ("", 412)],
)
def test_if_match_needs_a_strong_etag_of_the_answer(
    client: TestClient, required: str, status: int
) -> None:
    tag = client.get(RELATED).headers["ETag"]
    response = client.get(RELATED, headers={"If-Match": required.replace("ETAG", tag)})
    assert response.status_code == status
    if status == 412:
        assert response.json()["detail"].startswith("the answer has none of the ETags of If-Match")
    # If-Match comes first (RFC 9110, 13.2.2).
    both = {"If-Match": required.replace("ETAG", tag), "If-None-Match": tag}
    assert client.get(RELATED, headers=both).status_code == (304 if status == 200 else 412)
