"""How much of a catalogue is embedded, how fast, and when the next release is due."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from index.progress import duration_text
from index.releases.instalments import Instalments, NextRelease
from index.releases.release import current_manifest


@dataclass(frozen=True, slots=True)
class EmbeddingState:
    """How many of all `papers` have a vector.

    While an update embeds papers, `rate` is in papers a second, `seconds_left` is the time until
    all are embedded at this rate, and `next_release` says when the next release is due. They are
    None otherwise, and as long as they are not known.
    """

    embedded: int
    papers: int
    rate: float | None = None
    seconds_left: int | None = None
    next_release: NextRelease | None = None

    def __str__(self) -> str:
        parts = [f"{self.embedded:,} of {self.papers:,} papers embedded"]
        if self.rate is not None:
            parts.append(f"{self.rate:,.1f} a second")
        if self.seconds_left:
            parts.append(f"{duration_text(self.seconds_left)} left")
        text = ", ".join(parts)
        if due := self.next_release:
            text += f"; next release at {due.papers:,} or {due.at:%H:%M} UTC"
        return text


def parse_embedding_state(fields: dict[str, Any] | None) -> EmbeddingState | None:
    """Return the state from its JSON object; raises ValueError, TypeError or KeyError."""
    if fields is None:
        return None
    due = fields["next_release"]
    if due is not None:
        due = NextRelease(due["papers"], datetime.fromisoformat(due["at"]))
    return EmbeddingState(**{**fields, "next_release": due})


def last_release(data: Path, began: datetime) -> tuple[int, datetime]:
    """Return the number of papers in the current release, and when the next hour began.

    That is when the update `began` or released last. Without a release the number is 0.
    """
    manifest = current_manifest(data)
    if manifest is None:
        return 0, began
    return manifest.papers, max(began, datetime.fromisoformat(manifest.created))


def next_release(
    data: Path, rule: Instalments, began: datetime, embedded: int, papers: int
) -> NextRelease | None:
    """Return when an update that `began` then releases next; None once all papers are embedded."""
    if embedded >= papers:
        return None
    released, since = last_release(data, began)
    return rule.next_release(released, papers, since)
