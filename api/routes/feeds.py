"""Atom feeds: of a tag, of the papers related to one or to several, of a saved query.

What is new comes first.
"""

from dataclasses import replace
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from api.formats.atom import MEDIA_TYPE, Feed, atom
from api.formats.link_headers import address_of
from api.formats.plain_text import freshness_text
from api.parameters.list_options import IdParameter, Limit, Options, TaxonomyName
from api.records.works import Work, works_found, works_of
from api.rendering.prose import MAX_TITLE_LENGTH, prose
from api.service import ReadSession, Session
from classifier.taxonomies.taxonomy import DEFAULT_TAXONOMY
from index.arxiv.identifier import canonical_id
from index.lists.finder import MAX_TEXT_LENGTH
from index.lists.options import ListOptions
from index.lists.recommend import ranked_recommendations

router = APIRouter(prefix="/feeds", include_in_schema=False)
LENGTH = 100  # of the nearest; in a short list a new paper seldom finds a place
MAX_LIKED = 400  # proxies read addresses of eight kilobytes


def newest_of_many(request: Request, options: Options) -> ListOptions:
    """How a feed's list is to be, whatever order was asked for."""
    limit = options.limit if "limit" in request.query_params else LENGTH
    return replace(options, limit=limit, sort="date")


FeedOptions = Annotated[ListOptions, Depends(newest_of_many)]


@router.get("/tags/{tag}.atom")
def tag_feed(
    request: Request,
    tag: str,
    session: Session,
    taxonomy: TaxonomyName = DEFAULT_TAXONOMY,
    limit: Limit = LENGTH,
) -> Response:
    """The newest papers that carry a tag or one below it."""
    of = session.taxonomies.named(taxonomy)
    label = of.label(tag)
    numbers = session.catalogue.tags.papers_with(of.name, of.with_descendants(label.id), limit)
    works = [work for work in works_of(session, numbers) if not work.paper.withdrawn]
    return _feed(request, session, f"tags:{of.name}:{label.id}", f"{label.title}: papers", works)


@router.get("/related/{paper_id:path}.atom")
def related_feed(
    request: Request, paper_id: str, session: Session, options: FeedOptions
) -> Response:
    """The papers nearest to one: what is new among them comes first."""
    paper = session.catalogue.entry(canonical_id(paper_id)).paper
    works = works_found(session, session.finder.ranked_related(paper.id, options).found)
    title = f"Papers related to {prose(paper.title, MAX_TITLE_LENGTH)}"
    return _feed(request, session, f"related:{paper.id}", title, works)


@router.get("/search.atom")
def search_feed(
    request: Request,
    session: Session,
    q: Annotated[str, Query(max_length=MAX_TEXT_LENGTH)],
    options: FeedOptions,
) -> Response:
    """The papers that answer a query best: what is new among them comes first."""
    found = session.finder.ranked_search(session.embedder, q, options).found
    works = works_found(session, found)
    return _feed(request, session, "search", f"Papers for {q}", works)


@router.get("/recommended.atom")
def recommended_feed(
    request: Request,
    session: Session,
    options: FeedOptions,
    liked: Annotated[list[IdParameter], Query(min_length=1, max_length=MAX_LIKED)],
    disliked: Annotated[tuple[IdParameter, ...], Query(max_length=MAX_LIKED)] = (),
) -> Response:
    """What to read next for who likes these papers: what is new among it comes first."""
    found = ranked_recommendations(session.finder, liked, disliked, options=options).found
    title = f"Papers for who likes {len(liked)} others"
    return _feed(request, session, "recommended", title, works_found(session, found))


def _feed(
    request: Request, session: ReadSession, name: str, title: str, works: list[Work]
) -> Response:
    """A feed whose id is made of what was asked, wherever this server stands."""
    query = quote(request.scope["query_string"], safe="%/:=&+,;@")
    feed = Feed(
        id=":".join(filter(None, ("urn:seealso:feed", quote(name, safe="/:"), query))),
        title=title,
        subtitle=freshness_text(session.meta),
        address=address_of(request) + (query and f"?{query}"),
        home=str(request.base_url),
        made=session.release.manifest.created,
    )
    headers = {"X-Content-Type-Options": "nosniff"}
    return Response(atom(feed, works), headers=headers, media_type=MEDIA_TYPE)
