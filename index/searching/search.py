"""Search by a query: words, phrases, operators, names, titles and identifiers."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from index.arrays import Rows
from index.embedding.embedder import Embedder
from index.errors import BadInput
from index.lists.entries import FoundPaper, Hit, Query, RankedHits, RelatedPaper
from index.lists.filters import Filters
from index.lists.finder import RelatedFinder
from index.lists.options import DEFAULT_OPTIONS, ListOptions
from index.queries.syntax import ParsedQuery, parse_query
from index.search.nearness import NO_SEED, Neighbour
from index.search.row_filter import RowFilter
from index.searching.conditions import ConditionReader, QueryConditions, TagNames
from index.searching.names import NameFinder, NameMatch
from index.searching.newest import count_matching, newest_papers
from index.searching.results import QueryParts, SearchKind, SearchResults, summarise
from index.searching.suggestions import quoted_name, suggest
from index.searching.titles import COMPARED, TitleFinder
from index.searching.unreleased import WordSearch

_MAX_BY_NAME = 3  # papers by authors whose name is part of a query, which come first
_NONE = np.array([], np.int64)


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
        self._names = NameFinder(self._catalogue, self._release.nearness.words)
        self._conditions = ConditionReader(self._catalogue, self._release, self._names, tag_names)
        self._titles = TitleFinder(self._catalogue, self._release)
        self._words = WordSearch(self._catalogue, self._release, self._names, tag_names)

    def search(
        self, embedder: Embedder, query: str, options: ListOptions = DEFAULT_OPTIONS
    ) -> SearchResults:
        """Return the papers that match a query, best first.

        A query that is an arXiv identifier as a whole finds its paper, or raises UnknownPaper,
        NotReady or, if it is a wrong one, BadIdentifier. A query that only has operators, or that
        is the name of authors, lists papers by date. Raises BadQuery for an operator with a wrong
        value, BadInput if the query is empty or too long.
        """
        return self._finder.describe(self.ranked(embedder, query, options), options, embedder)

    def ranked(
        self, embedder: Embedder, query: str, options: ListOptions = DEFAULT_OPTIONS
    ) -> RankedHits[SearchResults]:
        """Return the hits of `search` without building entries; raises the same errors."""
        return self.find(embedder, query, options).ranked

    def find(self, embedder: Embedder, query: str, options: ListOptions = DEFAULT_OPTIONS) -> Found:
        """Return the hits of `search` and what facets count; raises the same errors."""
        known = self._finder.identified_paper(query)
        if known:
            return self._found_paper(query, known, options)
        parsed = parse_query(query)
        name = self._names.in_query(parsed) or self._named(parsed)
        by_name = name is not None and name.is_whole
        conditions = self._conditions.read(parsed, options.filters)
        options = replace(options, filters=conditions.filters)
        if by_name:
            assert name is not None
            conditions = self._conditions.of_authors(conditions, name)
        allowed = conditions.allowed(self._catalogue, self._release)
        if by_name or (parsed.has_conditions and not parsed.has_words):
            return self._found_newest(parsed, name, allowed, options)
        return self._found_near(embedder, parsed, name, allowed, options)

    def _found_paper(self, query: str, known: Query, options: ListOptions) -> Found:
        """Return the paper that a query identifies."""
        rows = [] if known.row is None else [known.row]
        hits, note = self._finder.select(known, [Neighbour(row, 1.0) for row in rows], options)
        parts = _parts("identifier", ParsedQuery(query), None, len(hits))
        assert known.paper is not None
        unreleased = [] if rows else list(self._catalogue.numbers_of([known.paper.id]).values())
        return self._found(
            ParsedQuery(query), known, hits, note, parts, None, np.array(rows, np.int64), unreleased
        )

    def _found_newest(
        self,
        parsed: ParsedQuery,
        name: NameMatch | None,
        allowed: RowFilter | None,
        options: ListOptions,
    ) -> Found:
        """Return the papers that meet conditions, newest first."""
        if options.min_score or options.min_percentile or options.diversity:
            raise BadInput(
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
        parts = _parts(kind, parsed, name, len(rows))
        unreleased = self._found_by_words(parsed, name, options)
        return self._found(parsed, query, hits, note, parts, self._quoted(parsed), rows, unreleased)

    def _found_near(
        self,
        embedder: Embedder,
        parsed: ParsedQuery,
        name: NameMatch | None,
        allowed: RowFilter | None,
        options: ListOptions,
    ) -> Found:
        """Return the papers nearest to the words of a query, those with a near title first."""
        text = parsed.words
        if name is not None and name.text in " ".join(text.split()):
            text = " ".join(text.split()).replace(name.text, " ", 1)
        query = self._finder.text_query(embedder, text)
        depth = max(options.candidate_count, COMPARED)
        nearest = self._finder.nearest_not_withdrawn(query.seed, depth, _NONE, allowed)
        titled = self._titled(query, parsed.words, nearest, allowed)
        near_titles = {one.row for one in titled}
        if text != parsed.words and name is not None:
            titled += self._by_authors(query, name, allowed)
        titled = list({one.row: one for one in titled}.values())
        first = {one.row for one in titled}
        others = [one for one in nearest if one.row not in first]
        hits, note = self._finder.select(query, [*titled, *others], options, first)
        note = note or (None if hits else self._missing_authors(parsed))
        close = [hit for hit in hits if not hit.weak]
        parts = _parts("text", parsed, name, len(close))
        titles = [hit.neighbour.row for hit in hits if hit.neighbour.row in near_titles]
        parts = replace(
            parts,
            text=" ".join(text.split()) if text != parsed.words else text,
            title_matches=self._ids(titles),
            found_is_minimum=len(close) == options.limit,
        )
        rows = np.array([hit.neighbour.row for hit in close or hits], np.int64)
        suggestion = self._quoted(parsed) or suggest(
            parsed, self._release.spelling, self._catalogue.full_text.is_author_word
        )
        unreleased = self._found_by_words(parsed, name, options)
        found = self._found(parsed, query, hits, note, parts, suggestion, rows, unreleased)
        return replace(found, matching=count_matching(self._release, allowed))

    def _by_authors(
        self, query: Query, name: NameMatch, allowed: RowFilter | None
    ) -> list[Neighbour]:
        """Return the papers by authors of a name that are about the other words of a query."""
        conditions = self._conditions.of_authors(QueryConditions(Filters()), name)
        by_name = conditions.allowed(self._catalogue, self._release)
        if by_name is not None and allowed is not None:
            by_name = RowFilter(by_name.mask & allowed.mask)
        nearest = self._finder.nearest_not_withdrawn(query.seed, _MAX_BY_NAME, _NONE, by_name)
        return [one for one in nearest if not query.is_weak_match(one.similarity)]

    def _titled(
        self,
        query: Query,
        text: str,
        nearest: Sequence[Neighbour],
        allowed: RowFilter | None,
    ) -> list[Neighbour]:
        """Return the papers whose title a text nearly is, closest first."""
        matches = [
            one.row
            for one in self._titles.matches(text, nearest)
            if allowed is None or allowed.mask[one.row]
        ]
        known = {one.row: one for one in nearest}
        missing = [row for row in matches if row not in known]
        numbers = {row: self._release.number(row) for row in missing}
        held = self._catalogue.ids_not_withdrawn(list(numbers.values())) if missing else {}
        rows = np.array([row for row in missing if numbers[row] in held], np.int64)
        if len(rows):
            similarities = self._release.nearness.similarities(query.seed, rows)
            pairs = zip(rows.tolist(), similarities.tolist(), strict=True)
            known |= {row: Neighbour(row, similarity) for row, similarity in pairs}
        return [known[row] for row in matches if row in known]

    def _named(self, parsed: ParsedQuery) -> NameMatch | None:
        """Return the authors of the query's operator author: if it has a single one."""
        names = [one for one in parsed.operators if one.field == "author"]
        if len(names) != 1 or names[0].negated:
            return None
        return self._names.of_name(names[0].value)

    def _missing_authors(self, parsed: ParsedQuery) -> str | None:
        """Return a note on authors of operators by whom there is no paper; None if there is one."""
        names = [one.value for one in parsed.operators if one.field == "author"]
        missing = [name for name in names if not self._names.numbers(name)]
        return (
            f"No paper here has an author {' or '.join(f'“{n}”' for n in missing)}."
            if missing
            else None
        )

    def _ids(self, rows: Iterable[int]) -> list[str]:
        numbers = [self._release.number(row) for row in rows]
        ids = self._catalogue.ids_not_withdrawn(numbers)
        return [ids[number] for number in numbers if number in ids]

    def _quoted(self, parsed: ParsedQuery) -> str | None:
        return quoted_name(parsed, lambda name: bool(self._names.numbers(name)))

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
        unreleased: list[int],
    ) -> Found:
        parts = replace(parts, summary=summarise(parts))
        ranked = RankedHits(
            hits,
            lambda entries: SearchResults(
                query=parsed.query,
                parts=parts,
                suggestion=suggestion,
                unknown_words=list(query.unknown),
                note=note,
                results=list(entries) if query.is_compared else list(map(_without_score, entries)),
                found_by_words=self._words.entries(unreleased, parsed),
                meta=self._finder.meta,
            ),
            note,
        )
        return Found(ranked, rows, parts, len(rows))


def _without_score(entry: RelatedPaper) -> FoundPaper:
    values = {field.name: getattr(entry, field.name) for field in fields(entry)}
    return FoundPaper(**{**values, "score": None, "percentile": None})


def _parts(kind: SearchKind, parsed: ParsedQuery, name: NameMatch | None, found: int) -> QueryParts:
    return QueryParts(
        kind=kind,
        text=parsed.words if kind == "text" else "",
        operators=[" OR ".join(map(str, group)) for group in parsed.groups],
        phrases=list(parsed.phrases),
        excluded=list(parsed.excluded),
        name=name.text if name else "",
        authors=name.authors if name else [],
        authors_in_all=name.authors_in_all if name else 0,
        papers_by_authors=len(name.numbers) if name else 0,
        title_matches=[],
        found=found,
        found_is_minimum=False,
        summary="",
    )
