"""Detect drift: tags of the last nightly run that differ sharply from earlier runs."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from index.catalogue.tagging_log import TaggingLog, TaggingRecord

_RUNS_COMPARED = 30  # earlier runs that the last one is compared with
_MIN_RUNS, _MIN_PAPERS = 5, 500
_MIN_Z = 4.0  # standard errors; exceeded by chance less than once in ten thousand comparisons
_CONFIDENCE_CHANGE = 0.1
_MIN_TAGGED = 20


@dataclass(frozen=True, slots=True)
class TaggingState:
    """The last tagging run in one taxonomy; `drift` has a sentence for every sharp change."""

    last: TaggingRecord
    drift: list[str]


def read_tagging_states(log: TaggingLog) -> list[TaggingState]:
    """Return the state of every taxonomy in which papers were tagged."""
    records = (log.latest(taxonomy, 4 * _RUNS_COMPARED) for taxonomy in log.taxonomies())
    return [TaggingState(latest[0], find_drift(latest)) for latest in records]


def find_drift(records: Sequence[TaggingRecord]) -> list[str]:
    """Describe what changed sharply in the first of these records, given newest first.

    Only runs in which most papers were new are compared; a new tagger that judges the whole
    catalogue again is left out. The share of tagged papers and the share of each label are
    compared by the two-proportion z-test.
    """
    runs = [one for one in records if 2 * one.new > one.judged][: _RUNS_COMPARED + 1]
    if not runs or runs[0] is not records[0]:
        return []
    last, before = runs[0], runs[1:]
    judged = sum(run.judged for run in before)
    if len(before) < _MIN_RUNS or judged < _MIN_PAPERS:
        return []
    counts = Counter[str]()
    for run in before:
        counts.update(run.labels)
    changes = []
    shares = [("tagged", last.tagged, sum(run.tagged for run in before))]
    shares += [
        (f"with tag {label}", last.labels.get(label, 0), counts[label])
        for label in sorted(counts.keys() | last.labels.keys())
    ]
    for what, found, usual in shares:
        if _standard_errors(found, last.judged, usual, judged) > _MIN_Z:
            expected = f"{usual * last.judged / judged:.0f} expected from earlier runs"
            changes.append(f"{found} of {last.judged} papers {what}, {expected}")
    return changes + _confidence_change(last, before)


def _standard_errors(found: int, of: int, usual: int, usual_of: int) -> float:
    """Return the pooled two-proportion z; a pseudo-count of one avoids alarms for one paper."""
    pooled = (found + usual + 1) / (of + usual_of + 2)
    error = math.sqrt(pooled * (1 - pooled) * (1 / of + 1 / usual_of))
    gap = max(abs(found / of - usual / usual_of) - 0.5 / of, 0.0)
    return gap / error


def _confidence_change(last: TaggingRecord, before: Sequence[TaggingRecord]) -> list[str]:
    tagged = sum(run.tagged for run in before)
    if last.confidence is None or min(last.tagged, tagged) < _MIN_TAGGED:
        return []
    usual = sum(run.tagged * (run.confidence or 0.0) for run in before) / tagged
    if abs(last.confidence - usual) <= _CONFIDENCE_CHANGE:
        return []
    return [f"the mean confidence of tags is {last.confidence:.2f}, {usual:.2f} in earlier runs"]
