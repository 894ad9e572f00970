"""Ends of sentences: none within abbreviations of science, and none lost after symbols."""

from itertools import pairwise
from pathlib import Path

import pytest

from index.arxiv.paper import Paper
from index.arxiv.summaries.sentences import sentences
from ingest.snapshot.records import SAMPLE, read_snapshot

JUDGED = Path(__file__).parent / "ends.txt"
"""Places in abstracts of the sample, each judged by reading whether a sentence ends there."""

# Sentences, separated by a bar.
TEXTS = [
    "The noise terms are i.i.d. with mean zero. | We prove a bound.",
    "The samples are i.i.d. | We prove a bound.",
    "The samples are i.i.d. Gaussian vectors in R.",
    "Gradients w.r.t. the weights vanish.",
    "Gradients w.r.t. $x$ vanish. | Others do not.",
    "The entire s.d.o.f. region is found. | It is convex.",
    "See Phys. Rev. Lett. 12, 345 (1999). | We extend it.",
    r"This follows {\it J. Phys. A: Math. Theor. {\bf 44} (2012) 315102}. | We go on.",
    "By Eq. (3) the sum is finite. | It converges.",
    "As Fig. 2 shows, it works. | Refs. [1] and [2] agree.",
    "In Sec. II we show this. | Sec. III concludes.",
    "We follow Smith et al. in this proof. | It is short.",
    "We improve on the bound of Smith et al. | The proof is short.",
    "This was shown by Smith et al. [12] for graphs.",
    "Compare cf. Lemma 2 and others.",
    "We test CNN vs. RNN models. | The first wins.",
    "It takes approx. 5 seconds. | We like it.",
    "We sort points in set A. | The rest is in set B.",
    "It contains apples, pears, etc. | The rest is empty.",
    "It contains apples, pears, etc. and more.",
    r"A theorem of J. von Neumann and P. Erd\H{o}s is used. | We prove it.",
    "The result of A.-H. Sato is used.",
    "It was established by Yu. Farforovskaya in 1972. | We extend it.",
    "The random primes in Thm. 1.5 are bad. | Prop. 2 is fine.",
    "Results of D. E. Knuth are used in type B. | We show more.",
    "Data come from the U.S. and Japan. | They agree.",
    "Data come from the U.S. | The rest is from Japan.",
    "We thank Dr. Smith and Prof. Lee for help.",
    "This holds for i.e. groups of order p. | Other groups fail.",
    "We use e.g. trees. | They are small.",
    "Is the prediction noisy? trim artifacts follow.",
    "What is a heap? | We answer this.",
    "Our themes are: 1. Choosing well. | 2. Training fast. | We test both.",
    "Published in Proc. R. Soc. Lond. A 457, 1855 (2001). | It is old.",
    "See vol. 12, pp. 3-5, no. 7 of the series. | It is long.",
    "The value is no. | We go on.",
    "Observed by Mannervik etal. [1] and others. | It holds.",
    "The mass is 3.5 M. | The age is unknown.",
    "We consider graphs of class C. | Each has girth 5.",
    "By Theorem A. | Proof is easy.",
    "We assume (cf. Sec. 2) that p > 3. | It holds.",
    "Gates (incl. those of type X) are fast. | We count them.",
    "Hermitian ops., resp. unitary ops., are used.",
    "Let f: X to Y, resp. Y to Z. | Then f is monic.",
    "On St. Petersburg paradoxes. | We solve them.",
    "Wash. Univ. data were used. | We thank them.",
    "It has high-dim. features. | We use few.",
    "In this paper (J. Math. Phys. 35 (1994) 5734) he defines it. | We use it.",
    "The i.i.d. case is simple.",
    "An a.s. limit exists. | It holds a.e. in R. | We use it.",
    "A function is a.e. differentiable. | It is continuous.",
    "The model (w.l.o.g. convex) is fast. | It runs.",
    "W.l.o.g. we take p odd. | Then it works.",
    "W.r.t. time it is linear. | It stops.",
    "We treat o.o.d. data. | It works.",
    "Energies in a.u. are given. | They are small.",
    "The rate is 5 p.p.m. | The error is small.",
    "We gain 2 p.p. over the best. | It is stable.",
    "The talk was at 5 p.m. | We came.",
    "Cases like U.K. firms matter.",
    "Models with 7B params. are small. | We use them.",
    "Use of LLMs, etc., is frequent. | We study it.",
    "Work in progress. | Comments welcome. | Ph.D. students helped.",
    "In Ref. 12 it is shown. | No. 3 is best.",
    "Results by Kim et. al. are used. | We go on.",
    "Here T. W. is a group. | It acts.",
    "Notes by M. Artin, S. S. Chern and V. I. Arnold are used.",
    "The function of X. | Let Y be open.",
    "Dedicated to Prof. A. B. Smith. | We prove it.",
    "This extends work of Lovász Jr. on graphs. | It is new.",
    "See J. Chem. Phys. for details. | We do.",
    "We use St. Venant eqs. and the eq. of state. | They hold.",
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_split_into_its_sentences(text: str) -> None:
    assert sentences(text.replace(" | ", " ")) == text.split(" | ")


def test_the_sample_is_split_where_its_sentences_end() -> None:
    papers = [line.record for line in read_snapshot(SAMPLE)]
    split = {one.id: sentences(one.abstract) for one in papers if isinstance(one, Paper)}
    wrong = []
    kinds = []
    for line in JUDGED.read_text(encoding="utf-8").splitlines():
        paper_id, kind, before, after = line.split("\t")
        ends = any(
            (one.endswith(before) or before.endswith(one))
            and (other.startswith(after) or after.startswith(other))
            for one, other in pairwise(split[paper_id])
        )
        kinds.append(kind)
        wrong += [line] * (ends != (kind == "true"))
    assert wrong == []
    assert (kinds.count("false"), kinds.count("true")) == (56, 99)
    assert sum(map(len, split.values())) > 35_900
