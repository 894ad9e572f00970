"""Heavy requests are recognised by what they ask for, whatever the route."""

import json

import pytest

from api.middleware.request_cost import is_heavy

RELATED = "/v1/papers/2401.08092/related"
IDS = [f"2401.{number:05}" for number in range(500)]


@pytest.mark.parametrize(
    ("query", "heavy"),
    [
        ("", False),
        ("limit=100&sort=date", False),
        ("limit=101", True),
        ("limit=10&limit=500", True),
        ("limit=99999999999999999999", True),
        ("limit=+500", True),  # 500 for pydantic, like the next three
        ("limit=0000000000500", True),
        ("limit=500.0", True),
        ("limit=5_00", True),
        ("diversity=0.5&limit=20", False),
        ("diversity=0.5&limit=21", True),
        ("diversity=0.5&cursor=*", True),
        ("diversity=0&limit=50", False),
        ("cursor=*", False),
        ("reasons=brief", False),
        ("reasons=full", True),
        ("with=pruning&without=survey&author=Yann%20LeCun", False),
        ("with=" + "the+of+" * 11, True),
        ("without=" + "%20and" * 21, True),
        ("with=" + "the.of_" * 11, True),
        ("author=" + "A.Li,B.Wang," * 6, True),
        ("&".join(["author=A.+Li"] * 11), True),
        ("q=" + "pruning+" * 249, False),
        ("q=" + "pruning+" * 251, True),
        ("query=" + "x" * 2_001, True),
        ("q=" + '"the+of"+' * 11, True),
        ("q=" + "%22the%22" * 21, True),
        ("q=%22" + "the-of-" * 11 + "%22", True),
        ("&".join(f"liked={one}" for one in IDS[:5]), False),
        ("&".join(f"liked={one}&disliked={one}" for one in IDS[:3]), True),
        ("&".join(f"id={one}" for one in IDS[:101]), True),
        ("q=%ff%00", False),
    ],
)
def test_a_query_is_heavy_if_it_asks_for_much(query: str, heavy: bool) -> None:
    assert is_heavy(RELATED, query) == heavy


def _library(length: int) -> dict[str, object]:
    return {"library": {"name": "my.bib", "content": "x" * length}}


@pytest.mark.parametrize(
    ("path", "body", "heavy"),
    [
        ("/v1/recommend", {"liked": IDS[:5]}, False),
        ("/v1/recommend", {"liked": IDS[:3], "disliked": IDS[3:6]}, True),
        ("/v1/recommend", {"liked": IDS[:1], "text": "x" * 2_000}, False),
        ("/v1/recommend", {"text": "x" * 2_001}, True),
        ("/v1/recommend", _library(1_000), False),
        ("/v1/recommend", _library(1_001), True),
        ("/v1/recommend", {"library": "a", "liked": 3}, False),
        ("/v1/recommend", {"unknown": "x" * 60_000}, True),
        ("/v1/recommend", IDS, False),
        ("/recommendations/v1/papers", {"positivePaperIds": IDS[:6]}, True),
        ("/recommendations/v1/papers/", {"negativePaperIds": IDS[:6]}, True),
        ("/v1/papers/batch", {"ids": IDS[:100]}, False),
        ("/v1/papers/batch", {"ids": IDS[:101]}, True),
        ("/graph/v1/paper/batch", {"ids": IDS}, True),
        ("/v1/status", {"ids": IDS}, False),
    ],
)
def test_a_body_is_heavy_if_it_has_many_papers_or_long_texts(
    path: str, body: object, heavy: bool
) -> None:
    assert is_heavy(path, "", json.dumps(body).encode()) == heavy


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 40_000, b"null"])
def test_a_body_that_is_not_json_is_not_heavy(body: bytes) -> None:
    assert not is_heavy("/v1/recommend", "", body)


@pytest.mark.parametrize("path", ["/library", "/list"])
def test_a_large_file_of_references_is_heavy(path: str) -> None:
    assert is_heavy(path, "", b"x" * 1_001)
    assert not is_heavy(path, "", b"x" * 1_000)


def test_a_long_reading_list_is_heavy() -> None:
    papers = ",".join(["2401.08092"] * 100)
    assert is_heavy("/list.bib", f"papers={papers},2401.08092")
    assert not is_heavy("/list.bib", f"papers={papers}")
    assert is_heavy("/v1/list", "", json.dumps({"library": {"content": "x" * 1_001}}).encode())
