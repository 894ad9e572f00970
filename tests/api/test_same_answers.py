"""The page, the API, the command and the agents' tool read and answer a query in the same way."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient
from lxml import html

from api.agents.server import agent_server
from index.errors import SeeAlsoError
from index.settings import load_settings
from scripts.cli.main import cli
from tests.api.agents.test_server import Session, call_tools, text_of
from tests.api.pages.test_pages import BROWSER
from tests.conftest import SURVEY
from tests.support.client import open_client

QUERIES: dict[str, dict[str, Any]] = {
    query: {}
    for query in (
        "pruning of language models",
        "What is the best way to quantise a large language model?",
        '"mixture of experts" inference',
        "“large language model” -survey",
        "pruning -benchmark -title:survey",
        "Mengwei Xu",
        "Mengwei Xu 2024",
        "papers by Mengwei Xu",
        "Mengwei Xu, Shangguang Wang",
        'author:"Mengwei Xu" since:2024',
        "author:Mengwei Xu",
        "author:Nobodyhere",
        "Xu et al., 2024",
        "A Survey of Resource-efficient LLM and Multimodal Foundation Models",
        "survey resource eficient multimodal foundation models",
        "langauge modls",
        "xqzzt wibblefrotz",
        "cat:cs.CL",
        "cat:cs.CL OR cat:cs.LG year:2023",
        "(cat:cs.CL OR cat:cs.LG) AND pruning",
        "tag:model-compression quantization",
        "year:2020-2023 -cat:cs.CV vision",
        "submittedDate:[20230101 TO 20231231] attention",
        "licence:CC-BY-4.0 attention",
        "title:attention",
        "abs:quantization NOT cat:cs.CV",
        "autor:Hinton",
        "all:Mengwei all:Xu",
        "2401.08092",
        "https://arxiv.org/pdf/2401.08092v2.pdf",
        "10.48550/arXiv.2401.08092",
        "id:2401.08092",
        "id:2401.99999",
        "2401.99999",
        "arXiv:2401.999999",
        "cat:cs.CLL pruning",
        "tag:model-compresion pruning",
        "since:2024-13-01 pruning",
        "since:tomorrow author:",
        "since:2024 until:2023 pruning",
        'author:"Mengwei Xu',
        "licence:mine pruning",
        "(ti:a AND ti:b) OR cat:cs.CL",
        "cat:cs.CL " * 21,
        '"" ',
        "...",
        "'; DROP TABLE papers; --",
        '" OR 1=1 --',
        "<script>alert(1)</script>",
        "title:(((( NEAR(a b) *",
        "{{ 7*7 }} ${x} %s %d",
        "a\tb\n c",
        "Schr\\\"odinger's $\\gamma$-ray",
        "漢字 深層学習",
        "-" * 50,
        '"' + "x" * 230 + '" pruning',
    )
} | {
    "attention since a day": {"since": "2023-06-01"},
    "attention until a day": {"until": "2023-06-01"},
    "attention in a category": {"category": "cs.LG"},
    "attention with a tag": {"tag": "model-compression"},
    "attention by date": {"sort": "date", "limit": 7},
    "attention, strong matches": {"weak": "exclude", "limit": 50},
    "attention, a wrong day": {"since": "2023-13-01"},
    "attention, a wrong category": {"category": "cs.CLL"},
    "attention, a wrong tag": {"tag": "newts"},
    "attention, a wrong period": {"since": "2024-01-01", "until": "2023-01-01"},
    "attention, no papers": {"limit": 0},
    "attention, an unknown order": {"sort": "size"},
}
SEVERAL = ("category", "tag")


@dataclass(frozen=True)
class Answer:
    """What one way of asking answered: papers in order and what is said, or an error."""

    papers: list[str]
    understood: str = ""
    suggestion: str | None = None
    note: str | None = None
    error: str = ""


def plain(text: str | None) -> str:
    """Return a text without blanks, quotes and the number of papers found.

    The page counts the whole list, the others the papers that they list.
    """
    counted = re.sub(r"[\d,]+ papers?( or more)? (is|are) about", "papers are about", text or "")
    return re.sub(r"[\s'\"`]+", "", counted).rstrip(".").lower()


@pytest.fixture(scope="module")
def client(built_data: Path) -> Iterator[TestClient]:
    with open_client(built_data) as client:
        client.follow_redirects = False
        yield client


@pytest.fixture(scope="module")
def tools(built_data: Path) -> Session:
    """The results of all calls of the tool."""
    server = agent_server(load_settings({}, data=str(built_data), request_timeout="600"))
    calls = {
        query: (
            "search_papers",
            {
                "query": query,
                **{name: [v] if name in SEVERAL else v for name, v in options.items()},
            },
        )
        for query, options in QUERIES.items()
    }
    return call_tools(server, calls)


def of_api(client: TestClient, query: str, options: dict[str, Any]) -> Answer:
    answer = client.get("/v1/search", params={"q": query, **options})
    content = answer.json()
    if answer.status_code != 200:
        return Answer([], error=content["detail"])
    return of_json(content)


def of_json(content: dict[str, Any]) -> Answer:
    return Answer(
        [one["id"] for one in content["results"]],
        content["parts"]["summary"],
        content["suggestion"],
        content["note"],
    )


def of_command(data: Path, query: str, options: dict[str, Any]) -> Answer:
    flags = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    command = ["--data", str(data), "search", "--json", *flags, "--", query]
    result = CliRunner().invoke(cli, command)
    if isinstance(result.exception, SeeAlsoError):
        return Answer([], error=str(result.exception))
    if result.exit_code:
        error = result.output.partition("Error: ")[2].replace("it is ", "")
        error = re.sub(r"Invalid value for '--(\w+)': ", r"\1 is ", error)
        return Answer([], error=error.replace("be one of 'score', ", "be score or "))
    return of_json(json.loads(result.stdout))


def of_tool(session: Session, query: str) -> Answer:
    result = session.results[query]
    if result.is_error:
        return Answer([], error=text_of(result).partition(": ")[2])
    content = session.content(query)
    return Answer(
        [one["id"] for one in content["results"]],
        content["understood"],
        content["suggestion"],
        content["note"],
    )


def of_page(client: TestClient, query: str, options: dict[str, Any]) -> Answer:
    answer = client.get("/search", params={"q": query, **options}, headers=BROWSER)
    if answer.status_code == 303:
        return Answer([answer.headers["location"].removeprefix("/papers/")])
    shown = html.fromstring(answer.text)

    def texts(path: str) -> list[str]:
        return list(map(str, cast("list[str]", shown.xpath(path))))

    suggestion = texts("//main//p[starts-with(., 'Did you mean')]/a/text()")
    if answer.status_code != 200:
        fault = "".join(texts("//main//p[@id='fault']//text()") or texts("//main//p[1]//text()"))
        corrected = f"; corrected: {suggestion[0]}" if suggestion else ""
        return Answer([], error=f"{fault.rstrip('.')}{corrected}")
    return Answer(
        [one.removeprefix("/papers/") for one in texts("//main/ol/li/h2/a/@href")],
        texts("//p[@id='summary']/text()")[0],
        suggestion[0] if suggestion else None,
        "".join(texts("//main/p[@class='note']//text()")) or None,
    )


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_has_one_answer(
    client: TestClient, tools: Session, built_data: Path, query: str
) -> None:
    options = QUERIES[query]
    api = of_api(client, query, options)
    answers = {
        "command": of_command(built_data, query, options),
        "tool": of_tool(tools, query),
        "page": of_page(client, query, options),
    }
    # A page, like a cursor, is cut from the whole list, which is ranked first.
    whole = of_api(client, query, {"cursor": "*", **options})
    for name, answer in answers.items():
        assert answer.papers == (whole if name == "page" else api).papers, name
        if name == "page" and api.papers == [SURVEY] and "identifies" in api.understood:
            continue
        assert plain(answer.understood) == plain(api.understood), name
        assert plain(answer.suggestion) == plain(api.suggestion), name
        assert plain(answer.note) == plain(api.note), name
        assert plain(answer.error) == plain(api.error), name
