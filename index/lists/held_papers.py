"""Papers of the catalogue together with their tags, as every answer needs them."""

from collections.abc import Sequence
from dataclasses import dataclass

from index.arxiv.paper import Paper
from index.catalogue.catalogue import Catalogue
from index.catalogue.rows import Entry
from index.catalogue.tags import Tag


@dataclass(frozen=True, slots=True)
class HeldPaper:
    """A catalogue entry and the tags that its paper carries."""

    entry: Entry
    tags: list[Tag]

    @property
    def paper(self) -> Paper:
        """The paper itself."""
        return self.entry.paper


def held_papers(catalogue: Catalogue, numbers: Sequence[int]) -> list[HeldPaper]:
    """Return the papers with these catalogue numbers, in this order.

    The number of queries does not depend on the number of papers. Example::

        for held in held_papers(catalogue, [7, 2]):
            print(held.paper.title, [tag.label for tag in held.tags])

    Raises KeyError if the catalogue has no paper with one of the numbers.
    """
    entries = catalogue.entries(numbers)
    tags = catalogue.tags.of(numbers)
    return [HeldPaper(entries[number], tags[number]) for number in numbers]
