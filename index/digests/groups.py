"""The groups of a digest: one for each library, for the papers given by id, and for each query."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from index.embedding.embedder import Embedder
from index.errors import BadInput
from index.lists.entries import Answer, FoundPaper, Query, RankedHits, RelatedPaper
from index.lists.finder import RelatedFinder
from index.lists.options import MAX_LIMIT, ListOptions
from index.lists.recommend import ranked_recommendations
from index.lists.reference_matching import ReferenceMatches, match_references
from index.lists.references import Reference
from index.search.nearness import NO_SEED, Neighbour
from index.searching.newest import newest_papers
from index.searching.search import PaperSearch, without_score

_MAX_TITLE = 80  # characters of a query in the title of its group


@dataclass(frozen=True, slots=True)
class Library:
    """A file of references: its name and what it has."""

    name: str
    references: list[Reference]


@dataclass(frozen=True, slots=True)
class Sources:
    """What the papers of a digest are near to: liked papers, libraries, queries.

    `disliked` papers count against those of the first two. Without any of them, a digest has all
    new papers that pass its filters.
    """

    liked: tuple[str, ...] = ()
    disliked: tuple[str, ...] = ()
    libraries: tuple[Library, ...] = ()
    queries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DigestGroup:
    """The papers of a digest that are near to one source, best first; or newest first.

    `found` is how many new papers are near to it; the first of them are `papers`. `liked` counts
    the liked papers in use, and `unmatched` those that this catalogue does not have. `remarks`
    counts the entries of a library that were read in part or by a guess. `note` is that of the
    list.
    """

    title: str
    note: str | None
    found: int
    papers: list[FoundPaper]
    liked: int = 0
    unmatched: int = 0
    remarks: int = 0


class GroupFinder:
    """Finds the groups of a digest among new papers.

        finder = GroupFinder(RelatedFinder(catalogue, release), search, embedder, options)
        for group in finder.groups(Sources(queries=("pruning",)), numbers):
            print(group.title, len(group.papers))

    Each group has up to `options.limit` papers, and no paper is in two groups.
    """

    def __init__(
        self, finder: RelatedFinder, search: PaperSearch, embedder: Embedder, options: ListOptions
    ) -> None:
        self._finder = finder
        self._search = search
        self._embedder = embedder
        self._options = options

    def groups(self, sources: Sources, numbers: frozenset[int]) -> Iterator[DigestGroup]:
        """Yield the groups of papers with these catalogue numbers, those of libraries first.

        Raises like `recommend` and `PaperSearch.search`: NoKnownPaper if no paper of a source is
        known here, BadInput for an invalid source.
        """
        catalogue, disliked = self._finder.catalogue, sources.disliked
        for library in sources.libraries:
            matches = match_references(catalogue, library.references)
            group = self._recommended(library.name, (), disliked, matches, numbers)
            numbers -= self._numbers(group)
            yield group
        if sources.liked:
            group = self._recommended("", sources.liked, disliked, None, numbers)
            numbers -= self._numbers(group)
            yield group
        for query in sources.queries:
            group = self._matching(query, numbers)
            numbers -= self._numbers(group)
            yield group
        if not (sources.libraries or sources.liked or sources.queries):
            yield self._newest(numbers)

    def _numbers(self, group: DigestGroup) -> frozenset[int]:
        ids = [paper.id for paper in group.papers]
        return frozenset(self._finder.catalogue.numbers_of(ids).values())

    def _among(self, numbers: frozenset[int]) -> ListOptions:
        """Return the options of a list of all these papers that match."""
        filters = replace(self._options.filters, numbers=numbers)
        limit = min(MAX_LIMIT, max(self._options.limit, len(numbers)))
        return replace(self._options, limit=limit, filters=filters)

    def _first(self, ranked: RankedHits[Answer]) -> Answer:
        """Return the answer with the entries of the first hits alone."""
        first = replace(ranked, hits=ranked.hits[: self._options.limit])
        return self._finder.describe(first, self._options, self._embedder)

    def _recommended(
        self,
        library: str,
        liked: Sequence[str],
        disliked: Sequence[str],
        matches: ReferenceMatches | None,
        numbers: frozenset[int],
    ) -> DigestGroup:
        ranked = ranked_recommendations(
            self._finder, liked, disliked, None, self._among(numbers), None, matches
        )
        found = self._first(ranked)
        count = len(found.liked)
        papers = "1 paper" if count == 1 else f"{count:,} papers"
        if library:
            title = f"Near {papers} of {library}"
        else:
            more = f" and {count - 1:,} more" if count > 1 else ""
            title = f"Near arXiv:{found.liked[0]}{more}"
        return DigestGroup(
            title=title,
            note=found.note,
            found=len(ranked.hits),
            papers=list(found.related),
            liked=count,
            unmatched=len(found.unmatched),
            remarks=len(found.remarks),
        )

    def _matching(self, query: str, numbers: frozenset[int]) -> DigestGroup:
        if known := self._finder.identified_paper(query):
            assert known.paper is not None
            raise BadInput(
                f"the query {query!r} identifies a paper: for papers near it, give "
                f"{known.paper.id} without --query"
            )
        ranked = self._search.ranked(self._embedder, query, self._among(numbers))
        found = self._first(ranked)
        suggestion = found.suggestion and f"Did you mean: {found.suggestion}"
        shown = query if len(query) <= _MAX_TITLE else f"{query[: _MAX_TITLE - 1]}…"
        return DigestGroup(
            title=f"For “{shown}”",
            note=" ".join(filter(None, (found.note, suggestion))) or None,
            found=len(ranked.hits),
            papers=found.results,
        )

    def _newest(self, numbers: frozenset[int]) -> DigestGroup:
        """Return the papers that pass the filters, newest first and without scores."""
        finder, options = self._finder, self._among(numbers)
        if options.min_score:
            raise BadInput(
                "a minimum score needs something that papers are compared with: give a library, "
                "papers or a query with words, or leave it out"
            )
        allowed = finder.allowed(options)
        rows, newest = newest_papers(finder.release, finder.catalogue, allowed, options.limit)
        query = Query(NO_SEED, is_compared=False)
        nearest = [Neighbour(row, 0.0) for row in newest]
        hits, note = finder.select(query, nearest, replace(options, sort="date"))
        entries = self._first(RankedHits(hits, list[RelatedPaper], note))
        return DigestGroup("New papers", note, len(rows), [without_score(one) for one in entries])
