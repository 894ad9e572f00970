"""Tags of many papers at once."""

from dataclasses import replace

from index.arxiv.withdrawal.decision import Withdrawal
from index.catalogue.catalogue import Catalogue
from index.catalogue.tags import Tag
from tests.support.two_papers import OTHER, PAPER


def test_tags_of_more_papers_than_sqlite_takes_parameters(empty_catalogue: Catalogue) -> None:
    empty_catalogue.store([PAPER, replace(OTHER, withdrawal=Withdrawal.FLAG)])
    given = Tag("survey", "pruning", 0.5)
    empty_catalogue.tags.replace("survey", "tagger", [(2, [given])])
    tags = empty_catalogue.tags.of(range(1, 300_001))
    assert len(tags) == 300_000
    assert [number for number, found in tags.items() if found] == [2]
    assert tags[2] == [given]
    labels = [f"label {number}" for number in range(300_000)]
    assert empty_catalogue.tags.count_papers("survey", [*labels, "pruning"]) == 1
