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
from api.records.works import Work
from api.service import Session
from index.errors import Contradiction
from index.lists.entries import FoundPaper, RankedHits
from index.lists.finder import MAX_TEXT_LENGTH
from index.lists.options import MAX_LIMIT, ListOptions
from index.searching.results import SearchResults


@dataclass(frozen=True)
class SearchRepresentation(RankedRepresentation[SearchResults]):
    """The papers that match a query."""

    query: str
    facets: bool = False
    listing = SearchResults
    entry = FoundPaper
    name = "search"

    def rank(self, options: ListOptions) -> RankedHits[SearchResults]:
        """Rank the papers that match the query."""
        session = self.session
        return session.search.ranked(session.embedder, self.query, options, with_facets=self.facets)

    def text(self) -> str:
        """Return the results as plain text."""
        return results_text(self.answer)

    def works(self) -> list[Work]:
        """Return the papers of the list; raises Contradiction if facets were requested."""
        self._refuse_facets()
        return super().works()

    def feed(self) -> Response:
        """Return the results as a feed, newest first; raises Contradiction as `works` does."""
        self._refuse_facets()
        options = feed_options(self.request, self.options)
        return search_feed(self.request, self.session, self.query, options)

    def _refuse_facets(self) -> None:
        if self.facets:
            raise Contradiction(
                "`facets` is supported for JSON and plain text only: omit it, or request JSON"
            )


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
    facets: Annotated[
        bool,
        Query(
            description="Whether to count the years, categories and tags of the papers found: of "
            f"the {MAX_LIMIT} best, without weak matches, or, in a list by date, of all that match"
        ),
    ] = False,
) -> SearchRepresentation:
    """Return the search that a request makes."""
    return SearchRepresentation(request, session, options, excerpt, q, facets)
