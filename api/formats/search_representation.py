"""The results of a search in every format."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import Response

from api.formats.feeds import feed_options, search_feed
from api.formats.plain_text import results_text
from api.formats.ranked import RankedRepresentation
from api.parameters.json_schemas import TEXT
from api.parameters.list_options import Options
from api.parameters.paging import ExcerptParameter
from api.service import Session
from index.lists.entries import FoundPaper, RankedHits
from index.lists.finder import MAX_TEXT_LENGTH
from index.lists.options import ListOptions
from index.searching.results import SearchResults


@dataclass(frozen=True)
class SearchRepresentation(RankedRepresentation[SearchResults]):
    """The papers that match a query."""

    query: str
    listing = SearchResults
    entry = FoundPaper
    name = "search"

    def rank(self, options: ListOptions) -> RankedHits[SearchResults]:
        """Rank the papers that match the query."""
        return self.session.search.ranked(self.session.embedder, self.query, options)

    def text(self) -> str:
        """Return the results as plain text."""
        return results_text(self.answer)

    def feed(self) -> Response:
        """Return the results as a feed, the newest first."""
        options = feed_options(self.request, self.options)
        return search_feed(self.request, self.session, self.query, options)


async def search_representation(
    request: Request,
    session: Session,
    q: Annotated[
        str,
        Query(
            max_length=MAX_TEXT_LENGTH,
            description="Words, a question, a paragraph, a title or the name of an author. A "
            "phrase in double quotes must occur in title or abstract; an arXiv identifier finds "
            "its paper. Operators restrict the papers: author:, title:, abs:, cat:, tag:, since:, "
            "until:, year:, licence:, id:, and - excludes, as in "
            '`quantization author:"Mengwei Xu" -cat:cs.CV since:2024`',
            json_schema_extra=TEXT | {"examples": ["efficient language models"]},
        ),
    ],
    options: Options,
    excerpt: ExcerptParameter,
) -> SearchRepresentation:
    """Return the search that a request makes."""
    return SearchRepresentation(request, session, options, excerpt, q)
