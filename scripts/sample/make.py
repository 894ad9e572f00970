"""Make the bundled sample of arXiv papers and the classifier's labelled examples.

    python -m scripts.sample.make DATA [--sample FILE] [--examples FILE]

DATA contains two snapshots of arXiv metadata in the form of the Kaggle data set, the reading list
of the survey arXiv 2401.08092 with the heading of each paper, and a tagging benchmark. No example
may come from the benchmark. Two files are written, by default those of the repository:

* The sample contains the survey and its list; papers near to them; papers out of the survey's
  scope; and a cross-section of the rest over years and archives. The papers near to them are those
  of `judged_papers.jsonl` in this folder, without the doubtful ones (whose labels are null), and
  the nearest papers by TF-IDF: the 500 nearest to the survey, as many as a list of related papers
  can show, then those nearest to each paper of its list in turn. The judged papers were read and
  filed one by one.
* The examples contain the headings of each paper of the list and of each judged paper, and no
  heading for the papers out of scope.

Papers of the list without an abstract are in neither file. Only their titles are known, and a query
of the same few words would rank them first.

Names that the sources damaged are repaired: "[qinghao Ye" was the first of a printed list. All
are split anew, because the snapshots take the last word as family name, without "van der". The
sample is sorted by identifier. In the examples, papers with headings come first, and both parts
are sorted by identifier. The same data and libraries give the same bytes. Papers are drawn by a
keyed hash of their identifiers, so that a change to the data moves few other papers in or out.
"""

import argparse
import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import TypedDict

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from scripts.sample.field import mentions_field, out_of_scope_papers
from scripts.sample.source import (
    SURVEY_ID,
    Data,
    Listed,
    Paper,
    load,
    paper_of,
    sort_key,
    submitted,
    with_repaired_names,
    with_split_names,
)

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "ingest/sample/arxiv-sample.jsonl.gz"
EXAMPLES = ROOT / "classifier/taxonomies/efficient-foundation-models.examples.jsonl"
JUDGED = Path(__file__).with_name("judged_papers.jsonl")

_SAMPLE_SIZE = 5_200
_NEAREST_TO_SURVEY = 500
_NEIGHBOURS = 1_950


class Example(TypedDict):
    """A paper and its headings. No heading means that it is out of the field's scope."""

    id: str
    labels: list[str]


def by_arxiv_id(listed: Iterable[Listed]) -> dict[str, list[Listed]]:
    """Group the lines by identifier, without papers that have none."""
    grouped: defaultdict[str, list[Listed]] = defaultdict(list)
    for row in listed:
        if row["arxiv_id"]:
            grouped[row["arxiv_id"]].append(row)
    return dict(grouped)


def survey_and_list(
    snapshots: Mapping[str, Paper], listed: Mapping[str, Sequence[Listed]]
) -> dict[str, Paper]:
    """Return the survey and then the papers of its list.

    A paper is taken from a snapshot if one contains it, and otherwise assembled from the list.
    """
    return {SURVEY_ID: snapshots[SURVEY_ID]} | {
        arxiv_id: snapshots.get(arxiv_id) or paper_of(arxiv_id, rows)
        for arxiv_id, rows in sorted(listed.items())
    }


def neighbour_rankings(
    snapshots: Mapping[str, Paper], survey_papers: Iterable[Paper]
) -> list[list[str]]:
    """Rank the papers of the snapshots by TF-IDF similarity to each paper of the survey.

    Returns identifiers, best first: the ranking for the survey itself, then one for each paper of
    its list.
    """
    ids = list(snapshots)
    vectorizer = TfidfVectorizer(sublinear_tf=True, stop_words="english", min_df=2)
    texts_by_term = vectorizer.fit_transform(map(text_of, snapshots.values())).T.tocsr()
    rankings: list[list[str]] = []
    for query in vectorizer.transform(map(text_of, survey_papers)):
        similarity = (query @ texts_by_term).toarray().ravel()
        best = np.argsort(-similarity, kind="stable")[: _NEAREST_TO_SURVEY + 1]
        rankings.append([ids[index] for index in best])
    return rankings


def text_of(paper: Paper) -> str:
    """Return the text by which papers are compared."""
    return f"{paper['title']}\n{paper['abstract']}"


def distinct(ids: Iterable[str], known: Collection[str]) -> Iterator[str]:
    """Yield each identifier once, without those in `known`."""
    seen = set(known)
    for paper_id in ids:
        if paper_id not in seen:
            seen.add(paper_id)
            yield paper_id


def cross_section(papers: Iterable[Paper], count: int) -> list[Paper]:
    """Draw papers so that years and archives are each represented about equally."""
    cells: defaultdict[tuple[int, str], list[Paper]] = defaultdict(list)
    for paper in sorted(papers, key=sort_key, reverse=True):
        cells[submitted(paper).year, primary_archive(paper)].append(paper)
    years: Counter[int] = Counter()
    archives: Counter[str] = Counter()
    chosen: list[Paper] = []
    while cells and len(chosen) < count:
        year, archive = rarest = min(cells, key=lambda c: (years[c[0]] + archives[c[1]], c))
        chosen.append(cells[rarest].pop())
        years[year] += 1
        archives[archive] += 1
        if not cells[rarest]:
            del cells[rarest]
    return chosen


def primary_archive(paper: Paper) -> str:
    """Return the archive of the first category: cs for cs.LG."""
    return paper["categories"].split()[0].split(".")[0]


def judged_papers(path: Path = JUDGED) -> dict[str, list[str]]:
    """Return the headings of the papers that were read, if any, without the doubtful papers."""
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return {row["id"]: sorted(row["labels"]) for row in rows if row["labels"] is not None}


def make_examples(
    listed: Mapping[str, Sequence[Listed]],
    out_of_scope: Iterable[Paper],
    judged: Mapping[str, list[str]],
) -> list[Example]:
    """Return the examples: papers of the list, judged papers, and papers out of scope.

    Papers without a label come last.
    """
    labels_of = {paper["id"]: list[str]() for paper in out_of_scope} | dict(judged)
    labels_of |= {arxiv_id: labels(rows) for arxiv_id, rows in listed.items()}
    return [
        {"id": paper_id, "labels": labels_of[paper_id]}
        for paper_id in sorted(labels_of, key=lambda paper_id: (not labels_of[paper_id], paper_id))
    ]


def labels(rows: Iterable[Listed]) -> list[str]:
    """Return the headings of one paper."""
    return sorted({row["taxonomy_path"][1] for row in rows})


def build(data: Data) -> tuple[list[Paper], list[Example]]:
    """Return the papers of the sample and the examples."""
    snapshots = {paper["id"]: paper for paper in [*data.old, *data.recent]}
    listed = by_arxiv_id(data.listed)
    survey = survey_and_list(snapshots, listed)
    with_abstract = {paper_id: paper for paper_id, paper in survey.items() if paper["abstract"]}
    of_survey, *of_listed = neighbour_rankings(snapshots, survey.values())
    near_survey = list(distinct(of_survey, {SURVEY_ID}))[:_NEAREST_TO_SURVEY]
    by_rank = chain.from_iterable(zip(*of_listed, strict=True))
    labels_of = judged_papers()
    judged = {paper_id: snapshots[paper_id] for paper_id in labels_of}
    ranked = distinct([*near_survey, *by_rank], survey | judged)
    neighbours = islice(ranked, _NEIGHBOURS - len(judged))
    out_of_scope = out_of_scope_papers(data, near_survey)

    sample = with_abstract | {paper_id: snapshots[paper_id] for paper_id in neighbours}
    sample |= {paper["id"]: paper for paper in out_of_scope}
    sample |= judged
    rest = [paper for paper_id, paper in snapshots.items() if paper_id not in sample]
    sample |= {paper["id"]: paper for paper in cross_section(rest, _SAMPLE_SIZE - len(sample))}
    usable = {paper_id: rows for paper_id, rows in listed.items() if paper_id in with_abstract}
    examples = make_examples(usable, out_of_scope, labels_of)
    papers = [
        with_split_names(with_repaired_names(sample[paper_id])) for paper_id in sorted(sample)
    ]
    return papers, examples


def jsonl(rows: Iterable[Mapping[str, object]]) -> bytes:
    """Format rows as JSON, one object per line."""
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def write_gzip(path: Path, content: bytes) -> None:
    """Compress the content into a file. Equal contents give equal bytes."""
    # The header has neither a name nor a time, because they would make equal contents differ.
    with path.open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as file:
        file.write(content)


def main() -> None:
    """Write both files and print the number of papers and examples."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("data", type=Path, metavar="DATA", help="folder with the source data")
    parser.add_argument(
        "--sample", type=Path, default=SAMPLE, help="sample to write (default: %(default)s)"
    )
    parser.add_argument(
        "--examples", type=Path, default=EXAMPLES, help="examples to write (default: %(default)s)"
    )
    arguments = parser.parse_args()

    data = load(arguments.data)
    sample, examples = build(data)
    write_gzip(arguments.sample, jsonl(sample))
    arguments.examples.write_bytes(jsonl(examples))
    mentioning = sum(map(mentions_field, data.recent))
    print(f"{len(sample)} papers, {len(examples)} examples")
    share = mentioning / len(data.recent)
    print(f"recent papers that mention a term of the field: {mentioning} ({share:.1%})")


if __name__ == "__main__":
    main()
