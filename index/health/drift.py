"""Whether a night's tags differ sharply from those of the nights before it."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from index.catalogue.tagging_log import TaggingLog, TaggingRecord

_RUNS_COMPARED = 30  # that a night is compared with
_MIN_RUNS, _MIN_PAPERS = 5, 500
_MIN_Z = 4.0  # standard errors; by chance in less than one of ten thousand figures
_CONFIDENCE_CHANGE = 0.1
_MIN_TAGGED = 20


@dataclass(frozen=True, slots=True)
class TaggingState:
    """The last night's tags in one taxonomy; `drift` says in words what changed sharply."""

    last: TaggingRecord
    drift: list[str]


def read_tagging_states(log: TaggingLog) -> list[TaggingState]:
    """The state of every taxonomy in which papers were tagged."""
    records = (log.latest(taxonomy, 4 * _RUNS_COMPARED) for taxonomy in log.taxonomies())
    return [TaggingState(latest[0], find_drift(latest)) for latest in records]


def find_drift(records: Sequence[TaggingRecord]) -> list[str]:
    """What changed sharply with the first of these records, which are the newest first.

    Only runs over papers most of which were new count as nights; a tagger that judges the whole
    catalogue again is none. Shares are compared by the two-proportion z-test, in all papers tagged
    and for each label.
    """
    nights = [one for one in records if 2 * one.new > one.judged][: _RUNS_COMPARED + 1]
    if not nights or nights[0] is not records[0]:
        return []
    last, before = nights[0], nights[1:]
    judged = sum(night.judged for night in before)
    if len(before) < _MIN_RUNS or judged < _MIN_PAPERS:
        return []
    counts = Counter[str]()
    for night in before:
        counts.update(night.labels)
    told = []
    shares = [("tagged", last.tagged, sum(night.tagged for night in before))]
    shares += [
        (f"on {label}", last.labels.get(label, 0), counts[label])
        for label in sorted(counts.keys() | last.labels.keys())
    ]
    for what, found, usual in shares:
        if _standard_errors(found, last.judged, usual, judged) > _MIN_Z:
            usually = f"{usual * last.judged / judged:.0f} by the nights before"
            told.append(f"{found} of {last.judged} papers {what}, {usually}")
    return told + _confidence_change(last, before)


def _standard_errors(found: int, of: int, usual: int, usual_of: int) -> float:
    """Two-proportion z, pooled, with a pseudo-count of one so that a first paper is no alarm."""
    pooled = (found + usual + 1) / (of + usual_of + 2)
    error = math.sqrt(pooled * (1 - pooled) * (1 / of + 1 / usual_of))
    gap = max(abs(found / of - usual / usual_of) - 0.5 / of, 0.0)
    return gap / error


def _confidence_change(last: TaggingRecord, before: Sequence[TaggingRecord]) -> list[str]:
    tagged = sum(night.tagged for night in before)
    if last.confidence is None or min(last.tagged, tagged) < _MIN_TAGGED:
        return []
    usual = sum(night.tagged * (night.confidence or 0.0) for night in before) / tagged
    if abs(last.confidence - usual) <= _CONFIDENCE_CHANGE:
        return []
    return [f"tags are {last.confidence:.2f} sure on average, {usual:.2f} in the nights before"]
