"""Digests made up for the tests of their forms."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from index.arxiv.date_precision import DatePrecision
from index.digests.digest import Digest
from index.digests.groups import DigestGroup
from index.health.freshness import Meta
from index.lists.entries import FoundPaper
from index.lists.reasons import Reasons

META = Meta("r1", 5000, 0, "model", "2026-03-03T05:10:00Z", date(2026, 3, 3), None, None, None)
PAPER = FoundPaper(
    id="2603.00001",
    title=r"Pruning \emph{large} networks in $O(n \log n)$",
    url="https://arxiv.org/abs/2603.00001",
    score=71.24,
    percentile=99.9,
    weak=False,
    summary="We prune networks. É costs 5%.",
    summary_is_abstract=False,
    submitted=date(2026, 2, 27),
    submitted_precision=DatePrecision.DAY,
    authors=["Ä. Author", 'B. "Bee" Writer'],
    categories=["cs.LG", "cs.CL"],
    tags=[],
    reasons=Reasons(["pruning", "sparsity"], None, [], [], ["2401.00001", "2401.00002"]),
)
WITHOUT_SCORE = replace(
    PAPER,
    id="hep-th/9901001",
    url="https://arxiv.org/abs/hep-th/9901001",
    title="Strings",
    score=None,
    submitted=None,
    submitted_precision=None,
    authors=[],
    categories=[],
    summary="",
    reasons=Reasons([], None, [], [], []),
)


def made_digest(*groups: Sequence[FoundPaper], **changes: object) -> Digest:
    """Return a digest with a group for each sequence of papers."""
    made = Digest(
        since=datetime(2026, 3, 2, tzinfo=UTC),
        made=datetime(2026, 3, 3, 7, tzinfo=UTC),
        new=7,
        waiting=0,
        others=0,
        groups=[
            DigestGroup(f"Near {n} papers of my.bib", None, len(papers), list(papers), n)
            for n, papers in enumerate(groups, 1)
        ],
        titles={"2401.00001": "Optimal Brain Damage"},
        meta=META,
    )
    return replace(made, **changes)  # type: ignore[arg-type]
