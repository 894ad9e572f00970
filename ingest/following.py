"""Follow sets: record the scope, load its past, and leave the rest to nightly runs."""

from collections.abc import Iterable
from datetime import date

from index.arxiv.calendar import Calendar
from index.arxiv.oai_sets import selection_name
from index.catalogue.catalogue import Catalogue
from index.errors import NotFound
from index.progress import Progress
from index.settings import Settings
from ingest.nightly import UNFOLLOW, NightlyReport, nightly
from ingest.scope import (
    Plan,
    first_listed_day,
    parse_selection,
    plan_following,
    refuse_future,
    scope_text,
)


def record_scope(catalogue: Catalogue, sets: Iterable[str], since: date | None) -> Plan:
    """Record that these sets are followed, all or none; return what that changed.

    Raises BadInput for an unknown set and for a day in the future. No request is sent.
    """
    if since is not None:
        refuse_future(since)
    selections = [parse_selection(one) for one in sets]
    with catalogue.atomic():
        plan = plan_following(selections, since, catalogue.harvests.followed())
        for selection in plan.replaced:
            catalogue.scope.unfollow(selection)
        for selection, day in plan.wanted.items():
            catalogue.scope.follow(selection, day, first_listed_day(day))
    return plan


def unfinished(catalogue: Catalogue, plan: Plan) -> list[str]:
    """Return the selections of a plan whose past has not been listed to its end."""
    return [
        one.selection
        for one in catalogue.harvests.followed()
        if one.selection in plan.selections and not one.has_past
    ]


def load_past(
    catalogue: Catalogue, settings: Settings, calendar: Calendar, progress: Progress, plan: Plan
) -> NightlyReport:
    """Harvest what is unfinished of a plan, then embed, tag and release what is pending.

    Like `nightly`, it may be interrupted at any point and repeated.
    """
    selections = unfinished(catalogue, plan)
    return nightly(catalogue, settings, calendar, progress, kind="follow", only=selections)


def unfollow(catalogue: Catalogue, sets: Iterable[str]) -> list[str]:
    """Stop following sets, all or none; return their names. Their papers stay.

    It is recorded as a run: a nightly run then does not start to follow all of arXiv.

    Raises BadInput for an unknown set, NotFound for one that is not followed.
    """
    followed = {one.selection: one for one in catalogue.harvests.followed()}
    selections = list(dict.fromkeys(parse_selection(one) for one in sets))
    for selection in selections:
        if selection not in followed:
            held = "; ".join(scope_text(one) for one in followed.values()) or "no set"
            raise NotFound(f"{selection_name(selection)} is not followed. Followed: {held}")
    with catalogue.atomic():
        for selection in selections:
            catalogue.scope.unfollow(selection)
        catalogue.runs.finish(catalogue.runs.start(UNFOLLOW), "done", {})
    return [selection_name(selection) for selection in selections]


def describe_plan(catalogue: Catalogue, plan: Plan) -> list[str]:
    """Return a sentence for each set that was requested."""
    followed = {one.selection: one for one in catalogue.harvests.followed()}
    lines = [
        f"{scope_text(followed[one])}: its past is loaded from datestamp {followed[one].since} on"
        for one in plan.wanted
    ]
    for selection in plan.known:
        one = followed[selection]
        if one.has_past:
            state = f"complete up to {one.complete:%Y-%m-%d %H:%M} UTC: nothing to fetch"
        else:
            state = "its past is not complete yet: loading it continues"
        lines.append(f"{scope_text(one)}: followed already, {state}")
    lines += [
        f"{selection} is contained in {scope_text(followed[wider])}"
        for selection, wider in plan.contained.items()
    ]
    return lines + [
        f"{selection} is not followed on its own any more: {selection_name(wider)} contains it"
        for selection, wider in plan.replaced.items()
    ]
