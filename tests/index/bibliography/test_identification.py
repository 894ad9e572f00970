"""The arXiv id and the DOI of a reference are found in whatever field says them."""

import pytest

from index.bibliography.bibtex import read_bibtex
from index.bibliography.identification import arxiv_id_of, doi_of

SURVEY = "2401.08092"
HEP = "hep-th/9901001"


def arxiv_id(fields: str, key: str = "a") -> str | None:
    (entry,) = read_bibtex(f"@misc{{{key}, {fields}}}", 2)
    return arxiv_id_of(entry.key, entry.fields)


def doi(fields: str) -> str | None:
    (entry,) = read_bibtex(f"@misc{{a, {fields}}}", 2)
    return doi_of(entry.fields)


@pytest.mark.parametrize(
    "fields",
    [
        # named for it
        "arxiv = {2401.08092}",
        "arxiv = {arXiv:2401.08092v2}",
        "arxivid = {2401.08092}",
        "arxiv_id = {2401.08092}",
        "arxivnumber = {2401.08092}",
        "url_arXiv = {https://arxiv.org/abs/2401.08092}",
        "url_arXiv = {2401.08092}",
        "eprintid = {2401.08092}",
        "eprint = {abs/2401.08092}, archiveprefix = {arXiv}",
        # addresses
        *(
            f"{name} = {{https://arxiv.org/abs/2401.08092}}"
            for name in "url link pdf html ee epub bdsk-url-1 bdsk-url-2 website preprint".split()
        ),
        "link = {https://huggingface.co/papers/2401.08092}",
        "link = {https://www.alphaxiv.org/abs/2401.08092}",
        "html = {https://ar5iv.labs.arxiv.org/html/2401.08092}",
        "doi = {https://doi.org/10.48550/arXiv.2401.08092}",
        "url = {https://doi.org/10.48550/arXiv.2401.08092}",
        r"url = {http://arxiv.org/abs/2401.08092 https://doi.org/10.1000/1}",
        r"file = {arXiv Fulltext PDF:http\://arxiv.org/pdf/2401.08092v1.pdf:application/pdf}",
        "biburl = {https://dblp.org/rec/journals/corr/abs-2401-08092.bib}",
        "adsurl = {https://ui.adsabs.harvard.edu/abs/2024arXiv240108092X}",
        "adsurl = {http://adsabs.harvard.edu/abs/2024arXiv240108092X}",
        r"howpublished = {\url{https://arxiv.org/abs/2401.08092}}",
        r"note = {arXiv:\href{https://arxiv.org/abs/2401.08092}{2401.08092}}",
        r"note = {\href{https://ar5iv.org/abs/2401.08092}{online}}",
        # mentions
        *(
            f"{name} = {{arXiv preprint arXiv:2401.08092}}"
            for name in (
                "journal booktitle institution series publisher howpublished number volume pages "
                "eid reportnumber report-number type note addendum organization"
            ).split()
        ),
        "journal = {Probability Theory and Related Fields, arXiv:2401.08092}",
        "journal = {Comments on Modern Physics, arXiv:2401.08092}",
        "journal = {Annual Review of Vision Science, arXiv:2401.08092}",
        "journal = {CoRR}, volume = {abs/2401.08092}",
        "journal = {arXiv}, pages = {2401.08092}",
        "institution = {arXiv}, number = {2401.08092}",
        "note = {arXiv preprint}, volume = {2401.08092}",
        "eprinttype = {arXiv}, eid = {2401.08092}",
        "SLACcitation = {%%CITATION = ARXIV:2401.08092;%%}",
        r"journal = {{\tt arXiv}:~2401.08092 {\tt [cs.LG]}}",
        # notes about the paper itself
        "note = {Preprint, arXiv:2401.08092 (2024)}",
        "note = {Also available as arXiv:2401.08092}",
        "note = {Full version: arXiv:2401.08092}",
        "note = {Extended version available at arXiv:2401.08092}",
        "note = {Published version of arXiv:2401.08092}",
        "note = {An extended version of this paper is available as arXiv:2401.08092}",
        "note = {Long version of the paper: arXiv:2401.08092}",
        "note = {To appear; see arXiv:2401.08092}",
        "tex.eprint = {2401.08092}",
        "note = {Accepted at a conference. arXiv:2401.08092}",
        "note = {Reply to Smith et al. (2020). arXiv:2401.08092}",
        "note = {Comment on arXiv:2402.00001; arXiv:2401.08092}",
        "annote = {arXiv: 2401.08092}",
        r"note = {\arxiv{2401.08092}}",
        r"note = {\eprint{2401.08092}}",
        "note = {Review of Economic Studies, forthcoming, arXiv:2401.08092}",
        r"note = {ar{$\chi$}iv:2401.08092}",
        "journal = {arXiv preprint arXiv:2401.\n  08092}",
        "note = {arXiv:2401.08092 [cs]\nComment: 12 pages. text overlap with arXiv:2402.00001}",
        "note = {To appear in Probability Theory and Related Fields, arXiv:2401.08092}",
        "note = {In Proceedings of a conference, arXiv:2401.08092}",
        "source = {arXiv.org}, number = {2401.08092}",
        "custom.arxiv = {2401.08092}",
    ],
)
def test_the_id_of_the_entry_is_found(fields: str) -> None:
    assert arxiv_id(fields) == SURVEY


@pytest.mark.parametrize(
    "fields",
    [
        "eprint = {hep-th/9901001}",
        "eprint = {9901001}, archiveprefix = {arXiv}, primaryclass = {hep-th}",
        "eprint = {9901001}, archive = {hep-th}",
        "eprint = {9901001}, archiveprefix = {hep-th}",
        "note = {hep-th/9901001}",
        "number = {HEP-TH/9901001}",
        "SLACcitation = {%%CITATION = HEP-TH/9901001;%%}",
        "url = {http://xxx.lanl.gov/abs/hep-th/9901001}",
        "url = {http://arxiv.org/PS_cache/hep-th/pdf/9901/9901001v1.pdf}",
        "adsurl = {http://adsabs.harvard.edu/abs/1999hep.th....1001M}",
        "biburl = {https://dblp.org/rec/journals/corr/hep-th-9901001}",
    ],
)
def test_an_old_id_is_found(fields: str) -> None:
    assert arxiv_id(fields) == HEP


@pytest.mark.parametrize(
    "key", ["DBLP:journals/corr/abs-2401-08092", "2024arXiv240108092X", "arXiv:2401.08092"]
)
def test_the_key_of_an_entry_can_be_its_id(key: str) -> None:
    assert arxiv_id("title = {T}", key) == SURVEY
    assert arxiv_id("url = {https://arxiv.org/abs/hep-th/9901001}", key) == HEP


@pytest.mark.parametrize(
    "fields",
    [
        "note = {Reply to arXiv:2401.08092}",
        "note = {Reply to Smith, arXiv:2401.08092}",
        "note = {Comment on arXiv:2401.08092}",
        "note = {A comment on the paper of Smith et al., arXiv:2401.08092}",
        "note = {Extended version of arXiv:2401.08092}",
        "note = {This is a revised version of arXiv:2401.08092}",
        "note = {See also arXiv:2401.08092}",
        "note = {see also \\url{https://arxiv.org/abs/2401.08092}}",
        "note = {cf. arXiv:2401.08092}",
        r"howpublished = {Comment on \url{https://arxiv.org/abs/2401.08092}}",
        "related_arxiv = {2401.08092}",
        "note = {Companion paper to arXiv:2401.08092}",
        "note = {Superseded by arXiv:2401.08092}",
        "note = {Supersedes arXiv:2401.08092}",
        "note = {Extended version of our paper arXiv:2401.08092}",
        "note = {Also see arXiv:2401.08092}",
        "note = {Response by Jones: arXiv:2401.08092}",
        "note = {Companion: arXiv:2401.08092}",
        "note = {Contains material from arXiv:2401.08092}",
        "note = {Erratum to arXiv:2401.08092}",
        "note = {Follow-up of arXiv:2401.08092}",
        "note = {Builds on arXiv:2401.08092}",
        "note = {Code for arXiv:2401.08092}",
        "note = {Generalizes hep-th/9901001}",
        "note = {Related work: arXiv:2401.08092}",
        "addendum = {Response to arXiv:2401.08092}",
        # comments of authors, as Zotero and Better BibTeX store them
        "note = {Comment: 12 pages. To appear; see also https://arxiv.org/abs/2401.08092}",
        "note = {Comment: In Proceedings F-IDE 2014, arXiv:2401.08092}",
        "note = {15 pages. arXiv admin note: substantial text overlap with arXiv:2401.08092}",
        "note = {In Proceedings F-IDE 2014, arXiv:2401.08092}",
        "note = {text overlap with arXiv:2401.08092 by other authors}",
        "comment-alice = {compare https://arxiv.org/abs/2401.08092}",
        "eprint = {https://example.org/doi/pdf/10.1000/2401.08092}",
        "note = {Review of arXiv:2401.08092}",
        "note = {Merged with arXiv:2401.08092}",
        "note = {Subsumed by arXiv:2401.08092}",
        "note = {Split from arXiv:2401.08092}",
        "note = {Part I: arXiv:2401.08092}",
        "note = {Earlier paper: arXiv:2401.08092}",
        "note = {Fixes a gap in arXiv:2401.08092}",
        "note = {Joint with arXiv:2401.08092}",
        "note = {Related: arXiv:2401.08092}",
        "title = {Comment on arXiv:2401.08092}",
        "abstract = {We refute arXiv:2401.08092, see https://arxiv.org/abs/2401.08092}",
        "keywords = {arXiv:2401.08092}",
        "related = {arXiv:2401.08092}",
        "annote = {Their method is that of Smith and others, which is arXiv:2401.08092}",
        "eprint = {2401.08092}, eprinttype = {jstor}",
        "eprint = {2024/1806}, howpublished = {Cryptology ePrint Archive, Paper 2024/1806}",
        "pages = {2401.08092}, journal = {Journal of Numbers}",
        "note = {pp. 2401.08092}",
        "url = {https://example.org/abs/2401.08092}",
        "doi = {10.1145/2401.08092}, publisher = {ACM}",
        "adsurl = {https://ui.adsabs.harvard.edu/abs/2018MNRAS.481.2901J}",
        "biburl = {https://dblp.org/rec/journals/corr/VaswaniSPUJGKP17.bib}",
        "note = {arXiv:2413.00001}",
    ],
)
def test_the_id_of_another_paper_is_not_taken(fields: str) -> None:
    assert arxiv_id(fields) is None


@pytest.mark.parametrize(
    "weaker",
    [
        "doi = {10.48550/arXiv.2402.00001}",
        "url = {https://arxiv.org/abs/2402.00001}",
        "journal = {arXiv:2402.00001}",
        "note = {arXiv:2402.00001}",
    ],
)
def test_fields_that_disagree_have_an_order(weaker: str) -> None:
    ordered = [
        "eprint = {2401.08092}",
        "doi = {10.48550/arXiv.2401.08092}",
        "url = {https://arxiv.org/abs/2401.08092}",
        "journal = {arXiv:2401.08092}",
        "note = {arXiv:2401.08092}",
    ]
    rank = next(n for n, one in enumerate(ordered) if one.split(" ")[0] == weaker.split(" ")[0])
    for stronger in ordered[:rank]:
        assert arxiv_id(f"{weaker}, {stronger}") == SURVEY


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("doi = {10.1000/ABC}", "10.1000/abc"),
        ("doi = {https://doi.org/10.1000/abc}", "10.1000/abc"),
        ("link = {https://dx.doi.org/10.1000/abc}", "10.1000/abc"),
        ("ee = {https://doi.org/10.1000/abc}", "10.1000/abc"),
        ("bdsk-url-1 = {http://dx.doi.org/10.1000/abc}", "10.1000/abc"),
        ("html = {https://www.example.org/articles/10.1000/abc/full}", "10.1000/abc"),
        ("pdf = {https://link.example.com/content/pdf/10.1000/abc.pdf}", "10.1000/abc"),
        ("note = {DOI: 10.1000/abc}", "10.1000/abc"),
        ("number = {doi:10.1000/abc}", "10.1000/abc"),
        ("doi = {10.48550/arXiv.2401.08092}, url = {https://doi.org/10.1000/abc}", "10.1000/abc"),
        ("doi = {10.48550/arXiv.2401.08092}", "10.48550/arxiv.2401.08092"),
        ("note = {Erratum, doi:10.1000/abc}", None),
        ("abstract = {doi:10.1000/abc}", None),
    ],
)
def test_a_doi_is_found_also_in_an_address(fields: str, expected: str | None) -> None:
    assert doi(fields) == expected
