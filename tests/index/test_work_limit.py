"""The work of a request ends at its limit: between steps, and within a statement of SQLite."""

import threading
from collections.abc import Callable
from contextvars import copy_context
from pathlib import Path

import pytest

from index.arxiv.paper import Paper
from index.catalogue.catalogue import Catalogue, open_catalogue, read_catalogue
from index.errors import TooMuchWork
from index.lists.finder import RelatedFinder
from index.lists.options import ListOptions
from index.lists.recommend import recommend
from index.lists.reference_matching import match_references
from index.lists.references import Reference
from index.releases.release import Release
from index.work_limit import WorkLimit, check_work, current_limit
from tests.conftest import SURVEY

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


def test_work_without_a_limit_goes_on() -> None:
    assert current_limit() is None
    check_work()


def test_work_ends_at_its_limit_in_every_thread_with_its_context() -> None:
    with WorkLimit(0).applied():
        context = copy_context()
        with pytest.raises(TooMuchWork, match="needs more than 0 seconds"):
            check_work()
    check_work()
    with pytest.raises(TooMuchWork):
        context.run(check_work)


def test_another_thread_cancels_work() -> None:
    limit = WorkLimit(3_600)
    limit.check()
    canceller = threading.Thread(target=limit.cancel)
    canceller.start()
    canceller.join()
    with pytest.raises(TooMuchWork):
        limit.check()


@pytest.mark.parametrize("seconds", [0, 0.05, 3_600])
def test_a_statement_is_interrupted(tmp_path: Path, seconds: float) -> None:
    with open_catalogue(tmp_path) as catalogue:
        catalogue.store([Paper("2401.00001", "A title")])
    limit = WorkLimit(seconds)
    timer = threading.Timer(0.05, limit.cancel)
    timer.start()
    with (
        pytest.raises(TooMuchWork, match="the request was stopped"),
        limit.applied(),
        read_catalogue(tmp_path) as reader,
    ):
        reader._db.execute(ENDLESS)
    timer.join()
    with read_catalogue(tmp_path) as reader:
        assert reader.count() == 1


@pytest.mark.parametrize(
    "work",
    [
        lambda finder: recommend(finder, [SURVEY]),
        lambda finder: finder.related(SURVEY, ListOptions(limit=20, diversity=0.5)),
        lambda finder: match_references(finder.catalogue, [Reference("k", "A survey of all")]),
    ],
    ids=["recommend", "related", "references"],
)
def test_long_computations_check_the_limit(
    built_data: Path, release: Release, work: Callable[[RelatedFinder], object]
) -> None:
    with read_catalogue(built_data) as catalogue:
        finder = RelatedFinder(catalogue, release)
        work(finder)
        with WorkLimit(0).applied(), pytest.raises(TooMuchWork):
            work(finder)


def test_each_distinct_title_is_looked_up_once(empty_catalogue: Catalogue) -> None:
    empty_catalogue.store([Paper("2401.00001", "The models of the language")])
    searches: list[str] = []
    empty_catalogue._db.conn.set_trace_callback(
        lambda statement: searches.append(statement) if "MATCH" in statement else None
    )
    titles = ["The models of the language", "The models of another language"]
    references = [Reference(f"k{number}", titles[number % 2]) for number in range(9_000)]
    matches = match_references(empty_catalogue, references)
    assert len(searches) == 2
    assert [one.paper_id for one in matches.matched] == ["2401.00001"]
    assert len(matches.unmatched) == 4_500
