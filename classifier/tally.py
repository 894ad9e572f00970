"""What a run of a tagger gave, counted for the record."""

from collections import Counter
from collections.abc import Iterable, Sequence

from index.catalogue.tagging_log import TaggingLog
from index.catalogue.tags import Tag


class Tally:
    """Counts judged papers, abstentions, labels, and how sure the tags were."""

    def __init__(self) -> None:
        self._judged = 0
        self._abstained = 0
        self._labels = Counter[str]()
        self._probability = 0.0

    def count(self, papers: Iterable[Sequence[Tag]]) -> None:
        """Count what papers were given; no tags is an abstention."""
        for tags in papers:
            self._judged += 1
            self._abstained += not tags
            for tag in tags:
                self._labels[tag.label] += 1
                self._probability += tag.probability

    def note(self, log: TaggingLog, taxonomy: str, tagger: str, new: int) -> None:
        """Write the record; `new` of the papers had not been judged before."""
        given = self._labels.total()
        log.note(
            taxonomy,
            tagger,
            judged=self._judged,
            new=new,
            abstained=self._abstained,
            confidence=round(self._probability / given, 4) if given else None,
            labels=dict(sorted(self._labels.items())),
        )
