"""Measure which sentences and terms the reasons of related lists leave out.

    python -m scripts.benchmarks.queries.reasons sentences SNAPSHOT... [--papers 10000] [--show 5]
    python -m scripts.benchmarks.queries.reasons terms [--data FOLDER] [--papers 300] [--show 40]

`sentences` draws papers from each snapshot, and prints the number of sentences about the
publication of a paper, by kind, with examples. `terms` prints the most coherent and the least
coherent frequent terms of a release, and what the ten entries of related lists of drawn papers
show.
"""

import argparse
import random
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

from index.arxiv.summaries.sentences import sentences
from index.catalogue.catalogue import read_catalogue
from index.lists.boilerplate import boilerplate_kind
from index.lists.entries import build_entries
from index.lists.finder import RelatedFinder
from index.releases.current import CurrentRelease
from index.search.term_coherence import is_topical, term_coherence
from index.settings import load_settings
from ingest.snapshot.records import snapshot_papers

_FREQUENT = 50  # papers of the corpus with a term


def _sentences(snapshots: list[Path], papers: int, show: int) -> None:
    rng = random.Random(0)  # noqa: S311 - a reproducible sample
    found: defaultdict[str | None, list[str]] = defaultdict(list)
    for path in snapshots:
        read = list(snapshot_papers([path]))
        for paper in rng.sample(read, min(papers, len(read))):
            for sentence in sentences(paper.abstract):
                found[boilerplate_kind(sentence)].append(sentence)
    others = len(found.pop(None, []))
    left_out = sum(map(len, found.values()))
    print(f"{others + left_out} sentences, {left_out} of them left out")
    for kind, examples in sorted(found.items(), key=lambda one: -len(one[1])):
        print(f"\n{kind}: {len(examples)}")
        for sentence in rng.sample(examples, min(show, len(examples))):
            print(f"  {sentence[:200]}")


def _terms(data: Path, papers: int, show: int) -> None:
    rng = random.Random(0)  # noqa: S311 - a reproducible sample
    with read_catalogue(data) as catalogue:
        release = CurrentRelease(data).get()
        index = release.nearness.words
        coherence = term_coherence(index, release.nearness.vectors)
        frequencies = index.frequencies()
        frequent = np.flatnonzero((frequencies >= _FREQUENT) & (frequencies <= len(index) / 10))
        order = frequent[np.argsort(coherence[frequent])]
        topical = np.mean([is_topical(one) for one in coherence[frequent].tolist()])
        print(f"{len(frequent)} terms in {_FREQUENT} papers to a tenth; {topical:.0%} are topical")
        for name, terms in (("least", order[:show]), ("most", order[::-1][:show])):
            print(f"{name} coherent: {', '.join(index.vocabulary[t] for t in terms.tolist())}")
        finder = RelatedFinder(catalogue, release)
        counts: Counter[str] = Counter()
        for row in rng.sample(range(len(index)), min(papers, len(index))):
            [entry] = catalogue.entries([release.number(row)]).values()
            query = finder.entry_query(entry)
            hits = finder.ranked_around(query).hits
            rows = np.array([hit.neighbour.row for hit in hits])
            shared = index.shared_terms(query.seed.terms, rows)
            entries = build_entries(catalogue, release, hits)
            for one, both in zip(entries, shared, strict=True):
                counts["entries"] += 1
                counts["with shared terms"] += bool(one.reasons.terms)
                of_terms = dict(zip(both.rare, release.coherence(both.rare_terms), strict=True))
                shown = [of_terms.get(term, 1.0) for term in one.reasons.terms]
                counts["with topical terms"] += any(map(is_topical, shown))
                counts["with a single term"] += len(one.reasons.terms) == 1
                counts["with other terms than the rarest"] += both.rare[:5] != one.reasons.terms
                counts["without any for that"] += bool(both.rare) and not one.reasons.terms
                counts["with a pair of sentences"] += one.reasons.sentences is not None
        print(", ".join(f"{count} {name}" for name, count in counts.items()))


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    quoted = commands.add_parser("sentences")
    quoted.add_argument("snapshots", type=Path, nargs="+")
    quoted.add_argument("--papers", type=int, default=10_000, help="of each snapshot")
    quoted.add_argument("--show", type=int, default=5)
    shown = commands.add_parser("terms")
    shown.add_argument("--data")
    shown.add_argument("--papers", type=int, default=300)
    shown.add_argument("--show", type=int, default=40)
    args = parser.parse_args()
    if args.command == "sentences":
        _sentences(args.snapshots, args.papers, args.show)
    else:
        _terms(load_settings({}, data=args.data).data, args.papers, args.show)


if __name__ == "__main__":
    main()
