"""Pages of taxonomies (trees with counts) and of labels (their newest papers)."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.formats.citations import CITATION_FORMATS
from api.parameters.known_parameters import known_query
from api.parameters.liked_papers import LikedPapers
from api.parameters.list_options import Limit
from api.records.tagged_paper import tagged_papers
from api.records.taxonomies import tag_tree
from api.rendering.bar_chart import monthly_chart
from api.rendering.templating import templates
from api.service import Session
from classifier.taxonomies.taxonomy import Label, Taxonomy

router = APIRouter(include_in_schema=False)


@router.get("/tags")
def taxonomies_page(request: Request, session: Session) -> Response:
    """Show each taxonomy as a tree with the number of papers per label."""
    trees = [tag_tree(session, taxonomy) for taxonomy in session.taxonomies]
    return templates.TemplateResponse(request, "tags.html", {"trees": trees, "meta": session.meta})


@router.get("/tags/{taxonomy}/{tag}")
def tag_page(
    request: Request, taxonomy: str, tag: str, session: Session, limit: Limit = 30
) -> Response:
    """Show a label: its definition, its papers per month, and its newest papers."""
    tree = session.taxonomies.get(taxonomy)
    label = tree.label(tag)
    labels = tree.with_descendants(label.id)
    store = session.catalogue.tags
    context = {
        "taxonomies": session.taxonomies,
        "taxonomy": tree,
        "label": label,
        "ancestors": _ancestors(tree, label),
        "children": tree.children(label.id),
        "papers": tagged_papers(session, store.numbers_with_labels(tree.name, labels, limit)),
        "forms": CITATION_FORMATS,
        "feedback": LikedPapers(),
        "query": known_query(request),
        "count": store.count_papers(tree.name, labels),
        "chart": monthly_chart(store.count_by_month(tree.name, labels)),
        "meta": session.meta,
    }
    return templates.TemplateResponse(request, "tag.html", context)


def _ancestors(taxonomy: Taxonomy, label: Label) -> list[Label]:
    """Return the ancestors of a label, the topmost first."""
    ancestors: list[Label] = []
    while label.parent is not None:
        label = taxonomy.label(label.parent)
        ancestors.insert(0, label)
    return ancestors
