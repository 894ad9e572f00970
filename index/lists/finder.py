"""Find the papers related to a paper or a text."""

import re
from collections.abc import Callable, Container, Sequence

import numpy as np

from index.arrays import Rows, union
from index.arxiv.identifier import canonical_id, looks_like_identifiers
from index.catalogue.catalogue import Catalogue
from index.catalogue.rows import Entry
from index.embedding.embedder import Embedder, embed_papers, embed_text
from index.errors import BadIdentifier, BadInput, Contradiction, NotReady
from index.health.freshness import Meta, build_meta
from index.lists.entries import (
    Answer,
    Hit,
    Listing,
    Query,
    RankedHits,
    build_entries,
    score,
)
from index.lists.filters import allowed_rows
from index.lists.notes import note_on
from index.lists.options import DEFAULT_OPTIONS, ListOptions, resolve_when, select_hits
from index.lists.ties import best_neighbours
from index.releases.release import Release
from index.search.nearness import Nearness, Neighbour, Seed
from index.search.row_filter import RowFilter
from index.search.spelling import is_mostly_unknown, unknown_words

MAX_TEXT_LENGTH = 20_000
MEAN_SCORE_PAPERS = 10
"""The number of nearest papers whose mean score is the `score` of a `Listing`."""
_SURROGATE = re.compile(r"[\ud800-\udfff]")


class RelatedFinder:
    """Finds related papers in one release; metadata and tags are those of the catalogue.

        with read_catalogue(data) as catalogue:
            finder = RelatedFinder(catalogue, CurrentRelease(data).get())
            listing = finder.related("2401.08092", ListOptions(limit=20))
            for paper in listing.related:
                print(paper.score, paper.title, paper.reasons.terms)

    An embedder is needed only for texts and for full reasons; a known paper needs no model.
    `open_embedder` is called for a paper that the release does not have yet, to embed its text.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        release: Release,
        open_embedder: Callable[[], Embedder] | None = None,
    ) -> None:
        self.catalogue = catalogue
        self.release = release
        self._open_embedder = open_embedder
        self._meta: Meta | None = None

    def related(
        self,
        paper_id: str,
        options: ListOptions = DEFAULT_OPTIONS,
        embedder: Embedder | None = None,
    ) -> Listing:
        """Return the papers related to a paper, given its canonical id.

        Raises UnknownPaper; NotReady, as `related_query`; BadInput if the options do not fit.
        """
        return self.describe(self.ranked_related(paper_id, options), options, embedder)

    def ranked_related(
        self, paper_id: str, options: ListOptions = DEFAULT_OPTIONS
    ) -> RankedHits[Listing]:
        """Return the hits of `related` without building entries; raises the same errors."""
        return self.ranked_around(self.related_query(self.catalogue.entry(paper_id)), options)

    def ranked_around(
        self, query: Query, options: ListOptions = DEFAULT_OPTIONS
    ) -> RankedHits[Listing]:
        """Return the hits of `related` for the query of a paper; raises BadInput."""
        assert query.paper is not None
        return self._ranked(query, resolve_when(query.paper, options))

    def related_to_text(
        self, embedder: Embedder, text: str, options: ListOptions = DEFAULT_OPTIONS
    ) -> Listing:
        """Return the papers related to a text; raises BadInput if it is empty or too long."""
        if options.when != "any":
            raise Contradiction(
                f"when={options.when} needs a paper, because a text has no date: "
                "use since and until"
            )
        return self.describe(
            self._ranked(self.text_query(embedder, text), options), options, embedder
        )

    def allowed(self, options: ListOptions) -> RowFilter | None:
        """Return the rows that pass the filters of the options; None means all rows."""
        return allowed_rows(options.filters, self.catalogue, self.release)

    def describe(
        self, ranked: RankedHits[Answer], options: ListOptions, embedder: Embedder | None
    ) -> Answer:
        """Build the entries of hits and return the answer.

        Raises BadInput if the options have full reasons and there is no embedder.
        """
        if options.reasons == "full" and embedder is None:
            raise BadInput("reasons=full needs an embedder, but none was given: use reasons=brief")
        for_reasons = embedder if options.reasons == "full" else None
        return ranked.answer(build_entries(self.catalogue, self.release, ranked.hits, for_reasons))

    def sort_hits(self, hits: Sequence[Hit], options: ListOptions) -> list[Hit]:
        """Sort hits, given best first, in the order of the options."""
        if options.sort == "score":
            return list(hits)
        days = self.release.attributes.days
        return sorted(hits, key=lambda hit: -int(days[hit.neighbour.row]))

    def paper_query(self, paper_id: str) -> Query:
        """Return the query of a paper, given its canonical id.

        Raises UnknownPaper; NotReady if the release does not have the paper yet.
        """
        return self.entry_query(self.catalogue.entry(paper_id))

    def identified_paper(self, text: str) -> Query | None:
        """Return the query of the paper that a text identifies as a whole; None for other texts.

        Raises UnknownPaper; NotReady, as `related_query`; BadIdentifier if it only looks like one.
        """
        try:
            paper_id = canonical_id(text)
        except BadIdentifier:
            if looks_like_identifiers(text):
                raise
            return None
        return self.related_query(self.catalogue.entry(paper_id))

    def entry_query(self, entry: Entry) -> Query:
        """Return the query of a paper; raises NotReady if the release does not have it yet."""
        row = self.release.row(entry.number)
        if row is None:
            held = self.release.manifest.papers
            raise NotReady(
                f"arXiv:{entry.paper.id} is not in the release yet, which has {held:,} of "
                f"{held + self.meta.not_in_release:,} papers: run `seealso update`, unless it is "
                "already running"
            )
        return Query(self.nearness.seed(row), paper=entry.paper, row=row)

    def related_query(self, entry: Entry) -> Query:
        """Return the query of a paper; of its text if the release does not have it yet.

        Raises NotReady if this finder cannot open an embedder.
        """
        if self._open_embedder is None or self.release.row(entry.number) is not None:
            return self.entry_query(entry)
        paper = entry.paper
        [vector] = embed_papers(self._open_embedder(), [(paper.title, paper.abstract)])
        day = paper.submitted.toordinal() if paper.submitted else 0
        seed = self.nearness.text_seed(vector, paper.text, day)
        return Query(seed, paper=paper)

    def text_query(self, embedder: Embedder, text: str) -> Query:
        """Return the query of a free text; raises BadInput if it is empty or too long."""
        if not re.search(r"[^\W_]", text):
            raise BadInput("the text has no words: give a title, a question or a paragraph")
        if len(text) > MAX_TEXT_LENGTH:
            raise BadInput(
                f"the text has {len(text)} characters: at most {MAX_TEXT_LENGTH} are allowed"
            )
        if _SURROGATE.search(text):
            raise BadInput("the text has surrogate code points: send valid Unicode")
        seed = self.nearness.text_seed(embed_text(embedder, text), text)
        unknown = unknown_words(text, self.nearness.words.counts)
        vague = is_mostly_unknown(text, unknown)
        return Query(seed, text, unknown=tuple(unknown), vague=vague)

    @property
    def nearness(self) -> Nearness:
        """The similarity index of the release."""
        return self.release.nearness

    @property
    def meta(self) -> Meta:
        """Release, paper counts and freshness, as each answer reports them; read on first use."""
        if self._meta is None:
            self._meta = build_meta(self.catalogue, self.release)
        return self._meta

    def nearest_not_withdrawn(
        self, seed: Seed, limit: int, excluded: Rows, allowed: RowFilter | None = None
    ) -> list[Neighbour]:
        """Return the nearest papers not `excluded` and not withdrawn, in order of `best_first`."""
        left_out = union(self.release.withdrawn, excluded)
        nearest = self.nearness.nearest(seed, limit, left_out, allowed, with_ties=True)
        while withdrawn := self._withdrawn_since(nearest):
            left_out = union(left_out, np.array(withdrawn))
            nearest = self.nearness.nearest(seed, limit, left_out, allowed, with_ties=True)
        return best_neighbours(self.release, nearest, limit, self.catalogue.ids_not_withdrawn)

    def _withdrawn_since(self, nearest: Sequence[Neighbour]) -> list[int]:
        """Return rows of papers withdrawn after the release, or removed by a restore."""
        rows = [neighbour.row for neighbour in nearest]
        numbers = self.release.numbers(rows)
        listed = self.catalogue.ids_not_withdrawn(numbers)
        return [row for number, row in zip(numbers, rows, strict=True) if number not in listed]

    def _ranked(self, query: Query, options: ListOptions) -> RankedHits[Listing]:
        itself = np.array([] if query.row is None else [query.row], np.int64)
        nearest = self.nearest_not_withdrawn(
            query.seed, max(options.candidate_count, MEAN_SCORE_PAPERS), itself
        )
        for_mean = [neighbour.similarity for neighbour in nearest[:MEAN_SCORE_PAPERS]] or [0.0]
        candidates = nearest
        if options.filters:
            candidates = self.nearest_not_withdrawn(
                query.seed, options.candidate_count, itself, self.allowed(options)
            )
        hits, note = self.select(query, candidates, options)
        return RankedHits(
            hits,
            lambda entries: Listing(
                id=query.paper.id if query.paper else None,
                title=query.paper.title if query.paper else None,
                score=score(float(np.mean(for_mean))),
                note=note,
                related=entries,
                meta=self.meta,
            ),
            note,
            nearest,
        )

    def select(
        self,
        query: Query,
        nearest: Sequence[Neighbour],
        options: ListOptions,
        never_weak: Container[int] = (),
    ) -> tuple[list[Hit], str | None]:
        """Return the hits that the options select, in their order, and the note of the list.

        The rows of `never_weak` are no weak matches, whatever their similarity.
        """
        candidates = [
            Hit(one, query, one.row not in never_weak and query.is_weak_match(one.similarity))
            for one in nearest
        ]
        selected = select_hits(candidates, options, self.release)
        note = note_on([query], candidates, selected, options, self.catalogue)
        return self.sort_hits(selected, options), note
