"""What to read next for someone who likes some papers, dislikes others, or tells it in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from index.arrays import Floats, Rows
from index.arxiv.identifier import canonical_id
from index.embedding.embedder import Embedder
from index.errors import BadIdentifier, BadInput, NothingKnown, NotReady, UnknownPaper
from index.health.freshness import Meta
from index.lists.entries import Hit, Query, RankedHits, RelatedPaper
from index.lists.finder import RelatedFinder
from index.lists.options import DEFAULT_OPTIONS, ListOptions, select_hits
from index.lists.reference_matching import ReferenceMatches
from index.lists.reference_matching import Unmatched as UnmatchedReference
from index.search.nearness import Near

MAX_PAPERS = 1_000
_NEAREST = 3
_DEPTHS = 2, 2_000  # looked at near each liked paper: times the list at first, and at most
# A disliked paper takes away half of what a liked one that is as near would give.
_DISLIKE = np.float32(0.5)


@dataclass(frozen=True, slots=True)
class Unmatched:
    """Something that was asked for and is no paper here, and why."""

    asked: str
    reason: str


@dataclass(frozen=True, slots=True)
class Recommendations:
    """Papers for these likes and dislikes; neither is among them.

    The score of an entry is 100 × its mean similarity to the three liked papers (or the text)
    that it resembles most, less half that to the three disliked ones.
    """

    liked: list[str]
    disliked: list[str]
    unmatched: list[Unmatched]
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
    """The papers to read next, by identifiers in any form, and a text, which needs the embedder.

    The papers of the reader's library are liked too. Unknown papers are named and the rest
    answers. Raises BadInput where nothing is liked, a paper is both liked and disliked, or there
    are too many; NothingKnown where no liked paper is held here and there is no text.
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
    """The papers to read next, not yet described; raises as `recommend`."""
    if options.when != "any":
        raise BadInput(f"when={options.when}: several papers have no one day; use since and until")
    matches = references or ReferenceMatches([], [])
    liked = [*liked, *(one.paper_id for one in matches.matched)]
    unmatched = [_reference(one) for one in matches.unmatched]
    if not (liked or unmatched) and text is None:
        raise BadInput("nothing is liked: give at least one liked paper, or a text")
    for papers, what in ((liked, "liked"), (disliked, "disliked")):
        if len(papers) > MAX_PAPERS:
            raise BadInput(f"{len(papers)} {what} papers: at most {MAX_PAPERS} are taken")
    likings, unknown = _resolve(finder, liked)
    dislikings, unknown_too = _resolve(finder, disliked)
    if both := sorted(likings.keys() & dislikings.keys()):
        raise BadInput(f"liked and disliked at once: {', '.join(both[:10])}")
    seeds = list(likings.values())
    if text is not None:
        if embedder is None:
            raise BadInput("a text needs the model")
        seeds.append(finder.text_query(embedder, text))
    if not seeds:
        reasons = "; ".join(f"{one.asked}: {one.reason}" for one in [*unmatched, *unknown][:10])
        raise NothingKnown(f"none of the liked papers can be used: {reasons}")
    found = _nearest_hits(finder, seeds, list(dislikings.values()), options)
    return RankedHits(
        finder.sort_hits(found, options),
        lambda entries: Recommendations(
            liked=list(likings),
            disliked=list(dislikings),
            unmatched=[*unmatched, *unknown, *unknown_too],
            related=entries,
            meta=finder.meta,
        ),
    )


def _reference(unmatched: UnmatchedReference) -> Unmatched:
    reference = unmatched.reference
    return Unmatched(": ".join(filter(None, (reference.key, reference.title))), unmatched.reason)


def _resolve(
    finder: RelatedFinder, asked: Sequence[str]
) -> tuple[dict[str, Query], list[Unmatched]]:
    """Those of these papers that the release holds, once each by canonical id, and the others."""
    held: dict[str, Query] = {}
    unmatched = []
    for text in asked:
        try:
            paper_id = canonical_id(text)
            if paper_id not in held:
                held[paper_id] = finder.paper_query(paper_id)
        except (BadIdentifier, UnknownPaper, NotReady) as error:
            unmatched.append(Unmatched(text, str(error)))
    return held, unmatched


def _nearest_hits(
    finder: RelatedFinder, liked: Sequence[Query], disliked: Sequence[Query], options: ListOptions
) -> list[Hit]:
    """What the options leave of the nearest papers, best first.

    More and more papers near each liked one are looked at, until no other could reach the list.
    """
    own = np.array([one.row for one in (*liked, *disliked) if one.row is not None], np.int64)
    allowed = finder.allowed(options)
    first, most = _DEPTHS
    depth = first * options.candidate_count
    while True:
        lists = [finder.nearest_not_withdrawn(one.seed, depth, own, allowed) for one in liked]
        rows = np.unique(np.array([near.row for near in chain(*lists)], np.int64))
        vectors = finder.nearness.vectors.vectors(rows)
        by_liked = _seed_similarities(finder, liked, rows, vectors)
        similarities = _mean_of_largest(by_liked)
        if disliked:
            against = _mean_of_largest(_seed_similarities(finder, disliked, rows, vectors))
            similarities = np.clip(similarities - _DISLIKE * against, 0, 1)
        order = np.lexsort((rows, -similarities))[: options.candidate_count]
        # No paper left is nearer to a liked one than the last that was looked at.
        bounds = [found[-1].similarity if len(found) == depth else 0.0 for found in lists]
        unseen = _mean_of_largest(np.array(bounds)[:, None])[0]
        complete = len(order) == options.candidate_count and similarities[order[-1]] >= unseen
        if complete or not any(bounds) or depth >= most:
            break
        depth *= 2
    place = {int(rows[i]): int(i) for i in order}
    near = [Near(row, float(similarities[i])) for row, i in place.items()]
    return [
        _build_hit(one, liked, by_liked[:, place[one.row]])
        for one in select_hits(near, options, finder.release)
    ]


def _build_hit(near: Near, liked: Sequence[Query], similarities: Floats) -> Hit:
    nearest = [liked[i] for i in np.argsort(-similarities, kind="stable")[:_NEAREST]]
    return Hit(near, nearest[0], tuple(one.paper.id for one in nearest if one.paper))


def _seed_similarities(
    finder: RelatedFinder, seeds: Sequence[Query], rows: Rows, vectors: Floats
) -> Floats:
    """Similarities to rows whose vectors these are, shape (seeds, rows)."""
    return np.stack([finder.nearness.similarities(one.seed, rows, vectors) for one in seeds])


def _mean_of_largest(similarities: Floats) -> Floats:
    """Of each column the mean of its largest few, shape (columns,)."""
    few = min(_NEAREST, len(similarities))
    largest: Floats = np.partition(similarities, -few, axis=0)[-few:].mean(axis=0)
    return largest
