"""A digest as text and as an HTML document: what it says, and that nothing in it takes effect."""

import re
from dataclasses import replace

import html5lib
import pytest

from api.digests.page import digest_page
from api.digests.text import digest_text
from api.digests.wording import subject
from index.digests.groups import DigestGroup
from tests.api.digests.made import META, PAPER, WITHOUT_SCORE, made_digest
from tests.support.hostile import HOSTILE

HOSTILE_PAPERS = [
    replace(
        PAPER,
        id=one.id,
        title=one.title,
        summary=one.abstract,
        authors=list(one.authors),
        categories=list(one.categories),
        reasons=replace(PAPER.reasons, terms=[one.title[:300]], liked=[one.title[:300]]),
    )
    for one in HOSTILE
]


def test_the_text_has_everything_about_a_paper() -> None:
    text = digest_text(made_digest([PAPER], [WITHOUT_SCORE]))
    assert text.startswith(
        "2 new papers since 2026-03-02\n\n"
        "Near 1 papers of my.bib\n-----------------------\n\n"
        "1. Pruning large networks in O(n log n) [71.2]\n"
        '   Ä. Author, B. "Bee" Writer\n'
        "   2026-02-27, cs.LG, cs.CL\n"
        "   https://arxiv.org/abs/2603.00001\n"
        "   https://arxiv.org/pdf/2603.00001\n"
        "   We prune networks. É costs 5%.\n"
        "   Why: like “Optimal Brain Damage” and “arXiv:2401.00002”; in common:\n"
        "   pruning, sparsity\n\n"
        "Near 2 papers"
    )
    assert "\n2. Strings\n   authors unknown\n   submission day unknown\n   https://" in text
    assert "5,000 papers in release r1." in text


def test_what_is_left_out_is_said() -> None:
    cut = DigestGroup("For “x”", "No paper contains “x”.", 500, [PAPER], 3, 1, 2)
    none = DigestGroup("New papers", None, 0, [])
    digest = made_digest(groups=[cut, none], waiting=2, others=1)
    text = " ".join(digest_text(digest).split())
    for sentence in (
        "No paper contains “x”.",
        "1 other is not in this catalogue.",
        "2 entries were read in part or by a guess",
        "At least 499 more new papers matched; --limit lists more of them.",
        "No new papers.",
        "2 new papers are not in the release yet; run `seealso update`.",
        "1 paper stored since then is older, so it is not listed as new.",
    ):
        assert sentence in text
        assert sentence in " ".join(_text_of(digest_page(digest)).split())


def test_a_stale_catalogue_is_said() -> None:
    stale = made_digest([], meta=replace(META, stale=True))
    assert "Stale: the first harvest is not complete." in digest_text(stale).replace("\n", " ")
    assert digest_text(stale).startswith("No new papers since 2026-03-02\n")


def test_the_subject_has_count_source_and_day() -> None:
    assert subject(made_digest([PAPER])) == "1 new paper near 1 papers of my.bib, 2026-03-03"
    assert subject(made_digest([], [PAPER, WITHOUT_SCORE], [PAPER])) == (
        "3 new papers near 2 papers of my.bib and 1 more list, 2026-03-03"
    )
    assert subject(made_digest([])) == "no new papers near 1 papers of my.bib, 2026-03-03"
    newest = DigestGroup("New papers", None, 1, [PAPER])
    assert subject(made_digest(groups=[newest])) == "1 new paper, 2026-03-03"


def test_lines_of_hostile_texts_are_short_and_printable() -> None:
    digest = made_digest(HOSTILE_PAPERS)
    text = digest_text(digest)
    assert max(map(len, text.splitlines())) <= 76
    assert all(char.isprintable() or char == "\n" for char in text)
    page = digest_page(digest)
    assert all(char.isprintable() or char == "\n" for char in page)


def test_a_page_loads_and_runs_nothing() -> None:
    tree = html5lib.parse(digest_page(made_digest(HOSTILE_PAPERS)), namespaceHTMLElements=False)
    used = {one.tag for one in tree.iter() if isinstance(one.tag, str)}
    assert used <= set("html head meta title style body div h1 h2 h3 p a span br".split())
    attributes = {name for one in tree.iter() for name in one.attrib}
    assert attributes <= set("lang charset name content class style href role".split())
    addresses = {one.attrib["href"] for one in tree.iter("a")}
    assert all(re.fullmatch(r"https://arxiv\.org/(abs|pdf)/[\w./-]+", one) for one in addresses)
    assert "url(" not in digest_page(made_digest([PAPER]))


def test_a_page_has_everything_about_a_paper() -> None:
    page = digest_page(made_digest([PAPER]))
    text = " ".join(_text_of(page).split())
    for said in (
        "1 new paper since 2026-03-02",
        "Pruning large networks in O(n log n) 71.2",
        'Ä. Author, B. "Bee" Writer',
        "2026-02-27, cs.LG, cs.CL · arXiv:2603.00001 · PDF",
        "We prune networks. É costs 5%.",
        "Why: like “Optimal Brain Damage” and “arXiv:2401.00002”; in common: pruning, sparsity",
    ):
        assert said in text
    assert 'href="https://arxiv.org/pdf/2603.00001"' in page


@pytest.mark.parametrize("papers", [[], [PAPER], HOSTILE_PAPERS])
def test_a_page_has_no_parse_error(papers: list[object]) -> None:
    parser = html5lib.HTMLParser(strict=True)
    parser.parse(digest_page(made_digest(papers)))  # type: ignore[arg-type]


def _text_of(page: str) -> str:
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    return "".join(tree.find("body").itertext())
