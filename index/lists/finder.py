"""Related papers: what to read next, how near each is, and why it is there."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from index.arrays import Rows
from index.arxiv.identifier import parse_identifier
from index.arxiv.paper import Paper
from index.catalogue.catalogue import Catalogue
from index.embedding.embedder import Embedder, embed_text
from index.errors import BadIdentifier, BadInput, NotReady, UnknownPaper
from index.health.freshness import Meta, build_meta
from index.lists.entries import (
    Answer,
    Hit,
    Listing,
    Query,
    RankedHits,
    SearchResults,
    build_entries,
    score,
)
from index.lists.options import DEFAULT_OPTIONS, ListOptions, select_hits
from index.lists.selection import allowed_rows
from index.releases.release import Release
from index.search.nearness import Near, Nearness, Seed
from index.search.row_filter import RowFilter

MAX_TEXT_LENGTH = 20_000
MEAN_SCORE_PAPERS = 10
"""The nearest papers whose mean score says how closely the corpus surrounds a paper."""
_PHRASE = re.compile(r'"([^"]+)"')
_LETTER_OR_DIGIT = re.compile(r"[^\W_]")
_NONE = np.array([], np.int64)
_SURROGATE = re.compile(r"[\ud800-\udfff]")


class RelatedFinder:
    """Answers from one release and the catalogue behind it.

    The embedder is needed for texts, and for full reasons.
    """

    def __init__(self, catalogue: Catalogue, release: Release) -> None:
        self._catalogue = catalogue
        self.release = release

    def related(
        self,
        paper_id: str,
        options: ListOptions = DEFAULT_OPTIONS,
        embedder: Embedder | None = None,
    ) -> Listing:
        """The papers related to one, by canonical id.

        Raises UnknownPaper; NotReady for a paper that the release does not hold yet; BadInput.
        """
        return self.describe(self.ranked_related(paper_id, options), options, embedder)

    def ranked_related(
        self, paper_id: str, options: ListOptions = DEFAULT_OPTIONS
    ) -> RankedHits[Listing]:
        """The papers related to one, not yet described; raises as `related`."""
        asked = self.paper_query(paper_id)
        assert asked.paper is not None
        return self._ranked(asked, _resolve_when(asked.paper, options))

    def related_to_text(
        self, embedder: Embedder, text: str, options: ListOptions = DEFAULT_OPTIONS
    ) -> Listing:
        """The papers related to a free text; raises BadInput for an empty or too long one."""
        if options.when != "any":
            raise BadInput(f"when={options.when}: a text has no day; use since and until")
        return self.describe(
            self._ranked(self.text_query(embedder, text), options), options, embedder
        )

    def search(
        self, embedder: Embedder, query: str, options: ListOptions = DEFAULT_OPTIONS
    ) -> SearchResults:
        """Papers that answer a query, best first.

        An arXiv identifier finds its paper; phrases in double quotes must stand in the text.
        Raises BadInput for an empty or too long query.
        """
        return self.describe(self.ranked_search(embedder, query, options), options, embedder)

    def ranked_search(
        self, embedder: Embedder, query: str, options: ListOptions = DEFAULT_OPTIONS
    ) -> RankedHits[SearchResults]:
        """Papers that answer a query, not yet described; raises as `search`."""
        known = self._paper_of_query(query)
        if known is not None:
            asked = self.paper_query(known)
            nearest = [Near(asked.row, 1.0)] if asked.row is not None else []
        else:
            asked = self.text_query(embedder, query.replace('"', " "))
            phrases = [p for p in _PHRASE.findall(query) if _LETTER_OR_DIGIT.search(p)]
            including = (*options.selection.including, *phrases)
            options = replace(options, selection=replace(options.selection, including=including))
            nearest = self.nearest_not_withdrawn(
                asked.seed, options.candidate_count, _NONE, self.allowed(options)
            )
        found = self._select_hits(asked, nearest, options)
        return RankedHits(found, lambda entries: SearchResults(query, entries, self.meta))

    def allowed(self, options: ListOptions) -> RowFilter | None:
        """Which rows the options let into a list; None for all."""
        return allowed_rows(options.selection, self._catalogue, self.release)

    def describe(
        self, ranked: RankedHits[Answer], options: ListOptions, embedder: Embedder | None
    ) -> Answer:
        """The answer with its entries; raises BadInput for full reasons without a model."""
        if options.reasons == "full" and embedder is None:
            raise BadInput("reasons=full needs the model")
        wanted = embedder if options.reasons == "full" else None
        return ranked.answer(build_entries(self._catalogue, self.release, ranked.hits, wanted))

    def sort_hits(self, found: Sequence[Hit], options: ListOptions) -> list[Hit]:
        """What was found, best first, in the order asked for."""
        if options.sort == "score":
            return list(found)
        days = self.release.attributes.days
        return sorted(found, key=lambda one: (-int(days[one.near.row]), one.near.row))

    def paper_query(self, paper_id: str) -> Query:
        """A paper as what is asked about, by canonical id.

        Raises UnknownPaper; NotReady where the release does not hold it yet.
        """
        entry = self._catalogue.entry(paper_id)
        row = self.release.row(entry.number)
        if row is None:
            raise NotReady(f"arXiv:{paper_id} came in after the release: run `seealso update`")
        tags = self._catalogue.tags.of([entry.number])[entry.number]
        return Query(self.nearness.seed(row), paper=entry.paper, tags=tags, row=row)

    def text_query(self, embedder: Embedder, text: str) -> Query:
        """A free text as what is asked about; raises BadInput for an empty or too long one."""
        if not re.search(r"\w", text):
            raise BadInput("the text holds no words: give a title, a question or a paragraph")
        if len(text) > MAX_TEXT_LENGTH:
            raise BadInput(
                f"the text has {len(text)} characters: at most {MAX_TEXT_LENGTH} are read"
            )
        if _SURROGATE.search(text):
            raise BadInput("the text holds halves of characters (surrogates): send valid Unicode")
        seed = self.nearness.text_seed(embed_text(embedder, text), text)
        return Query(seed, text)

    @property
    def nearness(self) -> Nearness:
        """What ranks."""
        return self.release.nearness

    @property
    def meta(self) -> Meta:
        """What the answers rest on."""
        return build_meta(self._catalogue, self.release)

    def nearest_not_withdrawn(
        self, seed: Seed, limit: int, excluded: Rows, allowed: RowFilter | None = None
    ) -> list[Near]:
        """The nearest papers that stand: not withdrawn, before the release or since."""
        left_out = np.union1d(self.release.withdrawn, excluded)
        near = self.nearness.nearest(seed, limit, left_out, allowed)
        while gone := self._no_longer_listed(near):
            left_out = np.union1d(left_out, gone)
            near = self.nearness.nearest(seed, limit, left_out, allowed)
        return near

    def _no_longer_listed(self, near: Sequence[Near]) -> list[int]:
        """Rows of papers that were withdrawn after the release, or that a restore took away."""
        rows = {self.release.number(n.row): n.row for n in near}
        nearest_not_withdrawn = self._catalogue.ids_not_withdrawn(list(rows))
        return [row for number, row in rows.items() if number not in nearest_not_withdrawn]

    def _ranked(self, asked: Query, options: ListOptions) -> RankedHits[Listing]:
        itself = np.array([] if asked.row is None else [asked.row], np.int64)
        nearest = self.nearest_not_withdrawn(
            asked.seed, max(options.candidate_count, MEAN_SCORE_PAPERS), itself
        )
        surrounding = [near.similarity for near in nearest[:MEAN_SCORE_PAPERS]] or [0.0]
        if options.selection:
            nearest = self.nearest_not_withdrawn(
                asked.seed, options.candidate_count, itself, self.allowed(options)
            )
        return RankedHits(
            self._select_hits(asked, nearest, options),
            lambda entries: Listing(
                id=asked.paper.id if asked.paper else None,
                title=asked.paper.title if asked.paper else None,
                score=score(float(np.mean(surrounding))),
                related=entries,
                meta=self.meta,
            ),
        )

    def _select_hits(
        self, asked: Query, nearest: Sequence[Near], options: ListOptions
    ) -> list[Hit]:
        chosen = select_hits(nearest, options, self.release)
        return self.sort_hits([Hit(near, asked) for near in chosen], options)

    def _paper_of_query(self, query: str) -> str | None:
        """The paper of the release that a query names, by canonical id."""
        try:
            entry = self._catalogue.entry(parse_identifier(query).id)
        except (BadIdentifier, UnknownPaper):
            return None
        return entry.paper.id if self.release.row(entry.number) is not None else None


def _resolve_when(paper: Paper, options: ListOptions) -> ListOptions:
    """The options with "newer" and "older" as days."""
    if options.when == "any":
        return options
    day = paper.submitted
    if day is None:
        raise BadInput(f"when={options.when}: the day of arXiv:{paper.id} is unknown")
    selection = options.selection
    if options.when == "newer":
        since = max(day + timedelta(days=1), selection.since or date.min)
        return replace(options, selection=replace(selection, since=since))
    until = min(day - timedelta(days=1), selection.until or date.max)
    return replace(options, selection=replace(selection, until=until))
