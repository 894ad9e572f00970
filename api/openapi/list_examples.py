"""Examples of reading lists for the OpenAPI description, from the bundled sample."""

from typing import Any

from api.openapi.examples import META

READING_LIST_FILE: dict[str, Any] = {
    "library": {"name": "my.bib", "content": "@misc{one, eprint = {2401.08092}}"},
    "title": "Reading group",
}
_ADDRESS = "http://127.0.0.1:8000"
READING_LIST: dict[str, Any] = {
    "title": "Reading group",
    "papers": [
        {
            "id": "2401.08092",
            "url": "https://arxiv.org/abs/2401.08092",
            "harvested": True,
            "withdrawn": False,
            "title": "A Survey of Resource-efficient LLM and Multimodal Foundation Models",
            "authors": ["Mengwei Xu", "Wangsong Yin"],
            "submitted": "2024-01-16",
            "submitted_precision": "day",
            "tags": [],
        }
    ],
    "not_harvested": 0,
    "address": f"{_ADDRESS}/list?papers=2401.08092&title=Reading%20group",
    "recommendations": f"{_ADDRESS}/recommended?liked=2401.08092",
    "feed": f"{_ADDRESS}/feeds/recommended.atom?liked=2401.08092",
    "left_out": [],
    "remarks": [],
    "meta": META,
}
