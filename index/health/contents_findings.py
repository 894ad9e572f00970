"""What the catalogue's contents say about how seealso has been run."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from index.catalogue.catalogue import Catalogue
from index.catalogue.runs import Run
from index.embedding.identity import ModelIdentity
from index.health.findings import Finding, count_finding, report_damage
from index.health.freshness import is_late, list_gaps
from index.settings import Settings

_CLOCK_SKEW = timedelta(minutes=5)  # by which two right clocks may differ
_LONG_PAUSE = timedelta(days=400)
_SHOWN = 5


def check_contents(
    catalogue: Catalogue, settings: Settings, at: datetime, *, alone: bool, asks_others: bool
) -> Iterator[Finding]:
    """Clock, runs, rejected records, freshness and gaps; arguments as of `Surroundings`."""
    do = "`seealso restore FILE` with a backup, if this comes again"
    yield from report_damage(
        "contact", do, _check_contact(catalogue, settings, asks_others=asks_others)
    )
    yield from report_damage("clock", do, _check_clock(catalogue, at))
    yield from report_damage("runs", do, _check_runs(catalogue, alone=alone))
    yield from report_damage("rejected", do, _check_rejected(catalogue))
    yield from report_damage("freshness", do, _check_freshness(catalogue, at))


def check_pending(
    catalogue: Catalogue, tagger: tuple[str, str] | None, identity: ModelIdentity | None
) -> Iterator[Finding]:
    """Papers that wait for a vector of this identity, or for this tagger, where they are known."""
    held = catalogue.count()
    if identity is not None:
        without = held - catalogue.vectors.of(identity).count()
        yield count_finding("vectors", without, f"of {held} papers have none", "`seealso update`")
    if tagger is not None:
        untagged = len(catalogue.tags.pending(*tagger))
        yield count_finding(
            "tags", untagged, f"of {held} papers wait for theirs", "`seealso update`"
        )


def _check_contact(
    catalogue: Catalogue, settings: Settings, *, asks_others: bool
) -> Iterator[Finding]:
    if settings.contact or not asks_others or not catalogue.harvests.followed():
        yield Finding("contact", "well", settings.contact or "none, and none is needed")
        return
    what = f"{settings.oai} is asked every night without an address to reach you"
    yield Finding("contact", "warning", what, "set SEEALSO_CONTACT to your mail address")


def _check_clock(catalogue: Catalogue, at: datetime) -> Iterator[Finding]:
    now = f"it is {at:%Y-%m-%d %H:%M %Z}"
    harvested = max((f.complete for f in catalogue.harvests.followed() if f.complete), default=at)
    run = next(iter(catalogue.runs.recent(1)), None)
    ended = datetime.fromisoformat(run.finished or run.started) if run else at
    do = "set the clock; `timedatectl set-ntp true` keeps it right"
    if at < harvested - _CLOCK_SKEW:
        what = f"{now}, earlier than arXiv's own {harvested:%Y-%m-%d %H:%M}: the clock is behind"
        yield Finding("clock", "broken", what, do)
    elif at < ended - _CLOCK_SKEW:
        what = f"{now}, and a run ended {ended:%Y-%m-%d %H:%M}: the clock is behind, or was ahead"
        yield Finding("clock", "warning", what, do)
    elif at > ended + _LONG_PAUSE:
        what = f"{now}, {(at - ended).days} days after the last run: the clock may be ahead"
        yield Finding("clock", "warning", what, f"{do}; if it is, `seealso nightly --catch-up`")
    else:
        yield Finding("clock", "well", now)


def _check_runs(catalogue: Catalogue, *, alone: bool) -> Iterator[Finding]:
    newest = catalogue.runs.recent(1)
    intake = catalogue.runs.last_ingest()
    for run in [*newest, *([intake] if intake and intake not in newest else [])]:
        yield _check_run(run, alone=alone)
    if not newest:
        yield Finding("runs", "well", "none yet")


def _check_run(run: Run, *, alone: bool) -> Finding:
    again = f"`seealso {run.kind}` again; it goes on where it was"
    if run.finished is None and not alone:
        return Finding("runs", "well", f"{run.kind} is at work since {run.started}")
    if run.finished is None or run.outcome == "interrupted":
        return Finding("runs", "warning", f"{run.kind} of {run.started} was interrupted", again)
    if run.outcome != "done":
        what = f"{run.kind} of {run.started} failed: {run.outcome}"
        return Finding("runs", "warning", what, again)
    return Finding("runs", "well", f"{run.kind} of {run.started} was done")


def _check_rejected(catalogue: Catalogue) -> Iterator[Finding]:
    kept = sum(catalogue.rejections.reasons().values())
    do = "`seealso ingest rejected` names them; a later seealso may understand them"
    yield count_finding("rejected", kept, "records could not be understood", do)


def _check_freshness(catalogue: Catalogue, at: datetime) -> Iterator[Finding]:
    followed = catalogue.harvests.followed()
    if not followed:
        yield Finding("freshness", "well", "nothing is followed night by night")
        return
    late = [one.selection or "all of arXiv" for one in followed if is_late(one, at)]
    if late:
        what = f"an announcement is overdue: {', '.join(late)}"
        yield Finding("freshness", "warning", what, "`seealso nightly`")
    else:
        yield Finding("freshness", "well", "all that was due is here")
    gaps = [gap for one in followed for gap in list_gaps(catalogue, one)]
    shown = ": " + ", ".join(gap.what for gap in gaps[:_SHOWN]) if gaps else ""
    what = f"days or stretches are not complete{shown}"
    yield count_finding("gaps", len(gaps), what, "`seealso nightly --catch-up`")
