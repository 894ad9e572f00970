"""Search by a query: words, phrases, operators, names, titles and identifiers."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from index.arrays import Rows
from index.embedding.embedder import Embedder
from index.errors import Contradiction
from index.lists.entries import FoundPaper, Hit, Query, RankedHits, RelatedPaper
from index.lists.finder import RelatedFinder
from index.lists.options import DEFAULT_OPTIONS, MAX_LIMIT, ListOptions
from index.queries.syntax import ParsedQuery
from index.search.nearness import NO_SEED, Neighbour
from index.search.row_filter import RowFilter
from index.searching.conditions import ConditionReader
from index.searching.facets import Facets, TagNames, count_facets
from index.searching.names import NameFinder, NameMatch
from index.searching.nearest import NearestFinder
from index.searching.newest import count_matching, newest_papers
from index.searching.parts import QueryParts, SearchKind, query_parts
from index.searching.reading import QueryReader
from index.searching.results import SearchResults
from index.searching.suggestions import Vocabulary, quoted_name, suggest
from index.searching.unreleased import WordSearch


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: the ranked hits, and the rows that facets count.

    The rows are those of all papers that meet the conditions, or, if papers are compared with a
    text, those of the hits; without weak matches, unless all are weak. `matching` is the number of
    all papers that meet the conditions.
    """

    ranked: RankedHits[SearchResults]
    rows: Rows
    parts: QueryParts
    matching: int


class PaperSearch:
    """Searches one release; the catalogue provides metadata, names of authors and tags.

        search = PaperSearch(RelatedFinder(catalogue, release))
        results = search.search(embedder, 'quantization author:"Mengwei Xu" since:2024')
        for paper in results.results:
            print(paper.score, paper.title)

    `tag_names` returns the tags that `tag:` finds.
    """

    def __init__(
        self, finder: RelatedFinder, tag_names: Callable[[], TagNames] = dict[str, frozenset]
    ) -> None:
        self._finder = finder
        self._catalogue, self._release = finder.catalogue, finder.release
        self._tag_names = tag_names
        self._names = NameFinder(self._catalogue, self._release.nearness.words)
        self._conditions = ConditionReader(self._catalogue, self._release, self._names, tag_names)
        self._queries = QueryReader(self._names, self._conditions)
        self._nearest = NearestFinder(finder, self._conditions)
        self._words = WordSearch(self._catalogue, self._release, self._names, tag_names)

    def search(
        self,
        embedder: Embedder,
        query: str,
        options: ListOptions = DEFAULT_OPTIONS,
        *,
        with_facets: bool = False,
    ) -> SearchResults:
        """Return the papers that match a query, best first.

        A query that is an arXiv identifier as a whole finds its paper, or raises UnknownPaper,
        NotReady or, if it is a wrong one, BadIdentifier. A query that only has operators, or that
        is the name of authors, lists papers by date. Raises BadQuery for an operator with a wrong
        value, BadInput if the query is empty or too long, and Contradiction if an option needs
        words but the query has only operators.
        """
        ranked = self.ranked(embedder, query, options, with_facets=with_facets)
        return self._finder.describe(ranked, options, embedder)

    def ranked(
        self,
        embedder: Embedder,
        query: str,
        options: ListOptions = DEFAULT_OPTIONS,
        *,
        with_facets: bool = False,
    ) -> RankedHits[SearchResults]:
        """Return the hits of `search` without building entries; raises the same errors.

        Facets count the papers of the whole list, of which the hits are the first.
        """
        if not with_facets:
            return self.find(embedder, query, options).ranked
        found = self.find(embedder, query, whole_list(options))
        facets, ranked = self.facets(found), found.ranked
        return replace(
            ranked,
            hits=ranked.hits[: options.limit],
            answer=lambda entries: replace(ranked.answer(entries), facets=facets),
        )

    def find(self, embedder: Embedder, query: str, options: ListOptions = DEFAULT_OPTIONS) -> Found:
        """Return the hits of `search` and what facets count; raises the same errors."""
        known = self._finder.identified_paper(query)
        if known:
            return self._found_paper(query, known, options)
        read = self._queries.read(query, options.filters)
        parsed, name = read.parsed, read.name
        options = replace(options, filters=read.conditions.filters)
        allowed = read.conditions.allowed(self._catalogue, self._release)
        if read.is_by_date:
            return self._found_newest(parsed, name, allowed, options)
        return self._found_near(embedder, parsed, name, allowed, options)

    def facets(self, found: Found) -> Facets:
        """Count the years, categories and tags of what a search found."""
        return count_facets(self._release, self._catalogue, found.rows, self._tag_names())

    def _found_paper(self, query: str, known: Query, options: ListOptions) -> Found:
        """Return the paper that a query identifies."""
        rows = [] if known.row is None else [known.row]
        hits, note = self._finder.select(known, [Neighbour(row, 1.0) for row in rows], options)
        assert known.paper is not None
        unreleased = [] if rows else list(self._catalogue.numbers_of([known.paper.id]).values())
        parsed = ParsedQuery(query)
        parts = query_parts("identifier", parsed, None, len(hits) + len(unreleased))
        counted = np.array(rows, np.int64)
        return self._found(parsed, known, hits, note, parts, None, counted, unreleased)

    def _found_newest(
        self,
        parsed: ParsedQuery,
        name: NameMatch | None,
        allowed: RowFilter | None,
        options: ListOptions,
    ) -> Found:
        """Return the papers that meet conditions, newest first."""
        if options.min_score or options.min_percentile or options.diversity:
            raise Contradiction(
                "min_score, min_percentile and diversity need words that papers are compared with: "
                f"add words to the query {parsed.query[:60]!r}, or leave these parameters out"
            )
        rows, newest = newest_papers(self._release, self._catalogue, allowed, options.limit)
        query = Query(NO_SEED, is_compared=False)
        kind: SearchKind = "authors" if name and name.is_whole else "conditions"
        hits, note = self._finder.select(
            query, [Neighbour(row, 0.0) for row in newest], replace(options, sort="date")
        )
        note = note or (None if hits else self._missing_authors(parsed))
        parts = query_parts(kind, parsed, name, len(rows))
        unreleased = self._found_by_words(parsed, name, options)
        suggestion = quoted_name(parsed, self._is_author)
        return self._found(parsed, query, hits, note, parts, suggestion, rows, unreleased)

    def _found_near(
        self,
        embedder: Embedder,
        parsed: ParsedQuery,
        name: NameMatch | None,
        allowed: RowFilter | None,
        options: ListOptions,
    ) -> Found:
        """Return the papers nearest to the words of a query, those that the words name first."""
        text = parsed.words
        in_text = name if name and name.text in " ".join(text.split()) else None
        if in_text:
            text = " ".join(" ".join(text.split()).replace(in_text.text, " ", 1).split())
        query = self._finder.text_query(embedder, text)
        nearest = self._nearest.find(query, parsed.words, in_text, allowed, options.candidate_count)
        hits, note = self._finder.select(query, nearest.neighbours, options, nearest.first)
        note = note or (None if hits else self._missing_authors(parsed))
        close = [hit for hit in hits if not hit.weak]
        titled = self._ids(h.neighbour.row for h in hits if h.neighbour.row in nearest.titled)
        parts = query_parts(
            "text",
            parsed,
            name,
            len(close),
            text,
            titled,
            found_is_minimum=len(close) == options.limit,
        )
        rows = np.array([hit.neighbour.row for hit in close or hits], np.int64)
        unreleased = self._found_by_words(parsed, name, options)
        suggestion = suggest(parsed, self._vocabulary, is_title=bool(titled))
        found = self._found(parsed, query, hits, note, parts, suggestion, rows, unreleased)
        return replace(found, matching=count_matching(self._release, allowed))

    def _missing_authors(self, parsed: ParsedQuery) -> str | None:
        """Return a note on authors of operators by whom there is no paper; None if there is one."""
        names = [one.value for one in parsed.operators if one.field == "author"]
        missing = [name for name in names if not self._is_author(name)]
        return (
            f"No paper here has an author {' or '.join(f'“{n}”' for n in missing)}."
            if missing
            else None
        )

    def _ids(self, rows: Iterable[int]) -> list[str]:
        numbers = [self._release.number(row) for row in rows]
        ids = self._catalogue.ids_not_withdrawn(numbers)
        return [ids[number] for number in numbers if number in ids]

    def _is_author(self, name: str) -> bool:
        return bool(self._names.numbers(name))

    @property
    def _vocabulary(self) -> Vocabulary:
        return Vocabulary(
            spelling=self._release.spelling,
            years=lambda: self._release.attributes.years,
            is_author=self._is_author,
            is_author_word=self._catalogue.full_text.is_author_word,
        )

    def _found_by_words(
        self, parsed: ParsedQuery, name: NameMatch | None, options: ListOptions
    ) -> list[int]:
        """Return the numbers of papers that the release does not have and that words find."""
        if not self._finder.meta.not_in_release:
            return []
        return self._words.find(parsed, name, options)

    def _found(
        self,
        parsed: ParsedQuery,
        query: Query,
        hits: list[Hit],
        note: str | None,
        parts: QueryParts,
        suggestion: str | None,
        rows: Rows,
        unreleased: Sequence[int],
    ) -> Found:
        ranked = RankedHits(
            hits,
            lambda entries: SearchResults(
                query=parsed.query,
                parts=parts,
                suggestion=suggestion,
                unknown_words=list(query.unknown),
                note=note,
                results=list(entries) if query.is_compared else list(map(without_score, entries)),
                found_by_words=self._words.entries(unreleased, parsed),
                facets=None,
                meta=self._finder.meta,
            ),
            note,
        )
        return Found(ranked, rows, parts, len(rows))


def whole_list(options: ListOptions) -> ListOptions:
    """Return options for the whole list that a list is the beginning of.

    A diverse list is chosen anew for each length, and is the whole list.
    """
    return options if options.diversity else replace(options, limit=MAX_LIMIT)


def without_score(entry: RelatedPaper) -> FoundPaper:
    """Return an entry of a list by date, whose papers are compared with nothing."""
    values = {field.name: getattr(entry, field.name) for field in fields(entry)}
    return FoundPaper(**{**values, "score": None, "percentile": None})
