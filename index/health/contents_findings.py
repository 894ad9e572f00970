"""Checks of the catalogue's contents: pending work, contact, clock, runs, freshness, gaps."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from index.arxiv.oai_sets import selection_name
from index.catalogue.catalogue import Catalogue
from index.catalogue.runs import Run
from index.embedding.identity import ModelIdentity
from index.errors import ADD_PAPERS
from index.health.findings import Finding, count_finding, report_damage
from index.health.freshness import is_late, list_gaps
from index.health.run_state import RunProgress, is_run_active, latest_run
from index.settings import Settings

_CLOCK_SKEW = timedelta(minutes=5)  # allowed difference between two correct clocks
_LONG_PAUSE = timedelta(days=400)
_SHOWN = 5


def check_contents(
    catalogue: Catalogue, settings: Settings, at: datetime, *, exclusive: bool, remote_source: bool
) -> Iterator[Finding]:
    """Check contact, clock, runs, rejected records, freshness and gaps.

    `exclusive` and `remote_source` are those of `DoctorContext`.
    """
    do = "if this happens again, `seealso restore FILE` with a backup"
    yield from report_damage(
        "contact", do, _check_contact(catalogue, settings, remote_source=remote_source)
    )
    yield from report_damage("clock", do, _check_clock(catalogue, at))
    is_active = not exclusive and is_run_active(settings.data)
    runs = _check_runs(catalogue, settings.data, is_active=is_active)
    yield from report_damage("runs", do, runs)
    yield from report_damage("rejected", do, _check_rejected(catalogue))
    yield from report_damage("freshness", do, _check_freshness(catalogue, at))


def check_pending(
    catalogue: Catalogue, tagger: tuple[str, str] | None, identity: ModelIdentity | None
) -> Iterator[Finding]:
    """Count the papers without a vector of this model or not judged by this tagger, if known."""
    papers = catalogue.count()
    if not papers:
        do = f"{ADD_PAPERS}, then run `seealso update`"
        yield Finding("papers", "warning", "the catalogue has no papers yet", do)
        return
    if identity is not None:
        without = papers - catalogue.vectors.of(identity).count()
        what = f"of {papers} papers have no vector"
        do = "`seealso update`"
        if catalogue.vectors.is_new_model(identity):
            what += f" of {identity}"
            do = "`seealso update --embed-again`, or restore the previous value of SEEALSO_MODEL"
        yield count_finding("vectors", without, what, do)
    if tagger is not None:
        untagged = len(catalogue.tags.pending(*tagger))
        what = f"of {papers} papers are not tagged yet"
        yield count_finding("tags", untagged, what, "`seealso update`")


def _check_contact(
    catalogue: Catalogue, settings: Settings, *, remote_source: bool
) -> Iterator[Finding]:
    if settings.contact or not remote_source or not catalogue.harvests.followed():
        yield Finding("contact", "well", settings.contact or "not set, and not needed")
        return
    what = f"nightly requests to {settings.oai} have no address where arXiv can reach you"
    yield Finding("contact", "warning", what, "set SEEALSO_CONTACT to your email address")


def _check_clock(catalogue: Catalogue, at: datetime) -> Iterator[Finding]:
    now = f"it is {at:%Y-%m-%d %H:%M %Z}"
    harvested = max((f.complete for f in catalogue.harvests.followed() if f.complete), default=at)
    run = next(iter(catalogue.runs.recent(1)), None)
    ended = datetime.fromisoformat(run.finished or run.started) if run else at
    do = "set the clock; `timedatectl set-ntp true` keeps it right"
    if at < harvested - _CLOCK_SKEW:
        what = f"{now}, earlier than arXiv's time {harvested:%Y-%m-%d %H:%M}: the clock is behind"
        yield Finding("clock", "broken", what, do)
    elif at < ended - _CLOCK_SKEW:
        what = f"{now}, but a run ended {ended:%Y-%m-%d %H:%M}: the clock is behind, or was ahead"
        yield Finding("clock", "warning", what, do)
    elif at > ended + _LONG_PAUSE:
        what = f"{now}, {(at - ended).days} days after the last run: the clock may be ahead"
        do += "; if it is right, `seealso nightly --catch-up`"
        yield Finding("clock", "warning", what, do)
    else:
        yield Finding("clock", "well", now)


def _check_runs(catalogue: Catalogue, data: Path, *, is_active: bool) -> Iterator[Finding]:
    newest, progress = latest_run(catalogue, data, is_active=is_active)
    intake = catalogue.runs.last_ingest()
    if newest is None:
        yield Finding("runs", "well", "no run yet")
        return
    yield _check_run(newest, progress)
    if intake is not None and intake != newest:
        yield _check_run(intake, None)


def _check_run(run: Run, progress: RunProgress | None) -> Finding:
    again = f"`seealso {run.kind}` again; it resumes"
    how_far = f" ({progress})" if progress else ""
    if run.outcome == "running":
        what = f"{run.kind} has been running since {run.started}{how_far}"
        return Finding("runs", "well", what)
    if run.outcome == "interrupted":
        what = f"{run.kind} of {run.started} was interrupted{how_far}"
        return Finding("runs", "warning", what, again)
    if run.outcome != "done":
        what = f"{run.kind} of {run.started} failed: {run.outcome}"
        return Finding("runs", "warning", what, again)
    return Finding("runs", "well", f"{run.kind} of {run.started} succeeded")


def _check_rejected(catalogue: Catalogue) -> Iterator[Finding]:
    count = sum(catalogue.rejections.reasons().values())
    do = "list them with `seealso ingest rejected`; a later version may be able to read them"
    yield count_finding("rejected", count, "records could not be read", do)


def _check_freshness(catalogue: Catalogue, at: datetime) -> Iterator[Finding]:
    followed = catalogue.harvests.followed()
    if not followed:
        yield Finding("freshness", "well", "no nightly harvest is set up")
        return
    unverified = [selection_name(one.selection) for one in followed if one.is_unverified]
    if unverified:
        what = f"arXiv has listed no record so far, which may be an outage: {', '.join(unverified)}"
        do = "`seealso nightly` requests them again from the beginning"
        yield Finding("first load", "warning", what, do)
    late = [
        selection_name(one.selection)
        for one in followed
        if is_late(one, at) and not one.is_unverified
    ]
    if late:
        what = f"an announcement is overdue: {', '.join(late)}"
        yield Finding("freshness", "warning", what, "`seealso nightly`")
    elif len(unverified) < len(followed):
        yield Finding("freshness", "well", "every announcement that was due has been harvested")
    gaps = [gap for one in followed for gap in list_gaps(catalogue, one)]
    shown = ": " + ", ".join(gap.what for gap in gaps[:_SHOWN]) if gaps else ""
    what = f"days or ranges of identifiers have gaps{shown}"
    yield count_finding("gaps", len(gaps), what, "`seealso nightly --catch-up`")
