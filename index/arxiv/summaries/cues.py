"""Cues for summaries: which words of a sentence show what it does in an abstract."""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

_SEPARATORS = str.maketrans(
    dict.fromkeys('!"#$&()*+,./:;<=>@[\\]^_`{|}~', " ") | {"?": " ? ", "%": " % "}
)


def _forms(verbs: str) -> set[str]:
    """Return the forms of regular verbs."""
    forms: set[str] = set()
    for verb in verbs.split():
        stem = verb.removesuffix("e")
        if verb.endswith("y"):
            forms |= {verb, f"{verb[:-1]}ies", f"{verb[:-1]}ied", f"{verb}ing"}
        else:
            third = "es" if verb.endswith(("s", "sh", "ch", "x")) else "s"
            forms |= {verb, f"{verb}{third}", f"{stem}ed", f"{stem}ing"}
    return forms


_PROPOSE = _forms(
    "propose introduce present develop design construct release formulate devise invent initiate"
) | set("build built give gives given put".split())
_STUDY = _forms(
    "study investigate examine analyse analyze address explore consider survey review describe "
    "report provide offer derive extend generalise generalize establish define apply compute "
    "calculate measure classify characterise characterize evaluate compare use revisit implement "
    "simulate solve determine estimate search focus create argue treat tackle model perform "
    "conduct combine aim identify collect obtain summarise summarize employ exploit assess adapt "
    "test benchmark contribute carry attempt suggest outline answer delve improve detect observe "
    "predict quantify unify re-examine discuss present discover explain interpret relate link "
    "optimise optimize revise recall uncover highlight survey prototype extract train validate "
    "monitor perform record evidence demonstrate enable clarify enhance"
) | set("deal deals dealt make made undertake undertakes undertaken undertook seek sought".split())
_SHOW = _forms(
    "prove show demonstrate observe conclude establish obtain achieve reveal indicate confirm "
    "verify discover suggest highlight determine identify predict validate imply disprove refute "
    "deduce"
) | set("find finds found proven shown get see seen".split())
_NO_CLAIM = set(
    "hope hopes hoped believe plan expect comment remark illustrate end are know need want have "
    "live think understand call denote let recall".split()
)
_REVEALS = set(
    "reveals reveal shows indicates indicate suggests suggest demonstrates confirms confirm "
    "agrees agree implies imply yields yield proves turns".split()
)
_SKIPPED = set(
    "also here then first firstly now will can could have has had been further furthermore thus "
    "therefore hereby both only even instead rather next finally all who which that to not again "
    "and shall would do did does".split()
)
_ALSO = set("also further furthermore finally".split())

_AUTHORS = "we i authors author".split()
_WORK = (
    "paper work article survey study letter thesis report review note manuscript contribution "
    "chapter tutorial monograph dissertation essay talk research overview lecture lectures notes "
    "investigation project book volume communication text document handbook commentary entry "
    "primer proceedings memoir".split()
)
_PAPER = set("paper article work manuscript note thesis report chapter letter".split())
_AIM = "aim aims goal purpose objective".split()
_PASSIVE = "is are was were be been".split()
_RESULTS = (
    "results result experiments experiment evaluation evaluations simulations simulation findings "
    "finding conclusion conclusions analysis tests observations theorem".split()
)
_THIS = {"this", "present", "our", "these"}
_COMMON = set("used known found seen made employed applied given performed required".split())
_HABITUAL = set(
    "typically usually often commonly widely frequently traditionally conventionally generally "
    "mostly sometimes normally increasingly recently".split()
)
_MAIN = {"main", "key", "central"}
_OWN = _THIS | {"paper", "work", "here", "we"}
_RESULT_WORDS = set(
    "outperform outperforms outperformed outperforming achieve achieves achieved achieving improve "
    "improves improved improvement improvements improving reduces reduced reduction faster "
    "accuracy speedup state-of-the-art better higher surpasses surpassing exceeds superior gains "
    "agreement significantly consistently compared".split()
)
_PROBLEM_WORDS = set(
    "however but yet challenge challenges challenging difficult difficulty difficulties problem "
    "problems remain remains remained lack lacks lacking limitation limitations limited costly "
    "expensive bottleneck unclear understudied despite although struggle struggles suffer suffers "
    "hard hinder hinders hampered unknown overlook overlooked neglect neglected fail fails gap "
    "gaps unexplored insufficient unresolved ? impractical prohibitive inefficient poorly ignore "
    "ignores controversial puzzle cannot rarely understood".split()
)
_LATE_WORDS = set(
    "hope believe plan expect discuss discussed conclude outline outlined comment commented "
    "illustrate illustrated remark end implications implication future further applications "
    "examples example sketched pave paves paved serve useful open opens opening insight insights "
    "light guidance highlights highlight underscore underscores underscoring potential organized "
    "organised keywords supported accepted appear submitted help following "
    "comment comments extensions".split()
)
_LATE = re.compile(
    r"\b(?:we (?:hope|believe|plan|expect|(?:also |briefly )?discuss|conclude (?:with|by)|"
    r"outline|end (?:with|by)|comment|(?:also )?illustrate|remark)|(?:discuss\w*|potential|"
    r"practical|important) (?:\w+ )?implications?|future (?:work|research|directions?|studies)|"
    r"further research|applications? (?:are|is) (?:also )?(?:given|discussed|presented)|"
    r"(?:is|are) (?:also |briefly )?(?:discussed|outlined|illustrated|sketched|commented)|"
    r"examples? (?:is|are) (?:also )?(?:given|provided|presented)|as an (?:example|illustration|"
    r"application)|pave[sd]? the way|(?:may|can|could|will|should) (?:serve|be useful|help|"
    r"provide)|open(?:s|ing)? (?:up )?(?:an? )?(?:new|the)|"
    r"following sections|highlights? the (?:need|importance|potential)|"
    r"underscor\w+|organi[sz]ed|keywords?(?=:)|comments? (?:is|are) made|possible extensions|"
    r"(?:offer|provid|giv|shed)\w* (?:\w+ ){0,2}(?:insights?|light|guidance)|work (?:is|was) "
    r"supported|accepted (?:for|at|in)|to appear)\b"
)
_ADVERT_WORDS = set(
    "available released open-sourced accessible downloaded release github http https www".split()
)
_ADVERT = re.compile(
    r"https?://|\bwww\.|\b(?:available|released|open-sourced|accessible|downloaded|found) "
    r"(?:at|online|on|for|under|from|as|in|via|freely|publicly|here|upon|to)\b|"
    r"\b(?:publicly|freely) available|\bavailable\W*$|"
    r"\b(?:is|are) (?:also )?released\b|"
    r"\brelease (?:[\w,]+ ){0,4}(?:code|scripts|weights|implementations?)\b"
)
_VAGUE = re.compile(
    r"\b(?:effectiveness|efficacy|feasibility|usefulness|validity|superiority|applicability|"
    r"performance|utility|potential|efficiency|correctness|benefits?|advantages) "
    r"(?:and \w+ )?of (?:the|our|this|these|such)\b|\b(?:demonstrate|illustrate|verify|validate|"
    r"support|evaluate|test|examine) (?:our|the|these|this) (?:\w+ )?(?:results?|approach|methods?|"
    r"theory|findings|analysis|model|algorithms?)\b"
)
_VAGUE_WORDS = set(
    "effectiveness efficacy feasibility usefulness validity superiority applicability performance "
    "utility potential efficiency correctness benefit benefits advantages demonstrate "
    "illustrate verify validate support evaluate test examine".split()
)
_NUMBER = re.compile(r"[0-9][0-9.]|%")
_TITLE_STEM = 6  # letters
_MIN_TITLE = 5  # stems; fewer in common mean less
_COMMON_IN_TITLES = set(
    "with from using based into over under between towards toward their some approach method "
    "methods study analysis through beyond without about than when what does first view "
    "that".split()
)
_EARLY = 0.25  # before this position, "is discussed" says what the paper does
_SHORT, _LONG, _VERY_LONG = 30, 350, 550  # characters


class Cues(NamedTuple):
    """How much speaks for each role of a sentence, and the share of the title that it covers."""

    contribution: float
    result: float
    problem: float
    title: float


def words_of(text: str) -> list[str]:
    """Return the words and numbers of a text in lower case, and its question marks."""
    return text.translate(_SEPARATORS).lower().split()


def title_stems(title: str) -> frozenset[str]:
    """Return the beginnings of the long words of a title."""
    return frozenset(
        word[:_TITLE_STEM]
        for word in words_of(title)
        if len(word) > 3 and word not in _COMMON_IN_TITLES
    )


def read_cues(sentence: str, words: Sequence[str], title: frozenset[str], position: float) -> Cues:
    """Read the cues of a sentence with these words, at a position from 0 to 1."""
    known = set(words)
    text = sentence.lower()
    contribution, result = _claims(words)
    result += 0.5 * min(3, len(known & _RESULT_WORDS))
    if _NUMBER.search(sentence):
        result += 0.5 + 0.3 * ("%" in known)
    if not known.isdisjoint(_REVEALS):
        result = max(result, 1.5)
    if position > _EARLY and not known.isdisjoint(_LATE_WORDS) and _LATE.search(text):
        contribution, result = contribution - 1.8, result - 1.8
    if not known.isdisjoint(_ADVERT_WORDS) and _ADVERT.search(text):
        contribution, result = contribution - 2.5, result - 2.5
    if not known.isdisjoint(_VAGUE_WORDS) and _VAGUE.search(text):
        result -= 0.6
    problem = 0.6 * min(2, len(known & _PROBLEM_WORDS))
    length = len(sentence)
    odd = 1.5 * (length < _SHORT) + 0.4 * (length > _LONG) + 0.6 * (length > _VERY_LONG)
    covered = sum([stem in text for stem in title]) / max(_MIN_TITLE, len(title))
    return Cues(contribution - odd, result - odd, problem - odd, min(1.0, covered))


def _claims(words: Sequence[str]) -> tuple[float, float]:
    """Return how much a sentence claims to say what the paper does, and what it found."""
    contribution = result = 0.0
    for i in [i for i, word in enumerate(words) if word in _CLAIMS]:
        does, found = _CLAIMS[words[i]](words, i)
        contribution, result = max(contribution, does), max(result, found)
    return contribution, result


_Claim = tuple[float, float]  # for a contribution, and for a result


def _claim_of_authors(words: Sequence[str], i: int) -> _Claim:
    verb, also = _verb_after(words, i + 1)
    less = 1.2 * also
    if verb in _PROPOSE:
        return 3.0 - less, 0.0
    if verb in _SHOW:
        return 1.9 - less, 2.0 - 0.4 * also
    if verb in _STUDY:
        return 2.3 - less, 0.0
    is_claim = verb and verb not in _NO_CLAIM and words[i] != "i"  # which may be a symbol
    return (1.8 - less if is_claim else 0.0), 0.0


def _claim_of_work(words: Sequence[str], i: int) -> _Claim:
    before = words[max(0, i - 2) : i]
    found = 2.4 if words[i] == "contribution" and not _MAIN.isdisjoint(before) else 0.0
    begins = before in (["the"], ["in", "the"]) and i < 3 and words[i] in _PAPER
    if begins or not _THIS.isdisjoint(before):
        return (2.8 if i < 5 else 1.5), found
    return 0.0, found


def _claim_of_aim(words: Sequence[str], i: int) -> _Claim:
    is_own = i < 6 and not _OWN.isdisjoint(words[max(0, i - 2) : i + 6])
    return (2.6 if is_own else 0.0), 0.0


def _claim_of_passive(words: Sequence[str], i: int) -> _Claim:
    verb, _ = _verb_after(words, i + 1)
    if not verb or (verb[-1] not in "dnt" and verb != "made"):
        return 0.0, 0.0
    is_weak = words[i] in ("be", "been") or verb in _COMMON or words[i + 1] in _HABITUAL
    if verb in _PROPOSE:
        return (0.5 if is_weak else 2.4), 0.0
    if verb in _SHOW:
        return (0.0 if is_weak else 1.3), (1.0 if verb == "obtained" else 1.5)
    if verb in _STUDY:
        return (1.0 if is_weak else 2.1), 0.0
    return 0.0, 0.0


def _claim_of_results(words: Sequence[str], i: int) -> _Claim:
    after = words[i + 1 : i + 7]
    if i >= 8:
        return 0.0, 0.0
    if i and words[i - 1] == "main":
        return 0.0, 2.6
    verb = next((j for j, word in enumerate(after) if word in _SHOW), 0)
    is_active = after[verb : verb + 1] and after[verb] in _SHOW and "to" not in after
    return 0.0, (2.2 if is_active and (verb == 0 or after[verb - 1] not in _PASSIVE) else 0.8)


_CLAIMS: dict[str, Callable[[Sequence[str], int], _Claim]] = {
    **dict.fromkeys(_AUTHORS, _claim_of_authors),
    **dict.fromkeys(_WORK, _claim_of_work),
    **dict.fromkeys(_AIM, _claim_of_aim),
    **dict.fromkeys(_PASSIVE, _claim_of_passive),
    **dict.fromkeys(_RESULTS, _claim_of_results),
}


def _verb_after(words: Sequence[str], start: int) -> tuple[str, bool]:
    """Return the next word that is no adverb or auxiliary, and whether "also" comes before it."""
    also = False
    i, end = start, min(start + 6, len(words))
    while i < end:
        word = words[i]
        if word == "in":  # as in "we, in this paper, show"
            i += 3
            continue
        if word in _SKIPPED:
            also |= word in _ALSO
        elif not word.endswith("ly"):
            return word, also
        i += 1
    return "", also
