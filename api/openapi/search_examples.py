"""Examples of searches and completions, for the OpenAPI description."""

from typing import Any

from api.openapi.examples import ENTRY, META

SEARCH: dict[str, Any] = {
    "query": "efficient language models since:2024",
    "parts": {
        "kind": "text",
        "text": "efficient language models",
        "operators": ["since:2024"],
        "phrases": [],
        "excluded": [],
        "name": "",
        "authors": [],
        "authors_in_all": 0,
        "papers_by_authors": 0,
        "title_matches": [],
        "found": 1,
        "found_is_minimum": True,
        "summary": "1 paper or more are about “efficient language models”, since:2024.",
    },
    "suggestion": None,
    "found_by_words": [],
    "unknown_words": [],
    "note": None,
    "results": [ENTRY],
    "facets": None,
    "meta": META,
}
COMPLETE: dict[str, Any] = {
    "query": "mengwei x",
    "completions": [
        {"kind": "author", "text": "Mengwei Xu", "query": 'author:"Mengwei Xu"', "id": None}
    ],
}
