"""Taxonomies, and the tree of each with counts, as JSON under /v1."""

from fastapi import APIRouter

from api.openapi.examples import TAGS, TAXONOMIES, example
from api.parameters.list_options import TaxonomyName
from api.records.taxonomies import TagTree, TaxonomyList, tag_tree, taxonomy_list
from api.service import Session
from classifier.taxonomies.taxonomy import DEFAULT_TAXONOMY

router = APIRouter(tags=["tags"])


@router.get("/v1/taxonomies", responses=example(TAXONOMIES))
def taxonomies(session: Session) -> TaxonomyList:
    """List the taxonomies that papers are tagged with."""
    return taxonomy_list(session)


@router.get("/v1/tags", responses=example(TAGS))
def tags(session: Session, taxonomy: TaxonomyName = DEFAULT_TAXONOMY) -> TagTree:
    """Show a taxonomy as a tree, with the number of papers for each label."""
    return tag_tree(session, session.taxonomies.get(taxonomy))
