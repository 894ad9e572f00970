"""The page of the status: how fresh all is, what is missing, what ran, what was tagged."""

from collections.abc import Sequence

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.records.status import status_record
from api.rendering.bar_chart import BarChart, bar_chart
from api.rendering.templating import templates
from api.service import Session
from index.catalogue.runs import Run

router = APIRouter(include_in_schema=False)
_RUNS = 36
_MIN_HEIGHT = 2.0  # a run that brought nothing is a run
_INTAKES = ("ingest", "nightly")


@router.get("/status")
def status_page(request: Request, session: Session) -> Response:
    """What `/v1/status` says, for people; there too where there is no release to answer from."""
    found = status_record(session)
    runs = session.catalogue.runs.recent(_RUNS)
    context = {
        "status": found,
        "taxonomies": session.taxonomies,
        "runs": runs,
        "picture": run_picture(runs),
        "meta": session.meta if found.release else None,
    }
    return templates.TemplateResponse(request, "status.html", context)


def run_picture(runs: Sequence[Run]) -> BarChart:
    """The new papers of each run that brings papers in, the latest on the right."""
    intakes = [run for run in reversed(runs) if run.kind.startswith(_INTAKES)]
    return bar_chart(
        [
            (f"{run.kind}, {run.started}: {run.outcome}", run.counts.get("new", 0), _bad(run))
            for run in intakes
        ],
        lowest=_MIN_HEIGHT,
    )


def _bad(run: Run) -> bool:
    return run.outcome not in ("done", "running")
