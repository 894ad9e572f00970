"""Every common form of an arXiv identifier gives one canonical id; others raise an error."""

from datetime import date

import pytest

from index.arxiv.identifier import (
    Identifier,
    canonical_id,
    month_of_id,
    parse_identifier,
)
from index.arxiv.identifier_forms import id_of_bibcode
from index.errors import BadIdentifier


@pytest.mark.parametrize(
    "text",
    [
        "2401.08092",
        " 2401.08092\n",
        "arXiv:2401.08092",
        "ARXIV: 2401.08092",
        "arXiv : 2401.08092",
        "arXiv.2401.08092",
        "arXiv 2401.08092",
        "arXiv ID: 2401.08092",
        "arXiv preprint arXiv:2401.08092",
        "arXiv e-prints, arXiv:2401.08092",
        "CoRR abs/2401.08092",
        "eprint: 2401.08092",
        "oai:arXiv.org:2401.08092",
        "info:arxiv/2401.08092",
        # categories, and the stamp in the margin of a PDF
        "arXiv:2401.08092 [cs.LG]",
        "[arXiv:2401.08092]",
        "(arXiv:2401.08092 [cs.LG])",
        "arXiv:2401.08092 (cs)",
        "arXiv:2401.08092 [cs, stat]",
        "arXiv preprint arXiv:2401.08092 (2024)",
        "arXiv:2401.08092  [cs.LG]  16 Jan 2024",
        "arXiv [cs.LG] 2401.08092",
        "cs.LG/2401.08092",
        # lists of references
        "[12] arXiv:2401.08092",
        "3. 2401.08092",
        "arXiv preprint arXiv:2401.08092, 2024.",
        "CoRR, abs/2401.08092, 2024.",
        "ArXiv abs/2401.08092 (2024): n. pag.",
        "Preprint at https://arxiv.org/abs/2401.08092 (2024).",
        "Preprint at https://doi.org/10.48550/arXiv.2401.08092 (2024).",
        "Retrieved from https://arxiv.org/abs/2401.08092",
        "URL https://arxiv.org/abs/2401.08092.",
        "DBLP:journals/corr/abs-2401-08092",
        "https://dblp.org/rec/journals/corr/abs-2401-08092.html",
        "2024arXiv240108092X",
        "arXiv:2401.08092 (January 2024)",
        # arXiv's pages
        "[2401.08092] A survey of things",
        "arXiv:2401.08092 [cs.LG] (or arXiv:2401.08092v2 [cs.LG] for this version)"
        " https://doi.org/10.48550/arXiv.2401.08092 Focus to learn more",
        "Cite as:\tarXiv:2401.08092 [cs.LG]",
        "[3] arXiv:2401.08092 (cross-list from cs.LG) [pdf, html, other]",
        "arXiv:2401.08092 <https://arxiv.org/abs/2401.08092>",
        # what copying leaves
        "2401.08092,",
        "2401.08092.",
        "2401.08092/",
        "(2401.08092)",
        "«2401.08092»",
        "‹arXiv:2401.08092›",
        "“2401.08092”",
        "「2401.08092」",
        "`2401.08092`",
        "- 2401.08092",
        "• 2401.08092;",
        "\u200b2401.08092\u200b",
        "\ufeff2401.08092",
        "24\u00ad01.08092",
        "\u00a02401.08092\u00a0",
        "２４０１．０８０９２",
        "arXiv：2401.08092。",
        "<https://arxiv.org/abs/2401.08092>",
        "[A survey](https://arxiv.org/abs/2401.08092)",
        r"\url{https://arxiv.org/abs/2401.08092}",
        "2401.08092#abstract",
        "2401.08092.pdf",
        "2401.08092 (1).pdf",
        "@2401.08092",
        "\U0001f449\ufe0f https://arxiv.org/abs/2401.08092",
        "https://arxiv.org/abs/2401.08092** (2024)",
        "<https://arxiv.org/abs/2401.08092|a survey>",
        "https://arxiv.org/abs/2401.08092</a>",
        "Link to paper: https://arxiv.org/abs/2401.08092",
        "[Online]. Available: https://arxiv.org/abs/2401.08092",
        "2401.08092\u2020",
        "arXiv:[2401.08092](https://arxiv.org/abs/2401.08092)",
        r"\href{https://arxiv.org/abs/2401.08092}{\texttt{2401.08092}}",
        # broken by the end of a line, or copied in part or twice
        "2401. 08092",
        "https://arxiv.org/\nabs/2401.08092",
        "https://arxiv.org/abs/ 2401.08092",
        "ttps://arxiv.org/abs/2401.08092",
        "https://https://arxiv.org/abs/2401.08092",
        "/abs/2401.08092",
        "arXiv-2401.08092.tar.gz",
        # DOIs
        "10.48550/arXiv.2401.08092",
        "doi:10.48550/ARXIV.2401.08092",
        "DOI 10.48550/arXiv.2401.08092",
        "https://doi.org/10.48550/arXiv.2401.08092",
        "https://dx.doi.org/10.48550%2FarXiv.2401.08092.",
        "DOI: https://doi.org/10.48550/arXiv.2401.08092",
        "URL:https://arxiv.org/abs/2401.08092",
        # addresses of arXiv
        "https://arxiv.org/abs/2401.08092",
        "HTTPS://ARXIV.ORG/ABS/2401.08092",
        "http://www.arxiv.org/abs/2401.08092/",
        "https:/arxiv.org/abs/2401.08092",
        "//arxiv.org/abs/2401.08092",
        "arxiv.org/pdf/2401.08092.pdf",
        "https://arxiv.org/search/?query=2401.08092&searchtype=all",
        "https://www.arxiv-vanity.com/papers/2401.08092/",
        "https://www-arxiv-org.proxy.example.edu/abs/2401.08092",
        "http://xxx.tau.ac.il/abs/2401.08092",
        "https://example.org/lookup?arxiv_id=2401.08092",
        "arxiv.org/abs/2401.08092)",
        "https://arxiv.org/pdf/2401.08092.pdf#page=3",
        "https://arxiv.org/abs/arXiv:2401.08092?context=cs",
        "https://arxiv.org/abs/2401.08092 [cs.LG]",
        "https://export.arxiv.org/html/2401.08092?context=cs#S1",
        "https://arxiv.org/html/2401.08092/x1.png",
        "https://arxiv.org/ps/2401.08092.ps.gz",
        "https://arxiv.org/format/2401.08092",
        "https://arxiv.org/abstract/2401.08092",
        "https://arxiv.org/e-print/2401.08092",
        "https://arxiv.org/src/2401.08092/anc/table.txt",
        "https://arxiv.org/ftp/arxiv/papers/2401/2401.08092.pdf",
        "https://arxiv.org/2401.08092",
        "https://arxiv.org:443/abs/2401.08092",
        "http://de.arxiv.org/abs/2401.08092",
        "cn.arxiv.org/abs/2401.08092",
        "http://xxx.lanl.gov/abs/2401.08092",
        "http://arxiv-org.proxy.example.edu/abs/2401.08092",
        "https://export.arxiv.org/api/query?id_list=2401.08092",
        "https%3A%2F%2Farxiv.org%2Fabs%2F2401.08092",
        # addresses of others that name arXiv's id
        "https://ar5iv.org/abs/2401.08092",
        "https://ar5iv.labs.arxiv.org/html/2401.08092#S3.F2",
        "https://www.alphaxiv.org/abs/2401.08092",
        "https://www.alphaxiv.org/overview/2401.08092?chatId=7",
        "alphaxiv.org/zh/overview/2401.08092",
        "https://huggingface.co/papers/2401.08092",
        "hf.co/papers/2401.08092#community",
        "https://scirate.com/arxiv/2401.08092",
        "https://arxiv-sanity-lite.com/?rank=pid&pid=2401.08092",
        "https://api.semanticscholar.org/arXiv:2401.08092",
        "https://www.semanticscholar.org/arxiv/2401.08092",
        "https://papers.cool/arxiv/2401.08092",
        "https://ui.adsabs.harvard.edu/abs/2024arXiv240108092X/abstract",
        "https://ui.adsabs.harvard.edu/abs/arXiv:2401.08092",
        "https://web.archive.org/web/20240601000000/https://arxiv.org/abs/2401.08092",
        "https://www.google.com/url?q=https%3A%2F%2Farxiv.org%2Fabs%2F2401.08092&sa=D",
    ],
)
def test_every_form_gives_the_same_id(text: str) -> None:
    assert parse_identifier(text) == Identifier("2401.08092")


@pytest.mark.parametrize(
    ("text", "paper_id", "version"),
    [
        ("2401.08092v2", "2401.08092", 2),
        ("2401.08092 v2", "2401.08092", 2),
        ("2401.08092, v2", "2401.08092", 2),
        ("2401.08092 (v2)", "2401.08092", 2),
        ("2401.08092, version 2", "2401.08092", 2),
        ("arXiv:2401.08092v2 [cs.LG] 23 Sep 2024", "2401.08092", 2),
        ("https://arxiv.org/abs/2401.08092 v2", "2401.08092", 2),
        ("https://arxiv.org/pdf/2401.08092v12.pdf", "2401.08092", 12),
        ("https://ar5iv.labs.arxiv.org/html/2401.08092v2", "2401.08092", 2),
        ("http://arxiv.org/PS_cache/arxiv/pdf/0704/0704.0001v1.pdf", "0704.0001", 1),
        ("hep-th/9901001v3", "hep-th/9901001", 3),
        ("hep-th/9901001 v3", "hep-th/9901001", 3),
        ("0704.0001V1", "0704.0001", 1),
    ],
)
def test_a_version_is_separated_from_the_id(text: str, paper_id: str, version: int) -> None:
    assert parse_identifier(text) == Identifier(paper_id, version)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("math.GT/0309136", "math/0309136"),
        ("cond-mat.dis-nn/0303098", "cond-mat/0303098"),
        ("arXiv:cond-mat.dis-nn/0303098v2", "cond-mat/0303098"),
        ("https://arxiv.org/abs/cond-mat.dis-nn/0303098", "cond-mat/0303098"),
        ("physics.atom-ph/0303098", "physics/0303098"),
        ("HEP-TH/9901001", "hep-th/9901001"),
        ("hepth/9901001", "hep-th/9901001"),
        ("hep\u2011th/9901001", "hep-th/9901001"),
        ("hep-th%2F9901001", "hep-th/9901001"),
        ("hep-th/ 9901001", "hep-th/9901001"),
        ("hep- th/9901001", "hep-th/9901001"),
        ("arXiv.hep-th/9901001", "hep-th/9901001"),
        ("hep-th/9901001, 1999", "hep-th/9901001"),
        ("1999hep.th....1001M", "hep-th/9901001"),
        ("https://dblp.org/rec/journals/corr/hep-th-9901001", "hep-th/9901001"),
        ("https://arxiv.org/abs/cond-mat/0703470", "cond-mat/0703470"),
        ("https://arxiv.org/ftp/hep-th/papers/9901/9901001.pdf", "hep-th/9901001"),
        ("http://xxx.lanl.gov/PS_cache/hep-th/pdf/9901/9901001v1.pdf", "hep-th/9901001"),
        ("https://ui.adsabs.harvard.edu/abs/1999hep.th....1001M", "hep-th/9901001"),
        ("10.48550/arXiv.hep-th/9901001", "hep-th/9901001"),
        ("alg-geom/9202001", "alg-geom/9202001"),
    ],
)
def test_old_identifiers_lose_subject_class_and_capitals(text: str, canonical: str) -> None:
    assert canonical_id(text) == canonical


@pytest.mark.parametrize(
    "text",
    [
        "",
        "arXiv",
        "attention is all you need",
        "2401.8092",  # five digits since 2015
        "2401.080920",  # and no more
        "1412.00001",  # four digits until then
        "0703.0001",  # the old scheme was in use
        "9912.00001",  # a year that the new scheme has not reached
        "2413.00001",  # month 13 does not exist
        "2400.00001",
        "2401.00000",  # numbers start at one
        "2401.08092v0",
        "2401.08092x",
        "2401.0809²",  # a footnote
        "2401.08092 2402.00001",
        "arXiv:2401.08092, arXiv:2402.00001",
        "https://arxiv.org/abs/2401.08092 https://arxiv.org/abs/2402.00001",
        "https://arxiv.org/abs/2401.08092,https://arxiv.org/abs/2402.00001",
        "https://arxiv.org/abs/2401.08092 / https://arxiv.org/abs/2402.00001",
        "https://arxiv.org/abs/2401.08092 https://arxiv.org/abs/2402.00001v1",
        "2401.08092 https://arxiv.org/abs/2402.00001",
        "2401.08092, 2402",
        "2401.08092 - 2401.08095",
        "corr/abs/2401.0809a",
        "[2401.08092] [2402.00001]",
        "$2401.08092",
        "hep-th/0704001",  # the new scheme was in use
        "hep-th/9913001",
        "hep-th/9901000",
        "no-such/9901001",
        "0303098",
        "cs.CL/2401",
        "https://example.org/abs/2401.08092",
        "https://huggingface.co/datasets/2401.08092",
        "https://arxiv.org/list/cs.CL/2401",
        "https://arxiv.org",
        "10.1000/2401.08092",
        "https://doi.org/10.1145/2401.08092",
        "+49 2401.08092",
        "2401.08092-55",
        "1-2401.08092",
        "20.01.2024",
        "2024.0115",
        "v2401.08092.1",
        "2401.08092 EUR",
        "2401.08092%",
        "2401.08092 (great)",
        "2401.08092 [cs.LG] is great",
        "see 2401.08092",
        "reply to arXiv:2401.08092",
        "papers like 2401.08092",
        "what does arXiv:2401.08092 say?",
        "2401.٠٨٠٩٢",  # digits, but not those of an arXiv id
    ],
)
def test_anything_else_is_refused_with_the_accepted_forms(text: str) -> None:
    with pytest.raises(BadIdentifier, match=r"Accepted forms: 2401\.08092, "):
        parse_identifier(text)


def test_the_error_does_not_repeat_a_long_text() -> None:
    with pytest.raises(BadIdentifier) as refusal:
        parse_identifier("x" * 100_000)
    assert len(str(refusal.value)) < 300


def test_a_text_longer_than_any_address_is_refused() -> None:
    assert canonical_id("https://arxiv.org/abs/2401.08092?context=" + "c" * 1_000) == "2401.08092"
    with pytest.raises(BadIdentifier):
        parse_identifier("https://arxiv.org/abs/2401.08092?context=" + "c" * 2_000)


@pytest.mark.parametrize(
    ("bibcode", "paper_id"),
    [
        ("2024arXiv240108092X", "2401.08092"),
        ("2012arXiv1207.1234S", "1207.1234"),
        ("1999hep.th....1001M", "hep-th/9901001"),
        ("2003math......9136K", "math/0309136"),
        ("2003cond.mat..3098S", "cond-mat/0303098"),
        ("1998quant.ph.12037Z", "quant-ph/9812037"),
        ("2016PhRvL.116f1102A", None),
        ("2012arXiv12071234S", None),
    ],
)
def test_a_bibcode_of_a_preprint_has_its_id(bibcode: str, paper_id: str | None) -> None:
    assert id_of_bibcode(bibcode) == paper_id


@pytest.mark.parametrize(
    ("paper_id", "month"),
    [
        ("2401.08092", date(2024, 1, 1)),
        ("0704.0001", date(2007, 4, 1)),
        ("hep-th/9912001", date(1999, 12, 1)),
    ],
)
def test_the_month_of_an_id(paper_id: str, month: date) -> None:
    assert month_of_id(paper_id) == month
