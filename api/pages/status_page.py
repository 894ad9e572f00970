"""The status page: freshness, gaps, runs and tagging."""

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
_MIN_HEIGHT = 2.0  # so that a run without new papers is visible
_INTAKES = ("ingest", "nightly", "follow")


@router.get("/status")
def status_page(request: Request, session: Session) -> Response:
    """Show the same as `/v1/status`; this also works without a release."""
    status = status_record(session)
    runs = session.catalogue.runs.recent(_RUNS)
    if status.last_run is not None:
        runs[:1] = [status.last_run]  # with its true outcome
    context = {
        "status": status,
        "taxonomies": session.taxonomies,
        "runs": runs,
        "chart": run_chart(runs),
        "meta": session.meta if status.release else None,
    }
    return templates.TemplateResponse(request, "status.html", context)


def run_chart(runs: Sequence[Run]) -> BarChart:
    """Draw the number of new papers of each run that adds papers, the latest on the right."""
    intakes = [run for run in reversed(runs) if run.kind.startswith(_INTAKES)]
    return bar_chart(
        [
            (f"{run.kind}, {run.started}: {run.outcome}", run.counts.get("new", 0), _failed(run))
            for run in intakes
        ],
        min_height=_MIN_HEIGHT,
    )


def _failed(run: Run) -> bool:
    return run.outcome not in ("done", "running")
