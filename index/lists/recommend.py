"""Recommend papers from liked and disliked papers, a library of references, or a text."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from index.arrays import Floats, Mask, Rows
from index.arxiv.identifier import canonical_id
from index.embedding.embedder import Embedder
from index.errors import (
    BadIdentifier,
    BadInput,
    Contradiction,
    NoKnownPaper,
    NotReady,
    UnknownPaper,
)
from index.health.freshness import Meta
from index.lists.entries import Hit, Query, RankedHits, RelatedPaper
from index.lists.finder import RelatedFinder
from index.lists.notes import note_on
from index.lists.options import DEFAULT_OPTIONS, ListOptions, select_hits
from index.lists.reference_matching import ReferenceMatches
from index.lists.reference_matching import Unmatched as UnmatchedReference
from index.lists.ties import best_first
from index.search.nearness import Neighbour
from index.work_limit import check_work

MAX_PAPERS = 1_000
_NEAREST = 3
# Depth of the search near each liked paper: at first 2 × the candidates of the list, at most 2,000
# and at most 40,000 candidates near all liked papers together, unless the first depth is larger.
_DEPTHS = 2, 2_000
_MAX_CANDIDATES = 40_000
# A disliked paper lowers the score by half of what an equally similar liked paper raises it.
_DISLIKE = np.float32(0.5)


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A requested paper or reference that cannot be used, and the reason."""

    asked: str
    reason: str


@dataclass(frozen=True, slots=True)
class Recommendations:
    """Recommended papers; liked and disliked papers are not among them.

    The score of an entry is 100 × its mean similarity to the three most similar liked papers (or
    the text), less half of the same mean for disliked papers. An entry is a weak match if it is one
    of every liked paper and of the text. `note` is that of a `Listing`. `remarks` name the entries
    of a library of references that were read in part or by a guess.
    """

    liked: list[str]
    disliked: list[str]
    unmatched: list[Unmatched]
    remarks: list[str]
    note: str | None
    related: list[RelatedPaper]
    meta: Meta


def recommend(
    finder: RelatedFinder,
    liked: Sequence[str] = (),
    disliked: Sequence[str] = (),
    text: str | None = None,
    options: ListOptions = DEFAULT_OPTIONS,
    embedder: Embedder | None = None,
    references: ReferenceMatches | None = None,
) -> Recommendations:
    """Recommend papers from identifiers in any form, matched references, and a text.

    Matched references count as liked. A text needs the embedder. Unknown papers are returned as
    `unmatched`. Raises BadInput if nothing is liked, a paper is both liked and disliked, or there
    are too many papers; NoKnownPaper if no liked paper is known here and there is no text.
    """
    ranked = ranked_recommendations(finder, liked, disliked, text, options, embedder, references)
    return finder.describe(ranked, options, embedder)


def ranked_recommendations(
    finder: RelatedFinder,
    liked: Sequence[str] = (),
    disliked: Sequence[str] = (),
    text: str | None = None,
    options: ListOptions = DEFAULT_OPTIONS,
    embedder: Embedder | None = None,
    references: ReferenceMatches | None = None,
) -> RankedHits[Recommendations]:
    """Return the hits of `recommend` without building entries; raises the same errors."""
    if options.when != "any":
        raise Contradiction(
            f"when={options.when} needs a single paper, because several have no common date: "
            "use since and until"
        )
    matches = references or ReferenceMatches([], [])
    liked = [*liked, *(one.paper_id for one in matches.matched)]
    unmatched = [_reference(one) for one in matches.unmatched]
    if not (liked or unmatched) and text is None:
        raise BadInput("no liked paper or text was given: give at least one")
    for papers, what in ((liked, "liked"), (disliked, "disliked")):
        if len(papers) > MAX_PAPERS:
            raise BadInput(f"{len(papers)} {what} papers: at most {MAX_PAPERS} are allowed")
    liked_queries, unknown = _resolve(finder, liked)
    disliked_queries, unknown_disliked = _resolve(finder, disliked)
    if both := sorted(liked_queries.keys() & disliked_queries.keys()):
        raise Contradiction(
            f"both liked and disliked: {', '.join(both[:10])}; give each paper only once"
        )
    seeds = list(liked_queries.values())
    if text is not None:
        if embedder is None:
            raise BadInput(
                "a text needs an embedder, but none was given: give liked papers instead"
            )
        seeds.append(finder.text_query(embedder, text))
    if not seeds:
        reasons = "; ".join(f"{one.asked}: {one.reason}" for one in [*unmatched, *unknown][:10])
        raise NoKnownPaper(f"none of the liked papers can be used: {reasons}")
    candidates = _nearest_hits(finder, seeds, list(disliked_queries.values()), options)
    hits = select_hits(candidates, options, finder.release)
    note = note_on(seeds, candidates, hits, options, finder.catalogue)
    return RankedHits(
        finder.sort_hits(hits, options),
        lambda entries: Recommendations(
            liked=list(liked_queries),
            disliked=list(disliked_queries),
            unmatched=[*unmatched, *unknown, *unknown_disliked],
            remarks=matches.remarks,
            note=note,
            related=entries,
            meta=finder.meta,
        ),
        note,
    )


def _reference(unmatched: UnmatchedReference) -> Unmatched:
    reference = unmatched.reference
    return Unmatched(": ".join(filter(None, (reference.key, reference.title))), unmatched.reason)


def _resolve(
    finder: RelatedFinder, identifiers: Sequence[str]
) -> tuple[dict[str, Query], list[Unmatched]]:
    """Return queries by canonical id, and the identifiers that are not papers of the release."""
    queries: dict[str, Query] = {}
    unmatched = []
    for text in identifiers:
        check_work()
        try:
            paper_id = canonical_id(text)
            if paper_id not in queries:
                queries[paper_id] = finder.paper_query(paper_id)
        except (BadIdentifier, UnknownPaper, NotReady) as error:
            unmatched.append(Unmatched(text, str(error)))
    return queries, unmatched


def _nearest_hits(
    finder: RelatedFinder, liked: Sequence[Query], disliked: Sequence[Query], options: ListOptions
) -> list[Hit]:
    """Return the candidates of a list, best first; weak ones only if the options include them.

    The depth of the searches near each liked paper doubles until no other paper can reach the
    list, or the maximum depth is reached.
    """
    own = np.array([one.row for one in (*liked, *disliked) if one.row is not None], np.int64)
    allowed = finder.allowed(options)
    first, maximum = _DEPTHS
    maximum = min(maximum, _MAX_CANDIDATES // len(liked))
    depth = first * options.candidate_count
    while True:
        lists = []
        for one in liked:
            check_work()
            lists.append(finder.nearest_not_withdrawn(one.seed, depth, own, allowed))
        rows = np.unique(np.array([neighbour.row for neighbour in chain(*lists)], np.int64))
        vectors = finder.nearness.vectors.vectors(rows)
        by_liked = _seed_similarities(finder, liked, rows, vectors)
        similarities = _mean_of_largest(by_liked)
        if disliked:
            against = _mean_of_largest(_seed_similarities(finder, disliked, rows, vectors))
            similarities = np.clip(similarities - _DISLIKE * against, 0, 1)
        weak = _all_weak(liked, by_liked)
        # Weak matches come last if they are excluded, so that they take no strong one's place.
        last = weak & (options.weak == "exclude")
        order = best_first(
            finder.release,
            rows,
            similarities,
            options.candidate_count,
            finder.catalogue.ids_not_withdrawn,
            last,
        )
        # Papers not seen yet are at most as similar to a liked paper as the last one of its list.
        bounds = [nearest[-1].similarity if len(nearest) == depth else 0.0 for nearest in lists]
        unseen = _mean_of_largest(np.array(bounds)[:, None])[0]
        full = len(order) == options.candidate_count and not last[order].any()
        complete = full and similarities[order[-1]] > unseen  # an equal one may be newer
        only_weak = options.weak == "exclude" and _all_weak(liked, np.array(bounds)[:, None])[0]
        if complete or only_weak or not any(bounds) or depth >= maximum:
            break
        depth *= 2
    return [
        _build_hit(
            Neighbour(int(rows[i]), float(similarities[i])), liked, by_liked[:, i], bool(weak[i])
        )
        for i in order
    ]


def _build_hit(
    neighbour: Neighbour, liked: Sequence[Query], similarities: Floats, weak: bool
) -> Hit:
    nearest = [liked[i] for i in np.argsort(-similarities, kind="stable")[:_NEAREST]]
    return Hit(neighbour, nearest[0], weak, tuple(one.paper.id for one in nearest if one.paper))


def _all_weak(liked: Sequence[Query], similarities: Floats) -> Mask:
    """Return which columns, one per paper, are weak matches of every liked paper and text.

    A strong match of a single liked paper is worth recommending, whatever the mean is.
    """
    kinds: dict[tuple[bool, bool], list[int]] = {}
    for position, one in enumerate(liked):
        kinds.setdefault((one.paper is None, one.vague), []).append(position)
    weak = np.ones(similarities.shape[1], bool)
    for positions in kinds.values():
        nearest = similarities[positions].max(axis=0).tolist()
        is_weak = liked[positions[0]].is_weak_match
        weak &= np.array([is_weak(similarity) for similarity in nearest], bool)
    return weak


def _seed_similarities(
    finder: RelatedFinder, seeds: Sequence[Query], rows: Rows, vectors: Floats
) -> Floats:
    """Return the similarities of seeds to rows, given their vectors, shape (seeds, rows)."""
    similarities = np.empty((len(seeds), len(rows)), np.float32)
    for position, one in enumerate(seeds):
        check_work()
        similarities[position] = finder.nearness.similarities(one.seed, rows, vectors)
    return similarities


def _mean_of_largest(similarities: Floats) -> Floats:
    """Return the mean of the three largest values of each column, shape (columns,)."""
    count = min(_NEAREST, len(similarities))
    means: Floats = np.partition(similarities, -count, axis=0)[-count:].mean(axis=0)
    return means
