"""Make the bundled sample of arXiv papers and the classifier's labelled examples.

    python scripts/make_sample.py DATA

DATA holds two snapshots of arXiv metadata in the form of the Kaggle data set, the reading list of
the survey arXiv 2401.08092 with the heading of each paper, and a tagging benchmark that no example
may come from. Two files are written:

* the sample: the survey and its list, the papers nearest to them by TF-IDF, papers that stand
  outside the survey's field, and a cross-section of the rest over years and archives;
* the examples: the headings of each paper of the list, and no heading for the papers outside.

The sample is sorted by identifier; in the examples those with headings come first, both parts
sorted likewise. The same data and libraries give the same bytes. Papers are drawn by a keyed
hash of their identifiers, so a change to the data moves few other papers in or out.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import blake2b
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple, TypedDict, TypeVar

import numpy as np
from sklearn.feature_extraction.text import (  # type: ignore[import-untyped, unused-ignore]
    TfidfVectorizer,
)

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "ingest/sample/arxiv-sample.jsonl.gz"
EXAMPLES = ROOT / "classifier/taxonomies/efficient-foundation-models.examples.jsonl"

SURVEY_ID = "2401.08092"
SEED = b"arxiv-sample"
SAMPLE_SIZE = 5_000
NEAREST_TO_SURVEY = 250
NEIGHBOURS = 1_700
OLD_OUTSIDERS = 900
RECENT_OUTSIDERS = 1_100
# The field begins with the Transformer of June 2017; what was submitted before stands outside it.
BEFORE_THE_FIELD = date(2017, 7, 1)

# The expressions below begin at a word's beginning and end anywhere in it, so a trailing space ends
# the word. They are sought in text brought down to lower-case words with one space between (see
# `words`), hence no hyphens. The net is wide on purpose: losing a good negative costs nothing,
# calling a paper of the field an outsider teaches a wrong thing.
AIM = (
    "(?:in)?efficien",
    "(?:light ?weight|(?:resource|compute) (?:constrain|aware|limit))",
    "(?:inference|training|decoding|generation) (?:speed|latency|throughput|cost|time |overhead)",
    "(?:accelerat|latency|throughput|speed ?ups? |faster (?!r ?cnn))",
    "(?:computational|compute|memory) (?:cost|overhead|budget|bottleneck|footprint|usage)",
)
SMALLER_MODEL = (
    "(?:compress|quanti[sz]|prun|distill|spars[ei])",
    "(?:low rank|q?lora |parameter efficient|peft )",
)
MODEL = (
    r"(?:(?:family|series|suite) of (?:\w+ ){0,4}models |technical report |billion parameter)",
    "(?:linear attention|flash ?attention|state space model|ssms? |mamba|rwkv)",
    "(?:early exit|mixtures? of experts|moes? |(?:llms?|models?) rout)",
    "(?:diffusion (?:(?:large )?language|ll?ms? )|language diffusion)",
)
DECODING = (
    "(?:kv |key value )cach",
    "(?:speculative|parallel) (?:decod|sampl)",
    "tokens? (?:reduc|merg|drop|select)",
    "long(?:er)? (?:context|sequence)",
    "(?:few|one|single|sampling|denoising|diffusion) steps? (?:diffusion|generation|sampl)",
    "(?:fast|few|fewer|number of) (?:sampling|denoising|inference|diffusion) step",
)
MACHINES = (
    "serving (?!as )",
    "(?:on device|edge (?:device|deploy|comput|ai |server|hardware)|mobile device)",
    "(?:federated|fl )",
    "(?:distributed|large scale|decentrali[sz]ed) (?:training|learning|pre ?training)",
    "parallelism",
    "(?:gpus? |cuda|npus? |fpga)",
)
SPEAKS_OF_FIELD = (*AIM, *SMALLER_MODEL, *MODEL, *DECODING, *MACHINES)
# Too common in abstracts to say what a paper is about.
SPEAKS_OF_FIELD_IN_TITLE = (
    "(?:fine ?tun|adapter|pre ?train)",
    "(?:attention|transformer|vits? )",
    "(?:foundation model|scaling|fast|flash|tiny|small|compact)",
    r"(?:omni|unif(?:ied|ying) (?:\w+ )?(?:multi|vision|visual|auto))",
    "(?:open (?:source|weight)|large model)",
    r"(?:(?!chat)\w+gpt |(?:language|multimodal) model $|survey (?:of|on) (?:large )?language)",
)

T = TypeVar("T")


class Version(TypedDict):
    """One version of a paper and when it was submitted."""

    version: str
    created: str


Paper = TypedDict(
    "Paper",
    {
        "id": str,
        "submitter": str | None,
        "authors": str,
        "title": str,
        "comments": str | None,
        "journal-ref": str | None,
        "doi": str | None,
        "report-no": str | None,
        "categories": str,
        "license": str | None,
        "abstract": str,
        "versions": list[Version],
        "update_date": str | None,
        "authors_parsed": list[list[str]],
    },
)


class Listed(TypedDict):
    """A line of the survey's reading list; a paper under two headings has two lines."""

    title: str
    arxiv_id: str | None
    taxonomy_path: list[str]
    abstract: str | None
    authors: list[str] | None
    categories: list[str] | None
    published: str | None


class Benchmarked(TypedDict):
    """What matters here of a line of the tagging benchmark."""

    title: str
    arxiv_id: str | None


class Example(TypedDict):
    """A paper and the headings it stands under; no heading means outside the field."""

    id: str
    labels: list[str]


class Data(NamedTuple):
    """All that is read."""

    old: list[Paper]
    recent: list[Paper]
    listed: list[Listed]
    benchmark: list[Benchmarked]


class Built(NamedTuple):
    """All that is written."""

    sample: list[Paper]
    examples: list[Example]


def load(folder: Path) -> Data:
    """Read the four files of the data folder."""
    return Data(
        old=[json.loads(line) for line in lines(folder / "snapshot-1993-2019.jsonl.gz")],
        recent=[json.loads(line) for line in lines(folder / "snapshot-2023-2026.jsonl.gz")],
        listed=[json.loads(line) for line in lines(folder / "survey/papers.jsonl")],
        benchmark=[json.loads(line) for line in lines(folder / "tagging/dev.jsonl")],
    )


def lines(path: Path) -> Iterator[str]:
    """Yield the lines of a plain or gzipped file."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as file:
        yield from file


def by_arxiv_id(listed: Iterable[Listed]) -> dict[str, list[Listed]]:
    """Gather the lines of each paper, leaving out papers without an identifier."""
    grouped: defaultdict[str, list[Listed]] = defaultdict(list)
    for row in listed:
        if row["arxiv_id"]:
            grouped[row["arxiv_id"]].append(row)
    return dict(grouped)


def paper_of(arxiv_id: str, rows: Sequence[Listed]) -> Paper:
    """Return what the list knows of a paper; the rest stays empty rather than guessed."""
    authors = [tidy_name(name) for name in first_known(row["authors"] for row in rows) or []]
    abstract = first_known(row["abstract"] for row in rows)
    day = first_known(row["published"] for row in rows)
    return {
        "id": arxiv_id,
        "submitter": None,
        "authors": ", ".join(authors),
        "title": best_title(row["title"] for row in rows),
        "comments": None,
        "journal-ref": None,
        "doi": None,
        "report-no": None,
        "categories": " ".join(first_known(row["categories"] for row in rows) or []),
        "license": None,
        "abstract": f"  {abstract.strip()}\n" if abstract else "",
        "versions": [{"version": "v1", "created": midnight(day)}] if day else [],
        "update_date": day,
        "authors_parsed": [parse_name(name) for name in authors],
    }


def first_known(values: Iterable[T | None]) -> T | None:
    """Return the first value that says something."""
    return next((value for value in values if value), None)


def best_title(titles: Iterable[str]) -> str:
    """Pick the title most worked on: reference managers drop capitals and hyphens, never add."""
    return max(titles, key=lambda title: (sum(map(str.isupper, title)), len(title)))


def midnight(day: str) -> str:
    """Write a day the way the snapshots write a version's date."""
    return format_datetime(datetime.combine(date.fromisoformat(day), time(), UTC), usegmt=True)


def tidy_name(name: str) -> str:
    """Undo what BibTeX and the printing of lists left in a name."""
    name = name.replace(r"\ \ ", " ")
    # A lone escaped space only ends the escape before it: Gim\xE9\ nez is Giménez.
    name = re.sub(
        r"\\(?:x([0-9A-F]{2})|u([0-9A-Fa-f]{4}))(?:\\ )?",
        lambda code: chr(int(code[1] or code[2], 16)),
        name,
    )
    given, *rest = name.replace(r"\"", '"').strip(" []").split()
    if rest and name == name.lower():
        rest[-1] = capitalised(rest[-1])
    return " ".join([capitalised(given), *rest])


def capitalised(word: str) -> str:
    """Raise the first letter and, unlike str.capitalize, leave the others alone."""
    return word[:1].upper() + word[1:]


def parse_name(name: str) -> list[str]:
    """Split into family name, given names and suffix, at the last word like the snapshots."""
    person, et_al, _ = name.partition(" et al.")
    *given, family = person.split()
    return [family, " ".join(given), et_al.strip()]


def labels(rows: Iterable[Listed]) -> list[str]:
    """Return the headings of one paper."""
    return sorted({row["taxonomy_path"][1] for row in rows})


def nearest(texts: Sequence[str], queries: Sequence[str], depth: int) -> list[list[int]]:
    """Return for each query the indices of its nearest texts, best first."""
    vectorizer = TfidfVectorizer(sublinear_tf=True, stop_words="english", min_df=2)
    texts_by_term = vectorizer.fit_transform(texts).T.tocsr()
    rankings: list[list[int]] = []
    for query in vectorizer.transform(queries):
        similarity = (query @ texts_by_term).toarray().ravel()
        rankings.append(np.argsort(-similarity, kind="stable")[:depth].tolist())
    return rankings


def distinct(ids: Iterable[str], known: Collection[str]) -> Iterator[str]:
    """Yield each identifier once, and none that is known already."""
    seen = set(known)
    for paper_id in ids:
        if paper_id not in seen:
            seen.add(paper_id)
            yield paper_id


def outsiders(data: Data, near_survey: Iterable[str]) -> list[Paper]:
    """Draw the papers that are to stand for everything outside the field."""
    unfit = unfit_for_outsiders(data, near_survey)
    old = (paper for paper in data.old if submitted(paper) < BEFORE_THE_FIELD)
    recent = (paper for paper in data.recent if not speaks_of_field(paper))
    return [*draw(old, unfit, OLD_OUTSIDERS), *draw(recent, unfit, RECENT_OUTSIDERS)]


def unfit_for_outsiders(data: Data, near_survey: Iterable[str]) -> set[str]:
    """Gather identifiers and titles, the latter because some rows lack the former."""
    rows: list[Listed | Benchmarked] = [*data.listed, *data.benchmark]
    ids = {row["arxiv_id"] for row in rows if row["arxiv_id"]}
    return ids | {title_key(row["title"]) for row in rows} | {SURVEY_ID, *near_survey}


def title_key(title: str) -> str:
    """Reduce a title to what survives differences of spelling and typesetting."""
    return re.sub(r"[^a-z0-9]", "", title.lower())


def speaks_of_field(paper: Paper) -> bool:
    """Tell whether a paper has a word that papers of the field use."""
    title = words(paper["title"])
    return bool(FIELD.search(title + words(paper["abstract"])) or FIELD_TITLE.search(title))


def words(text: str) -> str:
    """Bring text down to lower-case words, with a space before and after each."""
    return " " + re.sub(r"[\W_]+", " ", text.lower()).strip() + " "


def any_of(beginnings: Iterable[str]) -> re.Pattern[str]:
    """Compile beginnings of words into one expression."""
    return re.compile(f" (?:{'|'.join(beginnings)})")


FIELD = any_of(SPEAKS_OF_FIELD)
FIELD_TITLE = any_of(SPEAKS_OF_FIELD_IN_TITLE)


def draw(papers: Iterable[Paper], unfit: Collection[str], count: int) -> list[Paper]:
    """Draw papers at random, the same ones every time."""
    fit = (p for p in papers if p["id"] not in unfit and title_key(p["title"]) not in unfit)
    return sorted(fit, key=lot)[:count]


def lot(paper: Paper) -> str:
    """Return the number that a paper draws."""
    return blake2b(paper["id"].encode(), key=SEED).hexdigest()


def submitted(paper: Paper) -> date:
    """Return the day of the first version."""
    return parsedate_to_datetime(paper["versions"][0]["created"]).date()


def primary_archive(paper: Paper) -> str:
    """Return the archive of the first category: cs for cs.LG."""
    return paper["categories"].split()[0].split(".")[0]


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


def text_of(paper: Paper) -> str:
    """Return what neighbours are judged by."""
    return f"{paper['title']}\n{paper['abstract']}"


def neighbour_rankings(
    snapshots: Mapping[str, Paper], survey_papers: Sequence[Paper]
) -> list[list[str]]:
    """Rank the snapshots by nearness to the survey itself and then to each paper of its list."""
    ids = list(snapshots)
    rankings = nearest(
        [text_of(paper) for paper in snapshots.values()],
        [text_of(paper) for paper in survey_papers],
        depth=NEAREST_TO_SURVEY + 1,
    )
    return [[ids[index] for index in ranking] for ranking in rankings]


def survey_and_list(
    snapshots: Mapping[str, Paper], listed: Mapping[str, Sequence[Listed]]
) -> dict[str, Paper]:
    """Return the survey first and then the papers of its list, whole where a snapshot has them."""
    return {SURVEY_ID: snapshots[SURVEY_ID]} | {
        arxiv_id: snapshots.get(arxiv_id) or paper_of(arxiv_id, rows)
        for arxiv_id, rows in sorted(listed.items())
    }


def make_examples(
    listed: Mapping[str, Sequence[Listed]], outside: Iterable[Paper]
) -> list[Example]:
    """Label the papers of the list and then, with nothing, those outside the field."""
    inside: list[Example] = [
        {"id": arxiv_id, "labels": labels(rows)} for arxiv_id, rows in sorted(listed.items())
    ]
    return inside + [
        {"id": paper_id, "labels": []} for paper_id in sorted(p["id"] for p in outside)
    ]


def build(data: Data) -> Built:
    """Make the contents of both files."""
    snapshots = {paper["id"]: paper for paper in [*data.old, *data.recent]}
    listed = by_arxiv_id(data.listed)
    survey = survey_and_list(snapshots, listed)
    of_survey, *of_listed = neighbour_rankings(snapshots, list(survey.values()))
    near_survey = list(distinct(of_survey, {SURVEY_ID}))[:NEAREST_TO_SURVEY]
    by_rank = chain.from_iterable(zip(*of_listed, strict=True))
    neighbours = islice(distinct([*near_survey, *by_rank], survey), NEIGHBOURS)
    outside = outsiders(data, near_survey)

    sample = survey | {paper_id: snapshots[paper_id] for paper_id in neighbours}
    sample |= {paper["id"]: paper for paper in outside}
    rest = [paper for paper_id, paper in snapshots.items() if paper_id not in sample]
    sample |= {paper["id"]: paper for paper in cross_section(rest, SAMPLE_SIZE - len(sample))}
    return Built([sample[paper_id] for paper_id in sorted(sample)], make_examples(listed, outside))


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
