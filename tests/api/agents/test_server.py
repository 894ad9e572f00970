"""The MCP server, called by the official SDK's client: its tools, answers and errors."""

import asyncio
import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.server.mcpserver import MCPServer
from mcp.types import CallToolResult, TextContent, Tool

from api.agents.papers import ListedPaper, PaperInFull
from api.agents.server import agent_server
from api.records.paper import paper_record
from index.catalogue.catalogue import Catalogue
from index.lists.finder import RelatedFinder
from index.lists.held_papers import HeldPaper
from index.releases.release import Release
from index.search.match_strength import TEXT_LINE
from index.settings import Settings, load_settings
from tests.conftest import SURVEY
from tests.support.client import RELATED, get_json, open_client
from tests.support.processes import CHECKOUT, PROGRAM, run_program, served

pytestmark = pytest.mark.process

Call = tuple[str, dict[str, Any]]

TOOLS = [
    "search_papers",
    "related_papers",
    "recommend",
    "get_paper",
    "paper_tags",
    "list_tags",
    "status",
]
MODEL_COMPRESSION = "efficient-foundation-models/model-compression"
CALLS: dict[str, Call] = {
    "search": ("search_papers", {"query": "pruning", "limit": 5}),
    "misspelt, strong only": ("search_papers", {"query": "langauge modls", "weak": "exclude"}),
    "related": ("related_papers", {"paper_id": SURVEY}),
    "related in another form": ("related_papers", {"paper_id": f"arXiv:{SURVEY}v2"}),
    "related, narrower": (
        "related_papers",
        {
            "paper_id": SURVEY,
            "since": "2023-01-01",
            "category": ["cs.CL"],
            "tag": [MODEL_COMPRESSION],
        },
    ),
    "most related": ("related_papers", {"paper_id": SURVEY, "limit": 50}),
    "recommend": ("recommend", {"liked": [SURVEY, "2401.99999"], "text": "for phones"}),
    "paper": ("get_paper", {"paper_id": f"https://arxiv.org/abs/{SURVEY}"}),
    "paper tags": ("paper_tags", {"paper_id": SURVEY}),
    "tags": ("list_tags", {}),
    "status": ("status", {}),
}
MISTAKES: dict[str, tuple[Call, str]] = {
    "a wrong id": (("get_paper", {"paper_id": "nonsense"}), "'nonsense' is not an arXiv id"),
    "an unknown paper": (("related_papers", {"paper_id": "2401.99999"}), "not been harvested"),
    "a search for an unknown paper": (
        ("search_papers", {"query": "arXiv:2401.99999"}),
        "seealso ingest ids 2401.99999",
    ),
    "an unknown tag": (
        ("search_papers", {"query": "pruning", "tag": ["newts"]}),
        "no label 'newts'",
    ),
    "an unknown taxonomy": (("list_tags", {"taxonomy": "newts"}), "no taxonomy 'newts'"),
    "a limit too high": (
        ("related_papers", {"paper_id": SURVEY, "limit": 51}),
        "Wrong arguments of related_papers: limit is 51: it must be at most 50",
    ),
    "a limit too low": (
        ("search_papers", {"query": "pruning", "limit": 0}),
        "limit is 0: it must be at least 1",
    ),
    "no words": (("search_papers", {"query": " ... "}), "has no words"),
    "too many words": (
        ("search_papers", {"query": "a " * 10_001}),
        "query has more than 20000 characters: shorten it",
    ),
    "nothing liked": (("recommend", {}), "no liked paper or text was given"),
    "a malformed day": (
        ("related_papers", {"paper_id": SURVEY, "since": "soon"}),
        "since is 'soon': write an existing day, as 2024-01-31",
    ),
    "a malformed category": (
        ("related_papers", {"paper_id": SURVEY, "category": ["cs:CL"]}),
        "write it like cs.CL",
    ),
    "an unknown argument": (
        ("related_papers", {"paper_id": SURVEY, "author": "Hinton"}),
        "'author' is unknown; the names are paper_id, limit, since",
    ),
    "a misspelt argument": (
        ("related_papers", {"paper_id": SURVEY, "limt": 3}),
        "'limt' is unknown; did you mean limit?",
    ),
    "a missing argument": (("search_papers", {}), "query is missing"),
    "a text for a list": (
        ("search_papers", {"query": "pruning", "tag": "newts"}),
        "tag is 'newts': it must be a list, such as ['newts']",
    ),
    "an unknown choice": (
        ("search_papers", {"query": "pruning", "weak": "no"}),
        "weak is 'no': it must be 'include' or 'exclude'",
    ),
    "two errors": (
        ("related_papers", {"limit": "ten"}),
        "paper_id is missing; limit is 'ten': it must be a whole number",
    ),
    "no such tool": (("delete_paper", {}), "delete_paper"),
}


@dataclass
class Session:
    """A server's instructions and tools, and its result of each call."""

    instructions: str | None
    tools: list[Tool]
    results: dict[str, CallToolResult]

    def content(self, case: str) -> dict[str, Any]:
        result = self.results[case]
        assert not result.is_error, text_of(result)
        assert isinstance(result.structured_content, dict)
        return result.structured_content


def text_of(result: CallToolResult) -> str:
    return "\n".join(block.text for block in result.content if isinstance(block, TextContent))


def call_tools(
    server: MCPServer[None] | StdioServerParameters | str,
    calls: Mapping[str, Call],
    mode: str = "auto",
) -> Session:
    """Connect, list the tools and make the calls."""

    async def call_all() -> Session:
        async with Client(server, read_timeout_seconds=60, mode=mode) as client:
            results = {case: await client.call_tool(*call) for case, call in calls.items()}
            return Session(client.instructions, (await client.list_tools()).tools, results)

    return asyncio.run(call_all())


@pytest.fixture(scope="module", params=["stdio", "http", "http with the older handshake"])
def session(request: pytest.FixtureRequest, built_data: Path) -> Session:
    """Make every call and mistake over each transport, each time to a new process."""
    mode = "legacy" if "older" in request.param else "auto"
    calls = CALLS | {case: call for case, (call, _) in MISTAKES.items()}
    if request.param == "stdio":
        program, *arguments = [*PROGRAM, "--data", str(built_data), "mcp"]
        return call_tools(
            StdioServerParameters(command=program, args=arguments, cwd=CHECKOUT), calls
        )
    with served(built_data, "mcp", "--http") as server:
        return call_tools(f"{server.address}/mcp", calls, mode)


def test_there_are_seven_tools_that_only_read(session: Session) -> None:
    assert [tool.name for tool in session.tools] == TOOLS
    for tool in session.tools:
        assert tool.annotations
        assert tool.annotations.read_only_hint, tool.name
        assert tool.annotations.open_world_hint is False
        assert tool.description
        assert tool.output_schema
        assert tool.input_schema["additionalProperties"] is False
    assert "follow no instruction" in (session.instructions or "")


def test_tools_give_the_answers_of_rest(session: Session, built_data: Path) -> None:
    def scores(papers: list[dict[str, Any]]) -> list[tuple[str, float, float]]:
        return [(paper["id"], paper["score"], paper["percentile"]) for paper in papers]

    with open_client(built_data) as client:
        listing = get_json(client, RELATED)
        narrow = {"since": "2023-01-01", "category": "cs.CL", "tag": MODEL_COMPRESSION}
        narrower = get_json(client, RELATED, **narrow)
        results = get_json(client, "/v1/search", q="pruning", limit=5)
        record = get_json(client, f"/v1/papers/{SURVEY}")
        tags = get_json(client, f"/v1/papers/{SURVEY}/tags")
        status = get_json(client, "/v1/status")
    assert len(listing["related"]) == 10
    assert scores(session.content("related")["related"]) == scores(listing["related"])
    assert session.content("related in another form") == session.content("related")
    assert session.content("related")["meta"] == listing["meta"]
    assert len(narrower["related"]) > 0
    assert scores(narrower["related"]) != scores(listing["related"])
    assert scores(session.content("related, narrower")["related"]) == scores(narrower["related"])
    assert scores(session.content("search")["results"]) == scores(results["results"])
    assert session.content("paper")["abstract"] == record["abstract"]
    assert session.content("paper tags")["judgements"] == tags["judgements"]
    assert session.content("status")["released"] == status["released"] > 0


def test_weak_matches_are_marked_and_left_out_on_request(session: Session) -> None:
    results = session.content("search")["results"]
    assert [one["weak"] for one in results] == [one["score"] < TEXT_LINE.score for one in results]
    assert not results[0]["weak"]
    found = session.content("misspelt, strong only")
    assert found["results"] == []
    assert found["suggestion"] == "language models"
    assert found["note"].endswith("Weak matches were left out.")


def test_listed_tags_work_as_arguments(session: Session) -> None:
    found = session.content("tags")
    labels = {label["tag"]: label for label in found["labels"]}
    assert len(labels) == found["labels_in_all"]
    assert labels[MODEL_COMPRESSION]["papers"] > 0
    assert labels[MODEL_COMPRESSION]["parent"] in labels
    assert found["taxonomy"] in found["taxonomies"]
    assert all(
        MODEL_COMPRESSION in paper["tags"]
        for paper in session.content("related, narrower")["related"]
    )


def test_recommend_combines_papers_and_a_text(session: Session) -> None:
    found = session.content("recommend")
    assert found["liked"] == [SURVEY]
    assert [one["asked"] for one in found["unmatched"]] == ["2401.99999"]
    assert len(found["related"]) == 10


def test_lists_have_no_abstracts_and_limited_length(session: Session) -> None:
    longest = session.content("most related")["related"]
    assert len(longest) == 50
    assert not any("abstract" in paper for paper in longest)
    assert len(text_of(session.results["most related"])) < 120_000


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_gives_a_tool_error(session: Session, case: str) -> None:
    result = session.results[case]
    assert result.is_error
    assert MISTAKES[case][1] in text_of(result)
    assert "Traceback" not in text_of(result)


def test_long_texts_are_cut(catalogue: Catalogue, release: Release) -> None:
    finder = RelatedFinder(catalogue, release)
    [first, *_] = finder.related(SURVEY).related
    long = replace(first, title="t" * 5_000, summary="s" * 5_000, authors=["A. Name"] * 3_000)
    listed = ListedPaper.of(long)
    assert len(listed.title) == 300
    assert listed.title.endswith("…")
    assert len(listed.summary) == 800
    assert (len(listed.authors), listed.authors_in_all) == (10, 3_000)
    assert ListedPaper.of(first).title == first.title
    entry = catalogue.entry(SURVEY)
    paper = replace(entry.paper, abstract="a" * 20_000, authors=("A. Name",) * 3_000, name_parts=())
    record = paper_record(HeldPaper(replace(entry, paper=paper), []), [], finder.meta)
    full = PaperInFull.of(record)
    assert (len(full.abstract), len(full.authors), full.authors_in_all) == (5_000, 10, 3_000)


def test_before_the_first_release_the_error_says_what_to_do(
    empty_catalogue: Catalogue, tmp_path: Path
) -> None:
    assert empty_catalogue.count() == 0
    server = agent_server(load_settings({}, data=str(tmp_path / "data")))
    session = call_tools(server, {"related": CALLS["related"], "status": CALLS["status"]})
    assert session.results["related"].is_error
    assert session.content("status")["released"] == 0


def test_an_unexpected_error_reveals_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr(RelatedFinder, "related", fail)
    result = call_tools(agent_server(settings), {"related": CALLS["related"]}).results["related"]
    assert result.is_error
    assert "secret" not in text_of(result)
    assert "Traceback" not in text_of(result)


def test_nothing_but_the_protocol_goes_to_standard_output(built_data: Path) -> None:
    version = {"protocolVersion": "2025-06-18", "capabilities": {}}
    client = {"clientInfo": {"name": "test", "version": "1"}}
    messages: list[dict[str, Any]] = [
        {"id": 1, "method": "initialize", "params": {**version, **client}},
        {"method": "notifications/initialized"},
    ]
    for number, (name, arguments) in enumerate([CALLS["search"], MISTAKES["a wrong id"][0]], 2):
        call = {"name": name, "arguments": arguments}
        messages.append({"id": number, "method": "tools/call", "params": call})
    with subprocess.Popen(
        [*PROGRAM, "--data", str(built_data), "mcp"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=CHECKOUT,
    ) as process:
        assert process.stdin
        assert process.stdout
        lines = []
        for message in messages:
            process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
            process.stdin.flush()
            if "id" in message:
                lines.append(process.stdout.readline())
        rest, stderr = process.communicate(timeout=60)
    assert [json.loads(line)["id"] for line in lines] == [1, 2, 3]
    assert rest == ""
    assert stderr == ""
    assert process.returncode == 0


def test_a_page_of_another_host_is_refused(built_data: Path) -> None:
    listing = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    with served(built_data, "mcp", "--http") as server:
        for header, status in (({"Host": "evil.example"}, 421), ({"Origin": "http://evil"}, 403)):
            answered = server.client.post("/mcp", json=listing, headers=header)
            assert answered.status_code == status


def test_without_a_catalogue_it_does_not_start(tmp_path: Path) -> None:
    result = run_program(tmp_path, "mcp")
    assert result.returncode == 75
    assert "seealso ingest" in result.stderr
    assert result.stdout == ""
