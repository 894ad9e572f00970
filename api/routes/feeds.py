"""Atom feeds of a tag, of related papers, of a search and of recommendations."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from api.formats import feeds
from api.formats.feeds import FEED_LENGTH, feed_options
from api.parameters.liked_papers import FEED, LikedParameter
from api.parameters.list_options import Limit, TaxonomyName
from api.service import Session
from classifier.taxonomies.taxonomy import DEFAULT_TAXONOMY
from index.arxiv.identifier import canonical_id
from index.lists.finder import MAX_TEXT_LENGTH
from index.lists.options import ListOptions

router = APIRouter(prefix="/feeds", include_in_schema=False)
FeedOptions = Annotated[ListOptions, Depends(feed_options)]


@router.get("/tags/{tag}.atom")
def tag_feed(
    request: Request,
    tag: str,
    session: Session,
    taxonomy: TaxonomyName = DEFAULT_TAXONOMY,
    limit: Limit = FEED_LENGTH,
) -> Response:
    """Follow a tag: the newest papers that carry it or a label below it."""
    chosen = session.taxonomies.get(taxonomy)
    return feeds.tag_feed(request, session, chosen, chosen.label(tag), limit)


@router.get("/related/{paper_id:path}.atom")
def related_feed(
    request: Request, paper_id: str, session: Session, options: FeedOptions
) -> Response:
    """Follow the papers related to one, the newest first."""
    return feeds.related_feed(request, session, canonical_id(paper_id), options)


@router.get("/search.atom")
def search_feed(
    request: Request,
    session: Session,
    q: Annotated[str, Query(max_length=MAX_TEXT_LENGTH)],
    options: FeedOptions,
) -> Response:
    """Follow a search: the papers that match it best, the newest first."""
    return feeds.search_feed(request, session, q, options)


@router.get(FEED.removeprefix(router.prefix))
def recommended_feed(
    request: Request, session: Session, options: FeedOptions, papers: LikedParameter
) -> Response:
    """Follow recommendations for liked and disliked papers, the newest first."""
    return feeds.recommended_feed(request, session, papers.liked, papers.disliked, options)
