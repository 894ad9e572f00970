"""The home page: what the service does, shown with the papers of this catalogue."""

from datetime import date

import numpy as np
from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.parameters.liked_papers import LikedPapers
from api.records.tagged_paper import TaggedPaper, tagged_papers
from api.rendering.templating import templates
from api.service import ReadSession, Session
from classifier.taxonomies.followed import Taxonomies
from classifier.taxonomies.taxonomy import Label
from index.catalogue.tagging_log import TaggingRecord

router = APIRouter(include_in_schema=False)
_NEWEST = 5
_DAYS = 7
_SEARCHED_DAYS = 60  # before the newest paper, for days with papers


@router.get("/")
def home(request: Request, session: Session) -> Response:
    """Show what the service does: an example, new papers by tag, and the latest days."""
    log = session.catalogue.taggings
    latest = [record for taxonomy in session.taxonomies for record in log.latest(taxonomy.name, 1)]
    newest = newest_tagged(session, _NEWEST)
    context = {
        "new": [(record, _label_counts(session.taxonomies, record)) for record in latest],
        "newest": newest,
        "example": newest[0] if newest else _newest_paper(session),
        "days": recent_days(session.release.attributes.days, _DAYS),
        "feedback": LikedPapers(),
        "taxonomies": session.taxonomies,
        "meta": session.meta,
    }
    return templates.TemplateResponse(request, "home.html", context)


def newest_tagged(session: ReadSession, limit: int) -> list[TaggedPaper]:
    """Return the newest papers with a tag of any taxonomy."""
    store = session.catalogue.tags
    papers: dict[str, TaggedPaper] = {}
    for taxonomy in session.taxonomies:
        labels = [label.id for label in taxonomy.labels]
        numbers = store.numbers_with_labels(taxonomy.name, labels, limit)
        papers |= {paper.id: paper for paper in tagged_papers(session, numbers)}
    by_day = sorted(papers.values(), key=lambda paper: paper.submitted or date.min, reverse=True)
    return by_day[:limit]


def _newest_paper(session: ReadSession) -> TaggedPaper | None:
    days = session.release.attributes.days
    if not len(days):
        return None
    return tagged_papers(session, [session.release.number(int(np.argmax(days)))])[0]


def recent_days(days: np.ndarray, count: int) -> list[tuple[date, int]]:
    """Return the last days with papers and the number of papers, newest first.

    `days` are the proleptic ordinals of the papers' submission, 0 if unknown.
    """
    newest = int(days.max(initial=0))
    if not newest:
        return []
    ago = newest - days[days > newest - _SEARCHED_DAYS]
    counts = np.bincount(ago).tolist()
    found = [(date.fromordinal(newest - n), papers) for n, papers in enumerate(counts) if papers]
    return found[:count]


def _label_counts(taxonomies: Taxonomies, record: TaggingRecord) -> list[tuple[Label, int]]:
    """Return the labels given in a run with counts, most frequent first, except removed labels."""
    known = {label.id: label for label in taxonomies.get(record.taxonomy).labels}
    counts = [(known[name], count) for name, count in record.labels.items() if name in known]
    return sorted(counts, key=lambda label_count: (-label_count[1], label_count[0].title))
