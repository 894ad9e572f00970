"""Papers that the release does not have yet, found by their words instead of their vectors."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from index.arrays import Rows
from index.catalogue.catalogue import Catalogue
from index.errors import BadInput
from index.lists.entries import FoundPaper
from index.lists.filters import Filters
from index.lists.held_papers import held_papers
from index.lists.options import ListOptions
from index.lists.reasons import Reasons
from index.queries.syntax import ParsedQuery
from index.releases.release import Release
from index.search.attributes import Attributes
from index.search.tfidf import words
from index.searching.conditions import ConditionReader
from index.searching.facets import TagNames
from index.searching.names import NameFinder, NameMatch

MAX_FOUND = 20


@dataclass(frozen=True)
class UnreleasedPapers:
    """Some papers outside the release; row i is the paper with the i-th number."""

    numbers: Rows
    attributes: Attributes

    @classmethod
    def read(cls, catalogue: Catalogue, numbers: Sequence[int]) -> "UnreleasedPapers":
        """Read the attributes of papers with these catalogue numbers."""
        ordered = np.array(sorted(numbers), np.int64)
        return cls(ordered, Attributes.from_papers(catalogue.attributes(ordered)))

    def rows(self, numbers: list[int]) -> Rows:
        """Return the rows of those of these papers that are here, ascending."""
        rows: Rows = np.flatnonzero(np.isin(self.numbers, numbers))
        return rows


class WordSearch:
    """Finds papers that the release does not have by the words of a query.

    search = WordSearch(catalogue, release, names, tag_names)
    numbers = search.find(parse_query("pruning cat:cs.CL"), None, ListOptions())
    """

    def __init__(
        self,
        catalogue: Catalogue,
        release: Release,
        names: NameFinder,
        tag_names: Callable[[], TagNames],
    ) -> None:
        self._catalogue = catalogue
        self._release = release
        self._names = names
        self._tag_names = tag_names

    def find(self, parsed: ParsedQuery, name: NameMatch | None, options: ListOptions) -> list[int]:
        """Return the numbers of papers that have every word of a query and meet its conditions.

        A word may be in title, abstract or authors, in singular or plural. If the query is a
        `name`, they are the papers by its authors. Those with all words in the title come first,
        unless the options sort by date; then the newest. There are at most `MAX_FOUND`. They have
        no score, so a minimum score excludes them.
        """
        forms = [word_forms(word) for word in dict.fromkeys(words(parsed.words))]
        by_name = name is not None and name.is_whole
        if options.min_score or options.min_percentile or not (forms or by_name):
            return []
        text = self._catalogue.full_text
        candidates = name.numbers if name and by_name else text.with_all_words(forms)
        papers = UnreleasedPapers.read(self._catalogue, self._release.missing(list(candidates)))
        listed = self._catalogue.ids_not_withdrawn(papers.numbers.tolist())
        rows = [
            row
            for row in self._allowed(papers, parsed, options.filters)
            if int(papers.numbers[row]) in listed
        ]
        titled: set[int] = set()
        if rows and not by_name and options.sort == "score":
            titled = set(text.with_all_words(forms, "title"))
        days = papers.attributes.days
        numbers = papers.numbers.tolist()
        rows.sort(key=lambda row: (numbers[row] not in titled, -int(days[row]), -numbers[row]))
        return [numbers[row] for row in rows[: min(MAX_FOUND, options.limit)]]

    def _allowed(
        self, papers: UnreleasedPapers, parsed: ParsedQuery, filters: Filters
    ) -> Iterable[int]:
        if not len(papers.numbers):
            return []
        reader = ConditionReader(self._catalogue, papers, self._names, self._tag_names)
        try:
            allowed = reader.read(parsed, filters).allowed(self._catalogue, papers)
        except BadInput:
            # The conditions are right, since the release was searched with them before: none of
            # these papers has a category or licence that is not arXiv's.
            return []
        return range(len(papers.numbers)) if allowed is None else allowed.rows.tolist()

    def entries(self, numbers: Sequence[int], parsed: ParsedQuery) -> list[FoundPaper]:
        """Return the entries of papers that were found by the words of a query."""
        terms = list(dict.fromkeys(words(parsed.words)))
        return [
            FoundPaper(
                id=held.paper.id,
                title=held.paper.title,
                url=held.paper.url,
                score=None,
                percentile=None,
                weak=False,
                summary=held.entry.summary,
                summary_is_abstract=held.entry.summary_is_abstract,
                submitted=held.paper.submitted,
                submitted_precision=held.paper.submitted_precision,
                authors=list(held.paper.authors),
                categories=list(held.paper.categories),
                tags=held.tags,
                reasons=Reasons(terms, None, [], [], []),
            )
            for held in held_papers(self._catalogue, numbers)
        ]


def word_forms(word: str) -> list[str]:
    """Return a word and its plural or singular: "model", "models"."""
    other = word[:-1] if word.endswith("s") and len(word) > 3 else f"{word}s"
    return [word, other]
