"""The pages of tags: every taxonomy as a tree with counts, and a shelf with its newest papers."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.formats.citations import CITATION_FORMATS
from api.parameters.known_parameters import known_query
from api.parameters.list_options import Limit
from api.records.tagged_paper import tagged_papers
from api.records.taxonomies import tag_tree
from api.rendering.bar_chart import month_chart
from api.rendering.templating import templates
from api.service import Session
from classifier.taxonomies.taxonomy import Label, Taxonomy

router = APIRouter(include_in_schema=False)


@router.get("/tags")
def taxonomies_page(request: Request, session: Session) -> Response:
    """Every taxonomy that papers are filed in, as a tree with the number of papers."""
    trees = [tag_tree(session, taxonomy) for taxonomy in session.taxonomies]
    return templates.TemplateResponse(request, "tags.html", {"trees": trees, "meta": session.meta})


@router.get("/tags/{taxonomy}/{tag}")
def tag_page(
    request: Request, taxonomy: str, tag: str, session: Session, limit: Limit = 30
) -> Response:
    """A shelf: what stands there, how many papers a month, and the newest of them."""
    of = session.taxonomies.named(taxonomy)
    label = of.label(tag)
    below = of.with_descendants(label.id)
    store = session.catalogue.tags
    context = {
        "taxonomies": session.taxonomies,
        "taxonomy": of,
        "label": label,
        "above": _above(of, label),
        "children": of.children(label.id),
        "papers": tagged_papers(session, store.numbers_with_labels(of.name, below, limit)),
        "forms": CITATION_FORMATS,
        "query": known_query(request),
        "count": store.count_papers(of.name, below),
        "picture": month_chart(store.count_by_month(of.name, below)),
        "meta": session.meta,
    }
    return templates.TemplateResponse(request, "tag.html", context)


def _above(taxonomy: Taxonomy, label: Label) -> list[Label]:
    """The labels above one, the topmost first."""
    found: list[Label] = []
    while label.parent is not None:
        label = taxonomy.label(label.parent)
        found.insert(0, label)
    return found
