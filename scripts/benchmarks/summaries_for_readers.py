"""Draw abstracts and their summaries, to be judged by people who do not know the method.

    git show REVISION:index/arxiv/summaries/summary.py > old_summary.py
    python -m scripts.benchmarks.summaries_for_readers SNAPSHOT ... --old old_summary.py --to FOLDER

Half of the papers, by a keyed hash of the identifier, were read while the method was built. From
the other half, one paper is drawn from each of 30 primary categories. Its abstract is summarised by
the method of another revision and by the present one. FOLDER gets `1.json` and `2.json`, one for
each reader: 60 items with an abstract and a summary, in an order of its own, and `key.json`, which
says which method made which item. A reader writes "right", "partial" or "wrong" for each item
number to `1.answers.json` or `2.answers.json`. With --count, the answers are counted.

`--round` draws other papers: no round has a paper of an earlier one.
"""

import argparse
import gzip
import hmac
import importlib.util
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from api.rendering.prose import to_plain_text
from index.arxiv.summaries.summary import summarise

_KEY = b"summaries for readers"
_CATEGORIES = 30
_READERS = 2
_MIN_PAPERS = 5  # of a category, so that each round finds another one
_VERDICTS = ("right", "partial", "wrong")
Record = dict[str, str]
_Item = TypeVar("_Item")


def main() -> None:
    """Write the items for the readers, or count their answers."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("snapshots", metavar="SNAPSHOT", nargs="*", type=Path)
    parser.add_argument("--old", metavar="FILE", type=Path, help="summary.py of another revision")
    parser.add_argument("--to", metavar="FOLDER", type=Path, required=True)
    parser.add_argument("--round", type=int, default=1, help="1 for the first (default)")
    parser.add_argument("--count", action="store_true", help="count the answers in FOLDER")
    arguments = parser.parse_args()
    if arguments.count:
        count_answers(arguments.to)
    else:
        old = _load(arguments.old)
        methods = {"old": lambda one: old(one["abstract"]), "new": _summarise}
        write_items(draw(_records(arguments.snapshots), arguments.round), methods, arguments.to)


def draw(records: Iterable[Record], number: int) -> list[Record]:
    """Return one paper of each of 30 categories for the round with this number, from 1."""
    by_category: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        if is_kept_back(record["id"]) and record["abstract"].strip():
            by_category[record["categories"].split()[0]].append(record)
    categories = [name for name, papers in by_category.items() if len(papers) >= _MIN_PAPERS]
    return [
        _shuffled(by_category[name], name, lambda record: record["id"])[number - 1]
        for name in _shuffled(categories, str(number))[:_CATEGORIES]
    ]


def is_kept_back(paper_id: str) -> bool:
    """Return whether a paper is in the half that was not read while the method was built."""
    return bool(_digest(paper_id)[0] & 1)


def write_items(
    records: list[Record], methods: dict[str, Callable[[Record], str]], folder: Path
) -> None:
    """Write the items of each reader, and the key."""
    folder.mkdir(parents=True, exist_ok=True)
    pairs = [(record, name) for record in records for name in methods]
    key = {}
    for reader in range(1, _READERS + 1):
        order = _shuffled(pairs, str(reader), lambda pair: f"{pair[0]['id']} {pair[1]}")
        items = [
            {
                "item": item,
                "abstract": to_plain_text(record["abstract"]),
                "summary": to_plain_text(methods[name](record)),
            }
            for item, (record, name) in enumerate(order, 1)
        ]
        (folder / f"{reader}.json").write_text(json.dumps(items, ensure_ascii=False, indent=1))
        key[reader] = {item: (record["id"], name) for item, (record, name) in enumerate(order, 1)}
    (folder / "key.json").write_text(json.dumps(key, indent=1))


def count_answers(folder: Path) -> None:
    """Print for each method how often each reader, and both, gave each verdict."""
    key = json.loads((folder / "key.json").read_text())
    verdicts: dict[tuple[str, str], list[str]] = defaultdict(list)
    for reader, items in key.items():
        answers = json.loads((folder / f"{reader}.answers.json").read_text())
        for item, (paper_id, method) in items.items():
            verdicts[method, paper_id].append(answers[item])
    for method in sorted({method for method, _ in verdicts}):
        given = [answers for (name, _), answers in verdicts.items() if name == method]
        by_reader = [Counter(answers[i] for answers in given) for i in range(_READERS)]
        both = Counter(answers[0] for answers in given if len(set(answers)) == 1)
        print(method, *(_counts(counter) for counter in by_reader), f"both: {_counts(both)}")


def _shuffled(
    items: Sequence[_Item], seed: str, name_of: Callable[[_Item], str] = str
) -> list[_Item]:
    """Return the items in an order that depends on nothing but their names and the seed."""
    return sorted(items, key=lambda item: _digest(f"{seed} {name_of(item)}"))


def _digest(text: str) -> bytes:
    return hmac.digest(_KEY, text.encode(), "sha256")


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{counter[verdict]} {verdict}" for verdict in _VERDICTS) + ";"


def _summarise(record: Record) -> str:
    return summarise(record["abstract"], record["title"])


def _records(snapshots: list[Path]) -> Iterable[Record]:
    for snapshot in snapshots:
        with gzip.open(snapshot, "rt") as lines:
            for line in lines:
                yield json.loads(line)


def _load(path: Path) -> Callable[[str], str]:
    spec = importlib.util.spec_from_file_location("old_summary", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Callable[[str], str] = module.summarise
    return found


if __name__ == "__main__":
    main()
