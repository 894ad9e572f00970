"""Tables of wordings: those that announce a withdrawal, and those that only use such words."""

import pytest

from index.arxiv.withdrawal.words import sentence_states, state_withdrawal

OWN_ID = "2401.00007"

COMMENTS = [  # of a paper with two versions
    "Paper withdrawn",
    "The authors have withdrawn this paper",
    "We withdraw this submission",
    "Retracted by the authors",
    "Submission has been withdrawn",
    "This article has been removed by arXiv administrators",
    "withdrawn due to an error in Lemma 2",
    "The paper is being withdrawn",
    "I withdraw this paper",
    "This paper has been withdrawn and replaced by arXiv:2301.00001",
    "has been withdrawn and replaced by arXiv:2301.00001",
    "12 pages, 3 figures, withdrawn",
    "12 pages (withdrawn)",
    "v1: 12 pages; v2: withdrawn",
    "Version 2 withdrawn due to a crucial error",
    "This paper, submitted to JHEP, has been withdrawn due to an error",
    "This manuscript (12 pages) has been withdrawn",
    "This paper was found to contain an error and has been withdrawn",
    "Due to an error in Section 3 this paper is hereby withdrawn",
    "We have decided to withdraw this article from arXiv",
    "Please withdraw this paper",
    "Withdrawn at the request of the authors",
    "Withdrawal requested by the author",
    "Author requested withdrawal",
    "{\\bf This paper has been withdrawn}",
    "*** WITHDRAWN ***",
    "[withdrawn]",
    "Superseded by arXiv:2301.00001. This paper has been withdrawn.",
    "This paper has been withdrawed by the author",
    "An error was found in Theorem 1, therefore withdrawn",
    "Contains a fatal error; withdrawn",
    "arXiv admin note: withdrawn by arXiv admins due to plagiarism",
    "The submitter has withdrawn this submission",
    "This paper has been retracted.",
    "The paper is retracted due to a flaw in the main proof",
    "This submission is withdrawn, see arXiv:2301.00001 instead",
    "We hereby withdraw the manuscript because of a mistake",
    "We are withdrawing this paper because it is wrong",
    "The author withdraws this paper",
    "The authors would like to withdraw this preprint",
    "All authors have agreed to withdraw the paper",
    "We retract this paper",
    "This preprint has been withdrawn by its authors for further revision",
    "Withdrawn from arXiv",
    "This paper has been taken down at the request of the authors",
    "arXiv:2401.00007 has been withdrawn by the authors",
    "This paper has been deleted by the author",
    "Accepted at ICML 2020. This paper has been withdrawn due to an error",
    "Paper has been withdrawn by the author",
    "the paper was withdrawn",
    "This work is withdrawn",
    "This paper and its supplement have been withdrawn",
    "Withdrawn: superseded by 1501.00001",
    "Temporarily withdrawn",
    "The paper had to be withdrawn because of an error",
    "This paper had been withdrawn by the authors due to an error in the code",
    "Author has withdrawn the paper",
    "Manuscript has been withdrawn for major corrections",
    "We have withdrawn our paper",
    "We regret to withdraw this manuscript",
    "Article retracted",
    "This article has been withdrawn by the arXiv administrators",
    "Withdrawn by author",
    "paper is withdrawn by the first author",
    "An important mistake was found. We withdraw the paper.",
    "we found an error and the paper has therefore been withdrawn",
    "This paper has been withdrawn because it was submitted by mistake",
    "Withdrawn. Submitted in error",
    "This paper is no longer valid and has been withdrawn",
    "The authors have retracted this manuscript",
    "the present submission is withdrawn",
    "the authors request that this paper be withdrawn",
    "The article was withdrawn by the authors owing to an inconsistency",
    "This paper is wrong and withdrawn",
    "This paper has been superseded and withdrawn",
    "The results are not correct and the paper is withdrawn",
    "This paper stands withdrawn",
    "Withdrawn upon request of the author",
    "Withdrawn per author request",
    "Withdrawn and merged into arXiv:2301.00001",
    "This workshop paper has been withdrawn",
    "Withdrawn in favor of arXiv:2301.00001",
    "Error in main theorem, paper withdrawn",
    "Main result is wrong -- withdrawn",
    "arXiv withdrew this paper",
    "arXiv admins have withdrawn this paper due to plagiarism",
    "There is an error in Lemma 2, which forces us to withdraw the paper",
    "Could not fix the error, so we withdraw the paper",
    "Retraction of this article because of a mistake",
    "Authors have decided to retract this work",
    "We are sorry, but this manuscript was withdrawn",
    "Admin note: this submission was withdrawn at the request of the authors",
    "Note: paper withdrawn, see arXiv:2301.00001",
    "The authors have withdrawn this submission due to S. Smith's counterexample",
    "Paper withdrawn by the authors, see ref. 3",
    "This paper has been withdrawn by A. Author",
    "I have to withdraw this article",
    "withdrawn by the authors because of an error in eq. 3",
    "The work has been withdrawn as the analysis was flawed",
    "This is a withdrawn paper",
    "This is a duplicate submission and has been withdrawn",
    "This paper is a duplicate of arXiv:2301.00001 and has been withdrawn",
    "Author withdrew paper",
    "This paper withdrawn by author",
    "Superseded by arXiv:2301.00001, withdrawn",
    "I am withdrawing this submission",
    "The paper contains an error and we withdraw it",
    "Accepted at AAAI 2020, but there is an error in Lemma 2, so we withdraw it",
    "Withdrawn because the main theorem is false",
    "Withdrawn --- see arXiv:2301.00001",
    "(Withdrawn by the author)",
    "Please note that this paper has been withdrawn",
    "This submission is withdrawn by the author for further improvement",
    "RETRACTED ARTICLE",
    "This paper has been removed from arXiv",
    "This version withdrawn by arXiv administrators because of a copyright claim",
    "Duplicate submission, withdrawn",
    "Duplicate of arXiv:2301.00001, withdrawn",
    "This paper was merged into arXiv:2301.00001 and withdrawn",
    "This chapter has been withdrawn by the author",
    "This review has been withdrawn by the authors",
    "These lecture notes have been withdrawn",
    "withdrawn--error in proof",
    "This paper is superseded by arXiv:2301.00001 and withdrawn",
    "Withdrawn 3 May 2012",
    "withdrawn awaiting revision",
]

OTHER_COMMENTS = [  # of a paper with three versions
    "Supersedes arXiv:2301.00001, which has been withdrawn by the authors",
    "withdrawn from ICLR 2026 after review; this is the extended version",
    "Withdrawn from ICLR 2026 after review; this is the extended version",
    "Comment on a claim withdrawn by its authors",
    "v2 was withdrawn by mistake",
    "v2 was withdrawn by mistake; this is v3",
    "not withdrawn",
    "This paper has not been withdrawn",
    "This paper was withdrawn from the journal",
    "The submission was withdrawn from Nature",
    "ICLR 2026 withdrawn submission",
    "Submitted to ICLR 2025 (withdrawn)",
    "ICLR 2024 (Withdrawn)",
    "The withdrawn drug rofecoxib is discussed",
    "Extended version of the withdrawn paper arXiv:2301.00001",
    "Replaces the withdrawn arXiv:2301.00001",
    "An earlier version of this paper was withdrawn",
    "Version 1 of this paper was withdrawn",
    "Section 6 withdrawn",
    "Theorem 3 of this paper has been withdrawn",
    "The dataset used in this paper has been withdrawn",
    "This paper supersedes arXiv:2301.00001, now withdrawn",
    "12 pages; the code has been removed",
    "This paper may be withdrawn at any time",
    "We will withdraw this paper if a better proof appears",
    "Comment on arXiv:2301.00001; the authors have since withdrawn their paper",
    "Comment on arXiv:2301.00001; the paper has been withdrawn by its authors",
    "Reply to arXiv:2301.00001. The authors have withdrawn the paper.",
    "This paper is being unwithdrawn",
    "Previously withdrawn; now restored",
    "This paper was withdrawn in error and is now restored",
    "This paper was erroneously withdrawn",
    "Data on cash withdrawals and water withdrawn from rivers",
    "Withdrawn from submission to Phys. Rev. D",
    "Accepted but withdrawn from AIAA Scitech 2017",
    "Accepted at NeurIPS 2023, but withdrawn by the authors",
    "Submitted to Software Practice & Experience; Withdrawn after 3 month negotiation",
    "In this version the incorrect Theorem 4 has been removed",
    "The previous version has been withdrawn",
    "v1 withdrawn, v2 is the corrected version",
    "v1 withdrawn due to an error; v2 corrected",
    "The authors withdrew the submission from NeurIPS 2022 during the rebuttal",
    "We withdrew our submission from ICLR 2025",
    "Erratum: the claim in Section 3 is withdrawn",
    "We retract the claim made in Section 5",
    "In response to arXiv:2301.00001 (withdrawn)",
    "Superseded version of arXiv:2301.00001 (withdrawn)",
    "Analyses papers withdrawn from arXiv",
    "A study of papers retracted by the authors",
    "The paper studied here was retracted by the journal",
    "This paper has been removed from the proceedings",
    "This paper was withdrawn from consideration at JMLR",
    "Conference version withdrawn",
    "The conference version was withdrawn by the authors",
    "The journal submission was withdrawn",
    "arXiv:2301.00001 has been withdrawn by the authors",
    "arXiv:2301.00001v2 was withdrawn; this paper corrects the error",
    "Appendix withdrawn",
    "An erratum withdrawn by the authors",
    "See also arXiv:2301.00001 (withdrawn by the authors)",
    "We thank the author who withdrew the paper",
    "This paper has never been withdrawn",
    "Retracted schwa in Idu Mishmi",
    "This is the revised version of a paper withdrawn by the authors",
    "The authors of [3] have withdrawn the paper",
    "Note: the paper by Smith et al. has been withdrawn",
    "Typos throughout the paper were removed",
    "NeurIPS 2023: withdrawn",
    "OpenReview: withdrawn",
    "Withdrawn at AISTATS",
    "Withdrawn prior to publication in JHEP",
    "The workshop paper was withdrawn",
    "Our conference submission was withdrawn",
    "Withdrawal of the UK from the EU",
    "Withdrawal in opioid users",
    "Withdrawal from the EU",
    "Withdrawn before publication",
    "This work was withdrawn from the market",
    "Work on cash withdrawn from ATMs",
    "Manuscript withdrawn from Physical Review Letters",
    "We withdraw from the competition",
    "This version corrects the withdrawn v2",
    "The withdrawal of this paper was reversed",
    "Paper unwithdrawn",
    "This article isn't withdrawn",
    "Some figures have been removed by arXiv administrators",
    "Figures removed due to size",
    "Sections 4 and 5 of the paper were removed",
    "Comments on a retracted paper",
    "The retracted article by Smith is refuted",
    "Supersedes the retracted arXiv:2301.00001",
    "Rejected from ICLR, withdrawn from NeurIPS",
    "ICML 2023 submission, withdrawn after rebuttal",
    "Withdrawn from EMNLP, will be resubmitted",
    "Papers withdrawn by arXiv administrators are studied",
    "Companion of arXiv:2301.00001 (withdrawn)",
    "12 pages. Replaces arXiv:2301.00001. It has been withdrawn.",
    "The talk was withdrawn",
    "Our earlier submission was withdrawn by us",
    "This is the version that was accepted at AAAI and was withdrawn",
    "This paper was previously submitted to ICLR 2025 and withdrawn",
    "CVPR 2024 withdrawn; ECCV 2024 accepted",
    "The paper arXiv:2301.00001 has been withdrawn by the authors",
    "Formerly at ICLR (withdrawn by the authors)",
    "This version withdraws the claim of Theorem 5",
    "Smith et al. have withdrawn their paper",
    "Withdrawn from JMLR, now on arXiv",
    "Withdrawn and resubmitted to another journal",
    "This paper was accepted at AAAI but we withdrew it",
    "This paper was accepted at AAAI but was withdrawn",
    "An independent proof of the result of [withdrawn paper]",
    "One author has withdrawn",
    "The code has been withdrawn",
    "Authors may withdraw the papers later",
    "Replacement for the withdrawn submission arXiv:2301.00001",
    "Revised after withdrawal from PRL",
    "The conjecture in this paper was withdrawn",
    "withdrawn from publication in JHEP",
    "The journal retracted the paper without our consent",
    "The paper was retracted by the publisher",
    "This paper is accompanied by code and removed sections",
    "This abstract was withdrawn from the APS meeting",
]

ABSTRACTS = [
    "This paper has been withdrawn by the authors due to an error.",
    "Withdrawn by the authors due to an error in the proof of the main result",
    "Withdrawn.",
    "(Withdrawn) We study X.",
    "[Withdrawn] We study X",
    "Paper withdrawn by the author.",
    "The authors have withdrawn this paper.",
    "We withdraw this submission because of an error in Lemma 2.",
    "Lemma 3 has an error. Therefore the paper has been withdrawn. A new version follows.",
    "We prove X. Update: this paper has been withdrawn because of an error.",
    "This submission has been withdrawn by arXiv administrators as plagiarism. We show X.",
    "I withdraw this paper.",
    "Withdrawn due to an error in Lemma 2",
    "This paper has been withdrawn and replaced by arXiv:2301.00001.",
    "Retracted by the authors.",
    "Due to an error in Lemma 2, this paper has been withdrawn.",
    "This article has been removed by arXiv administrators.",
    "Withdrawn: see arXiv:2301.00001",
    "Submission has been withdrawn.",
    "This paper and abstract have been withdrawn.",
    "We prove the conjecture. [This paper has been withdrawn.]",
    "We prove the conjecture. (Withdrawn due to an error.)",
    "We prove the conjecture. Withdrawn.",
    "[This paper has been withdrawn due to an error]",
    "An error was found in the proof of Theorem 1, so the paper was withdrawn.",
]

OTHER_ABSTRACTS = [
    "Withdrawn users of online forums are hard to reach.",
    "Withdrawn from social life, adolescents turn to games.",
    "We list papers. This paper has been withdrawn, they say of some.",
    "We study papers withdrawn by their authors. The paper has been withdrawn, said one.",
    "Withdrawn drugs are a problem. We predict which drug is withdrawn by the manufacturer.",
    "We study the cash withdrawn by users.",
    "Withdrawn due to safety concerns, rofecoxib shows that drug safety matters.",
    "The vaccine paper of Wakefield was retracted in 2010.",
    "Retracted articles continue to be cited.",
    "We withdraw the assumption that data are independent.",
    "One paper was subsequently withdrawn by its authors. An invited talk was given.",
    "We introduce a protocol by which authors can withdraw the paper from review.",
    "Removed nodes are replaced by others. The work is removed from the queue.",
    "The submission was withdrawn from ICLR 2026.",
    "Retracted papers, withdrawn by the authors, are studied.",
    "The article was retracted by the journal after our analysis was published.",
    "We analyse the Surgisphere scandal. The paper was retracted by The Lancet.",
]

TITLES = [
    "Withdrawn: A theory of everything",
    "[Withdrawn] A theory",
    "A theory of everything (withdrawn)",
    "A theory [Withdrawn by the authors]",
    "RETRACTED: A theory",
    "This paper has been withdrawn",
    "Paper withdrawn",
    "WITHDRAWN A theory of sets",
    "Withdrawn",
    "A theory of everything - withdrawn",
    "A theory of everything: withdrawn",
]

OTHER_TITLES = [
    "Work withdrawn from memory",
    "Retracted - but still cited",
    "Withdrawn adolescents: a survey",
    "Withdrawn users of online forums",
    "Incentivizing Data under Withdrawal Rights",
    "Withdrawal: a study",
    "Retractions in science",
    "Retracted articles keep being cited",
    "False-name-proofness with Bid Withdrawal",
    "Papers withdrawn from arXiv: a study",
    "Why are papers withdrawn?",
    "Withdrawn and isolated: social networks of the old",
    "Paper withdrawal behaviour",
    "Predicting withdrawn drugs (v2)",
    "On papers withdrawn",
]


@pytest.mark.parametrize("comment", COMMENTS)
def test_a_comment_announces_the_withdrawal(comment: str) -> None:
    assert state_withdrawal(comment, "", "", paper_id=OWN_ID, version=2)
    # The announcement is seen after other notes, and whatever the case of its letters.
    for variant in (f"12 pages, 3 figures. {comment}", comment.upper(), f"{comment}."):
        assert state_withdrawal(variant, "", "", paper_id=OWN_ID, version=2), variant


@pytest.mark.parametrize("comment", OTHER_COMMENTS)
def test_a_comment_about_something_else_is_no_withdrawal(comment: str) -> None:
    for variant in (comment, f"12 pages, 3 figures. {comment}", f"{comment}."):
        assert not state_withdrawal(variant, "", "", paper_id=OWN_ID, version=3), variant


@pytest.mark.parametrize("abstract", ABSTRACTS)
def test_an_abstract_announces_the_withdrawal(abstract: str) -> None:
    assert state_withdrawal("", "", abstract)


@pytest.mark.parametrize("abstract", OTHER_ABSTRACTS)
def test_an_abstract_about_something_else_is_no_withdrawal(abstract: str) -> None:
    assert not state_withdrawal("", "", abstract)


@pytest.mark.parametrize("title", TITLES)
def test_a_title_announces_the_withdrawal(title: str) -> None:
    assert state_withdrawal("", title, "")


@pytest.mark.parametrize("title", OTHER_TITLES)
def test_a_title_about_something_else_is_no_withdrawal(title: str) -> None:
    assert not state_withdrawal("", title, "")


def test_words_about_a_version_count_if_it_is_the_latest() -> None:
    comment = "v1: 12 pages; v2: withdrawn due to an error"
    assert state_withdrawal(comment, "", "", version=2)
    assert not state_withdrawal(comment, "", "", version=3)
    assert not state_withdrawal(comment, "", "")  # which version is the latest is not known


def test_a_sentence_is_judged_alone() -> None:
    assert sentence_states("This paper has been withdrawn by the author.")
    assert not sentence_states("The drug has been withdrawn from the market.")


@pytest.mark.parametrize(
    "part", ["withdrawn, ", "the paper and ", "texretract", "(withdrawn ", ": "]
)
def test_hostile_texts_take_no_time(part: str) -> None:
    text = part * 300_000 + "withdrawn"
    assert state_withdrawal(text, text, text) in (True, False)
