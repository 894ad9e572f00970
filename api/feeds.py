"""Atom feeds: of a tag, of the papers related to one, of a saved query; the newest first."""

from dataclasses import replace
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from api.atom import MEDIA_TYPE, Feed, atom
from api.list_query import Limit, Options
from api.plain_text import freshness_text
from api.service import Answers, RequestAnswers
from api.tags import TaxonomyName
from api.works import Work, works_named, works_of
from classifier.taxonomy import DEFAULT_TAXONOMY
from index.identifier import canonical_id
from index.list_options import ListOptions
from index.related import LONGEST_TEXT

router = APIRouter(prefix="/feeds", include_in_schema=False)
_LENGTH = 100  # of the nearest; in a short list a new paper seldom finds a place


def _newest_of_many(request: Request, options: Options) -> ListOptions:
    limit = options.limit if "limit" in request.query_params else _LENGTH
    return replace(options, limit=limit, sort="date")


FeedOptions = Annotated[ListOptions, Depends(_newest_of_many)]


@router.get("/tags/{tag}.atom")
def tag_feed(
    request: Request,
    tag: str,
    answers: Answers,
    taxonomy: TaxonomyName = DEFAULT_TAXONOMY,
    limit: Limit = _LENGTH,
) -> Response:
    """The newest papers that carry a tag or one below it."""
    of = answers.taxonomies.named(taxonomy)
    label = of.label(tag)
    numbers = answers.catalogue.tags.papers_with(of.name, of.with_descendants(label.id), limit)
    works = [work for work in works_of(answers, numbers) if not work.paper.withdrawn]
    return _feed(request, answers, f"tags:{of.name}:{label.id}", f"{label.title}: papers", works)


@router.get("/related/{paper_id:path}.atom")
def related_feed(
    request: Request, paper_id: str, answers: Answers, options: FeedOptions
) -> Response:
    """The papers nearest to one: what is new among them comes first."""
    listing = answers.finder.related(canonical_id(paper_id), options, answers.embedder_for(options))
    works = works_named(answers, [one.id for one in listing.related])
    title = f"Papers related to {listing.title}"
    return _feed(request, answers, f"related:{listing.id}", title, works)


@router.get("/search.atom")
def search_feed(
    request: Request,
    answers: Answers,
    q: Annotated[str, Query(max_length=LONGEST_TEXT)],
    options: FeedOptions,
) -> Response:
    """The papers that answer a query best: what is new among them comes first."""
    found = answers.finder.search(answers.embedder, q, options)
    works = works_named(answers, [one.id for one in found.results])
    return _feed(request, answers, "search", f"Papers for {q}", works)


def _feed(
    request: Request, answers: RequestAnswers, name: str, title: str, works: list[Work]
) -> Response:
    """A feed whose id is made of what was asked, wherever this server stands."""
    # Starlette's own address of a request holds the path as it reads once decoded.
    path = quote(request.scope["path"])
    query = quote(request.scope["query_string"], safe="%/:=&+,;@")
    feed = Feed(
        id=":".join(filter(None, ("urn:seealso:feed", quote(name, safe="/:"), query))),
        title=title,
        subtitle=freshness_text(answers.meta),
        address=f"{request.url.scheme}://{request.url.netloc}{path}" + (query and f"?{query}"),
        home=str(request.base_url),
        made=answers.release.manifest.created,
    )
    headers = {"X-Content-Type-Options": "nosniff"}
    return Response(atom(feed, works), headers=headers, media_type=MEDIA_TYPE)
