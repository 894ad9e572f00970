"""arXiv's categories (arxiv.org/category_taxonomy), including those no longer in use."""

_SUBJECTS = {
    "astro-ph": "CO EP GA HE IM SR",
    "cond-mat": "dis-nn mes-hall mtrl-sci other quant-gas soft stat-mech str-el supr-con",
    "cs": (
        "AI AR CC CE CG CL CR CV CY DB DC DL DM DS ET FL GL GR GT HC IR IT LG LO MA MM MS NA NE "
        "NI OH OS PF PL RO SC SD SE SI SY"
    ),
    "econ": "EM GN TH",
    "eess": "AS IV SP SY",
    "math": (
        "AC AG AP AT CA CO CT CV DG DS FA GM GN GR GT HO IT KT LO MG MP NA NT OA OC PR QA RA RT SG "
        "SP ST"
    ),
    "nlin": "AO CD CG PS SI",
    "physics": (
        "acc-ph ao-ph app-ph atm-clus atom-ph bio-ph chem-ph class-ph comp-ph data-an ed-ph "
        "flu-dyn gen-ph geo-ph hist-ph ins-det med-ph optics plasm-ph pop-ph soc-ph space-ph"
    ),
    "q-bio": "BM CB GN MN NC OT PE QM SC TO",
    "q-fin": "CP EC GN MF PM PR RM ST TR",
    "stat": "AP CO ME ML OT TH",
}
_WHOLE = "gr-qc hep-ex hep-lat hep-ph hep-th math-ph nucl-ex nucl-th quant-ph"
CLOSED_ARCHIVES = frozenset(
    "acc-phys adap-org alg-geom ao-sci atom-ph bayes-an chao-dyn chem-ph cmp-lg comp-gas dg-ga "
    "funct-an mtrl-th patt-sol plasm-ph q-alg solv-int supr-con".split()
)
ARCHIVES = frozenset([*_SUBJECTS, *_WHOLE.split(), *CLOSED_ARCHIVES])

CATEGORIES = frozenset(
    [
        *_SUBJECTS,
        *(
            f"{archive}.{subject}"
            for archive in _SUBJECTS
            for subject in _SUBJECTS[archive].split()
        ),
        *_WHOLE.split(),
        *CLOSED_ARCHIVES,
    ]
)


def categories_of_subject(subject: str) -> list[str]:
    """Return the categories that have a subject, in any case, without their archive.

    >>> categories_of_subject("ai"), categories_of_subject("CO")
    (['cs.AI'], ['astro-ph.CO', 'math.CO', 'stat.CO'])
    """
    wanted = subject.lower()
    return sorted(name for name in CATEGORIES if name.lower().partition(".")[2] == wanted)
