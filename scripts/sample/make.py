"""Make the bundled sample of arXiv papers and the classifier's labelled examples.

    python -m scripts.sample.make DATA

DATA holds two snapshots of arXiv metadata in the form of the Kaggle data set, the reading list of
the survey arXiv 2401.08092 with the heading of each paper, and a tagging benchmark that no example
may come from. Two files are written:

* the sample: the survey and its list; papers near to them, which are those of
  `judged_papers.jsonl` beside this file, read and filed one by one, the doubtful ones (labels null)
  apart, and the nearest by TF-IDF; papers that stand outside the survey's field; and a
  cross-section of the rest over years and archives;
* the examples: the headings of each paper of the list and of those judged, and no heading for the
  papers outside.

The sample is sorted by identifier; in the examples those with headings come first, both parts
sorted likewise. The same data and libraries give the same bytes. Papers are drawn by a keyed
hash of their identifiers, so a change to the data moves few other papers in or out.
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

from scripts.sample.field import outsiders, speaks_of_field
from scripts.sample.source import SURVEY_ID, Data, Listed, Paper, load, lot, paper_of, submitted

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "ingest/sample/arxiv-sample.jsonl.gz"
EXAMPLES = ROOT / "classifier/taxonomies/efficient-foundation-models.examples.jsonl"
JUDGED = Path(__file__).with_name("judged_papers.jsonl")

_SAMPLE_SIZE = 5_000
_NEAREST_TO_SURVEY = 250
_NEIGHBOURS = 1_700


class Example(TypedDict):
    """A paper and the headings it stands under; no heading means outside the field."""

    id: str
    labels: list[str]


def by_arxiv_id(listed: Iterable[Listed]) -> dict[str, list[Listed]]:
    """Gather the lines of each paper, leaving out papers without an identifier."""
    grouped: defaultdict[str, list[Listed]] = defaultdict(list)
    for row in listed:
        if row["arxiv_id"]:
            grouped[row["arxiv_id"]].append(row)
    return dict(grouped)


def survey_and_list(
    snapshots: Mapping[str, Paper], listed: Mapping[str, Sequence[Listed]]
) -> dict[str, Paper]:
    """Return the survey first and then the papers of its list, whole where a snapshot has them."""
    return {SURVEY_ID: snapshots[SURVEY_ID]} | {
        arxiv_id: snapshots.get(arxiv_id) or paper_of(arxiv_id, rows)
        for arxiv_id, rows in sorted(listed.items())
    }


def neighbour_rankings(
    snapshots: Mapping[str, Paper], survey_papers: Iterable[Paper]
) -> list[list[str]]:
    """Rank the snapshots by nearness to the survey itself and then to each paper of its list."""
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
    """Return what neighbours are judged by."""
    return f"{paper['title']}\n{paper['abstract']}"


def distinct(ids: Iterable[str], known: Collection[str]) -> Iterator[str]:
    """Yield each identifier once, and none that is known already."""
    seen = set(known)
    for paper_id in ids:
        if paper_id not in seen:
            seen.add(paper_id)
            yield paper_id


def cross_section(papers: Iterable[Paper], count: int) -> list[Paper]:
    """Draw papers so that years and archives each come up about equally often."""
    cells: defaultdict[tuple[int, str], list[Paper]] = defaultdict(list)
    for paper in sorted(papers, key=lot, reverse=True):
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
    """Return the headings, or none, of the papers that were read, but for the doubtful ones."""
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return {row["id"]: sorted(row["labels"]) for row in rows if row["labels"] is not None}


def make_examples(
    listed: Mapping[str, Sequence[Listed]],
    outside: Iterable[Paper],
    judged: Mapping[str, list[str]],
) -> list[Example]:
    """Label the papers of the list and those judged; last, with nothing, those outside."""
    found = {paper["id"]: list[str]() for paper in outside} | dict(judged)
    found |= {arxiv_id: labels(rows) for arxiv_id, rows in listed.items()}
    return [
        {"id": paper_id, "labels": found[paper_id]}
        for paper_id in sorted(found, key=lambda paper_id: (not found[paper_id], paper_id))
    ]


def labels(rows: Iterable[Listed]) -> list[str]:
    """Return the headings of one paper."""
    return sorted({row["taxonomy_path"][1] for row in rows})


def build(data: Data) -> tuple[list[Paper], list[Example]]:
    """Make the contents of both files."""
    snapshots = {paper["id"]: paper for paper in [*data.old, *data.recent]}
    listed = by_arxiv_id(data.listed)
    survey = survey_and_list(snapshots, listed)
    of_survey, *of_listed = neighbour_rankings(snapshots, survey.values())
    near_survey = list(distinct(of_survey, {SURVEY_ID}))[:_NEAREST_TO_SURVEY]
    by_rank = chain.from_iterable(zip(*of_listed, strict=True))
    labels_of = judged_papers()
    judged = {paper_id: snapshots[paper_id] for paper_id in labels_of}
    ranked = distinct([*near_survey, *by_rank], survey | judged)
    neighbours = islice(ranked, _NEIGHBOURS - len(judged))
    outside = outsiders(data, near_survey)

    sample = survey | {paper_id: snapshots[paper_id] for paper_id in neighbours}
    sample |= {paper["id"]: paper for paper in outside}
    sample |= judged
    rest = [paper for paper_id, paper in snapshots.items() if paper_id not in sample]
    sample |= {paper["id"]: paper for paper in cross_section(rest, _SAMPLE_SIZE - len(sample))}
    examples = make_examples(listed, outside, labels_of)
    return [sample[paper_id] for paper_id in sorted(sample)], examples


def jsonl(rows: Iterable[Mapping[str, object]]) -> bytes:
    """Write one JSON object a line."""
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def write_gzip(path: Path, content: bytes) -> None:
    """Compress to the same bytes every time."""
    # Neither name nor time in the header, lest equal contents differ.
    with path.open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as file:
        file.write(content)


def main() -> None:
    """Read the folder, write both files and say how many papers each holds."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("data", type=Path, metavar="DATA", help="folder with the source data")
    parser.add_argument("--sample", type=Path, default=SAMPLE, help="default: %(default)s")
    parser.add_argument("--examples", type=Path, default=EXAMPLES, help="default: %(default)s")
    arguments = parser.parse_args()

    data = load(arguments.data)
    sample, examples = build(data)
    write_gzip(arguments.sample, jsonl(sample))
    arguments.examples.write_bytes(jsonl(examples))
    speaking = sum(map(speaks_of_field, data.recent))
    print(f"{len(sample)} papers, {len(examples)} examples")
    print(f"recent papers that speak of the field: {speaking} ({speaking / len(data.recent):.1%})")


if __name__ == "__main__":
    main()
