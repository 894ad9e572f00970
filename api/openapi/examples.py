"""Examples of answers for the OpenAPI description, from the bundled sample."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from index.health.embedding import EmbeddingState

META = {
    "release": "20260102T030405Z-1a2b3c4d",
    "papers": 5000,
    "not_in_release": 0,
    "model": "all-MiniLM-L6-v2@53aa51172d14 unit(title. abstract + 0.5 title) 512 f32",
    "harvested_at": "2026-01-02T03:04:05Z",
    "newest_announcement": "2026-01-01",
    "next_announcement": None,
    "gaps": None,
    "stale": None,
}
_TAG = {
    "taxonomy": "efficient-foundation-models",
    "label": "model-compression",
    "probability": 0.93,
}
ENTRY = {
    "id": "2312.03863",
    "title": "Efficient Large Language Models: A Survey",
    "url": "https://arxiv.org/abs/2312.03863",
    "score": 52.4,
    "percentile": 99.99,
    "weak": False,
    "summary": "Large Language Models have shown remarkable abilities. ...",
    "summary_is_abstract": False,
    "submitted": "2023-12-06",
    "submitted_precision": "day",
    "authors": ["Zhongwei Wan"],
    "categories": ["cs.CL", "cs.AI"],
    "tags": [_TAG],
    "reasons": {
        "terms": ["efficient", "llms"],
        "sentences": {
            "asked": "This survey delves into the critical importance of such research ...",
            "found": "In this survey, we provide a systematic and comprehensive review ...",
        },
        "tags": ["model-compression"],
        "categories": ["cs.AI"],
        "liked": [],
    },
}

LISTING: dict[str, Any] = {
    "id": "2401.08092",
    "title": "A Survey of Resource-efficient LLM and Multimodal Foundation Models",
    "score": 44.1,
    "note": None,
    "related": [ENTRY],
    "meta": META,
}
PAPER_TAGS: dict[str, Any] = {
    "id": "2306.00978",
    "title": "AWQ: Activation-aware Weight Quantization for LLM Compression and Acceleration",
    "tags": [
        {
            **_TAG,
            "title": "Model Compression",
            "terms": ["quantization", "weights", "bit"],
            "nearest": [
                {
                    "id": "2210.17323",
                    "title": "GPTQ: Accurate Post-Training Quantization",
                    "cosine": 0.824,
                }
            ],
        }
    ],
    "judgements": [
        {
            "taxonomy": "efficient-foundation-models",
            "tagger": "corrected",
            "at": "2026-01-02T03:04:05Z",
            "about_whole": False,
            "abstained": None,
        }
    ],
    "corrections": [
        {
            "taxonomy": "efficient-foundation-models",
            "labels": ["model-compression"],
            "by": "Ada",
            "at": "2026-01-02T03:04:05Z",
        }
    ],
    "meta": META,
}
RECOMMEND_REQUEST: dict[str, Any] = {
    "liked": ["2401.08092", "arXiv:2312.03863v3"],
    "disliked": ["2308.10620"],
    "text": "quantization of language models for phones",
}
RECOMMENDATIONS: dict[str, Any] = {
    "liked": ["2401.08092", "2312.03863"],
    "disliked": ["2308.10620"],
    "unmatched": [{"asked": "2401.99999", "reason": "arXiv:2401.99999 has not been harvested"}],
    "remarks": [],
    "note": None,
    "related": [ENTRY],
    "meta": META,
}
PAPER: dict[str, Any] = {
    "id": "2401.08092",
    "url": "https://arxiv.org/abs/2401.08092",
    "version": 2,
    "title": "A Survey of Resource-efficient LLM and Multimodal Foundation Models",
    "abstract": "Large foundation models, including large language models (LLMs), ...",
    "summary": "Large foundation models ...",
    "summary_is_abstract": False,
    "authors": ["Mengwei Xu", "Wangsong Yin"],
    "author_parts": [
        {"family": "Xu", "given": "Mengwei", "suffix": "", "is_guess": False},
        {"family": "Yin", "given": "Wangsong", "suffix": "", "is_guess": False},
    ],
    "categories": ["cs.LG", "cs.AI", "cs.DC"],
    "primary_category": "cs.LG",
    "submitted": "2024-01-16",
    "submitted_precision": "day",
    "updated": "2024-09-23",
    "updated_precision": "day",
    "versions": [
        {"number": 1, "created": "2024-01-16", "precision": "day", "size": None, "flags": None},
        {"number": 2, "created": "2024-09-23", "precision": "day", "size": None, "flags": None},
    ],
    "earlier_texts": [{"version": 1, "title": "A Survey of ...", "abstract": "Large ..."}],
    "license": "http://creativecommons.org/licenses/by/4.0/",
    "doi": None,
    "journal_ref": None,
    "comment": None,
    "withdrawn": False,
    "withdrawal": None,
    "tags": [_TAG],
    "meta": META,
}
_NODE = {
    "id": "model-compression",
    "title": "Model Compression",
    "definition": "Smaller models out of large ones: ...",
    "papers": 210,
    "children": [],
}
BATCH: dict[str, Any] = {"papers": [PAPER, None]}
TAGS: dict[str, Any] = {
    "taxonomy": "efficient-foundation-models",
    "title": "Resource-efficient LLMs and multimodal foundation models",
    "source": "https://arxiv.org/abs/2401.08092",
    "version": "0123456789ab",
    "tags": [_NODE],
    "meta": META,
}
TAXONOMIES: dict[str, Any] = {
    "taxonomies": [
        {**{key: TAGS[key] for key in ("title", "source", "version")}, "name": TAGS["taxonomy"]}
        | {"labels": 19}
    ],
    "meta": META,
}
_TAGGED = (
    "id",
    "title",
    "summary",
    "summary_is_abstract",
    "submitted",
    "submitted_precision",
    "authors",
    "tags",
)
_IN_GRAPH = ("id", "title", "submitted", "submitted_precision", "url", "tags")
_GRAPH_NODE = {
    **{key: ENTRY[key] for key in (*_IN_GRAPH, "score")},
    "first_author": "Zhongwei Wan",
    "first_author_family": "Wan",
    "year": 2023,
    "step": 1,
}
GRAPH: dict[str, Any] = {
    "id": PAPER["id"],
    "nodes": [
        {
            **{key: PAPER[key] for key in _IN_GRAPH},
            "first_author": "Mengwei Xu",
            "first_author_family": "Xu",
            "year": 2024,
            "step": 0,
            "score": 100.0,
        },
        _GRAPH_NODE,
    ],
    "edges": [{"source": PAPER["id"], "target": ENTRY["id"], "score": ENTRY["score"]}],
    "meta": META,
}
TAG_PAPERS: dict[str, Any] = {
    **{key: _NODE[key] for key in ("id", "title", "definition")},
    "papers": [{key: ENTRY[key] for key in _TAGGED}],
    "meta": META,
}
_RUN = {
    "kind": "ingest snapshot",
    "started": "2026-01-02T03:04:00Z",
    "finished": "2026-01-02T03:04:05Z",
    "outcome": "done",
    "counts": {"new": 5000},
}
_FOLLOWING = {
    "selection": "cs:cs:CL",
    "since": "2025-12-30",
    "complete": "2026-01-02T05:04:03Z",
    "unverified": False,
    "next_announcement": "2026-01-03T03:30:00Z",
    "late": False,
    "days": [{"day": "2026-01-02", "listed": 212, "here": 212}],
    "gaps": [{"what": "2601.00101 to 2601.00335", "missing": 235, "asked": 1}],
}
STATUS: dict[str, Any] = {
    "papers": 5000,
    "vectors": 5000,
    "embedding": asdict(EmbeddingState(5000, 5000)),
    "release": META["release"],
    "released": 5000,
    "search": "exact",
    "model": META["model"],
    "releases": [META["release"]],
    "problem": None,
    "newest_announcement": "2026-01-01",
    "next_announcement": "2026-01-03T03:30:00Z",
    "stale": False,
    "tagging": [
        {
            "last": {
                "taxonomy": "efficient-foundation-models",
                "tagger": "0123456789ab",
                "at": "2026-01-02T03:04:05Z",
                "judged": 1500,
                "new": 1500,
                "abstained": 1420,
                "confidence": 0.81,
                "labels": {"model-compression": 80},
            },
            "drift": [
                "80 of 1500 papers with tag model-compression, 12 expected from earlier runs"
            ],
        }
    ],
    "last_run": _RUN,
    "progress": None,
    "last_ingest": _RUN,
    "taken_from": ["snapshot: arxiv-sample.jsonl.gz"],
    "following": [_FOLLOWING],
    "rejected": {"the title is empty": 1},
}


def example(
    answer: dict[str, Any], media_types: Sequence[str] = ()
) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of an operation: an example and the other media types.

    The description adds the problems that the operation can answer with (api/openapi/problems.py).
    """
    others = {media_type: {"schema": _schema_of(media_type)} for media_type in media_types}
    return {200: {"content": {"application/json": {"example": answer}, **others}}}


def _schema_of(media_type: str) -> dict[str, Any]:
    """Return the schema of an answer in another format than JSON: it is a text, or other JSON."""
    if media_type == "application/ld+json":
        return {"type": "object"}
    if media_type.endswith("+json"):
        return {"type": "array", "items": {"type": "object"}}
    return {"type": "string"}
