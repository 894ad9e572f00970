"""The answer to a search: what the query was understood as, and the papers found."""

from dataclasses import dataclass

from index.health.freshness import Meta
from index.lists.entries import FoundPaper
from index.searching.facets import Facets
from index.searching.parts import QueryParts


@dataclass(frozen=True, slots=True)
class SearchResults:
    """The papers found for a query, best first, or newest first if they have no score.

    `suggestion` is another query that was probably meant, None if there is none: with misspelt
    words corrected by the words of the corpus, with a name after `author:` in quotes, or with a
    year as an operator. The papers are those of the query as given. `unknown_words` has its
    distinct words that no paper contains. `note` reports these, and that no paper matches closely;
    it is None if there is nothing to report. `parts` is what the query was understood as. `facets`
    are None unless they were requested.
    `found_by_words` has papers that the release does not have yet, so that they have no vector to
    compare: they have every word of the query, in title, abstract or authors, and meet all
    conditions. Those with all words in the title come first, then the newest; at most 20, without a
    score, the same on every page.
    """

    query: str
    parts: QueryParts
    suggestion: str | None
    unknown_words: list[str]
    note: str | None
    results: list[FoundPaper]
    found_by_words: list[FoundPaper]
    facets: Facets | None
    meta: Meta
