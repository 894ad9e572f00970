"""Build the Atom feeds: of a tag, of related papers, of a search, of recommendations.

A feed lists the newest papers first. A new paper appears only if it is among the best `limit`, so
a feed is longer than other lists unless the request sets `limit`.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import Response

from api.formats.atom import MEDIA_TYPE, Feed, atom
from api.formats.link_headers import address_of
from api.formats.plain_text import freshness_text
from api.parameters.list_options import Options
from api.records.works import Work, works_of, works_of_hits
from api.rendering.prose import MAX_TITLE_LENGTH, to_plain_text
from api.service import ReadSession
from classifier.taxonomies.taxonomy import Label, Taxonomy
from index.lists.entries import RankedHits
from index.lists.options import ListOptions
from index.lists.recommend import ranked_recommendations

FEED_LENGTH = 100
"""Papers in a feed if the request sets no limit; few new papers would reach a shorter list."""


def feed_options(request: Request, options: Options) -> ListOptions:
    """Return the options of a feed: newest first; `FEED_LENGTH` papers unless limited.

    Weak matches are left out unless the request includes them.
    """
    limit = options.limit if "limit" in request.query_params else FEED_LENGTH
    weak = options.weak if "weak" in request.query_params else "exclude"
    return replace(options, limit=limit, sort="date", weak=weak)


def tag_feed(
    request: Request, session: ReadSession, taxonomy: Taxonomy, label: Label, limit: int
) -> Response:
    """Return a feed of the newest papers that carry a label or one below it."""
    labels = taxonomy.with_descendants(label.id)
    numbers = session.catalogue.tags.numbers_with_labels(taxonomy.name, labels, limit)
    works = [work for work in works_of(session, numbers) if not work.paper.withdrawn]
    return _feed(
        request, session, f"tags:{taxonomy.name}:{label.id}", f"Papers tagged {label.title}", works
    )


def related_feed(
    request: Request, session: ReadSession, paper_id: str, options: ListOptions
) -> Response:
    """Return a feed of the papers related to one, by canonical id; raises UnknownPaper."""
    paper = session.catalogue.entry(paper_id).paper
    ranked = session.finder.ranked_related(paper.id, options)
    title = f"Papers related to {to_plain_text(paper.title, MAX_TITLE_LENGTH)}"
    return _ranked_feed(request, session, f"related:{paper.id}", title, ranked)


def search_feed(
    request: Request, session: ReadSession, query: str, options: ListOptions
) -> Response:
    """Return a feed of the papers that match a query best."""
    ranked = session.search.ranked(session.embedder, query, options)
    return _ranked_feed(request, session, "search", f"Papers for {query}", ranked)


def recommended_feed(
    request: Request,
    session: ReadSession,
    liked: Sequence[str],
    disliked: Sequence[str],
    options: ListOptions,
) -> Response:
    """Return a feed of the papers recommended for these liked and disliked ones."""
    ranked = ranked_recommendations(session.finder, liked, disliked, options=options)
    count = len(liked)
    title = f"Recommended from {count} {'paper' if count == 1 else 'papers'} you like"
    return _ranked_feed(request, session, "recommended", title, ranked)


def _ranked_feed(
    request: Request, session: ReadSession, name: str, title: str, ranked: RankedHits[Any]
) -> Response:
    """Return a feed of a ranked list; its subtitle begins with the note of the list."""
    works = works_of_hits(session, ranked.hits)
    return _feed(request, session, name, title, works, ranked.note)


def _feed(
    request: Request,
    session: ReadSession,
    name: str,
    title: str,
    works: list[Work],
    note: str | None = None,
) -> Response:
    """Return a feed; its id depends on the request alone and is the same on every server."""
    query = quote(request.scope["query_string"], safe="%/:=&+,;@")
    feed = Feed(
        id=":".join(filter(None, ("urn:seealso:feed", quote(name, safe="/:"), query))),
        title=title,
        subtitle=" ".join(filter(None, (note, freshness_text(session.meta)))),
        address=address_of(request) + (query and f"?{query}"),
        home=str(request.base_url),
        made=session.release.manifest.created,
    )
    headers = {"X-Content-Type-Options": "nosniff"}
    return Response(atom(feed, works), headers=headers, media_type=MEDIA_TYPE)
