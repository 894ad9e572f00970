"""List the papers of snapshots whose words announce a withdrawal, and those that only mention one.

    python -m scripts.benchmarks.metadata.withdrawals SNAPSHOT [SNAPSHOT …]

Both lists are for reading: every wrong line of the first is a paper that would leave all lists,
every announcement in the second is a withdrawn paper that would stay in them.
"""

import re
from pathlib import Path

import click

from ingest.snapshot.records import snapshot_papers

_MENTION = re.compile(r"withdr|retract", re.I)
_SHOWN = 160


@click.command()
@click.argument("snapshots", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
def main(snapshots: tuple[Path, ...]) -> None:
    """Print a line for each paper of the SNAPSHOTS, and the counts."""
    read = announced = mentioned = 0
    for paper in snapshot_papers(snapshots):
        read += 1
        announced += paper.withdrawn
        texts = (paper.comment or "", paper.title, paper.abstract)
        found = next(filter(None, map(_MENTION.search, texts)), None)
        if not paper.withdrawn and found is None:
            continue
        mentioned += not paper.withdrawn
        start = max(0, found.start() - _SHOWN // 2) if found else 0
        text = found.string[start : start + _SHOWN] if found else texts[0][:_SHOWN]
        print("announces" if paper.withdrawn else "mentions ", paper.id, text)
    print(f"{read} papers read: {announced} announce a withdrawal, {mentioned} only mention one")


if __name__ == "__main__":
    main()
