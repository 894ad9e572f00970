"""How a sentence refers back to earlier ones, and what can be cut from its beginning."""

import re
from collections.abc import Sequence
from typing import NamedTuple

_OWN = (
    r"(?:(?:present|short|brief|position|research|review|first|second|companion|white|technical|"
    r"survey|comprehensive|systematic|introductory) )?(?:paper|work|article|survey|study|letter|"
    r"thesis|report|review|note|manuscript|contribution(?!s)|chapter|tutorial|essay|research|"
    r"overview|dissertation|lecture|talk|book|century|decade|year|investigation|project|newsletter|"
    r"presentation|document|text|exposition|comment|perspective)s?\b"
)
_SUBJECT = (
    r"(?:we|i|our|the|an?|there|it|here|in this|this (?:paper|work|article|survey|study|letter|"
    r"thesis|report|review|note))\b"
)
_NO_SUBJECT = (
    r"(?:and|or|but|by|for|in(?! this)|using|with|to|from|on|at|which|where|who|as|while|when|if|"
    r"because|since|especially|such|including|particularly|namely|then|based|that|\w+ing)\b"
)
_ADVERB = (
    r"however|moreover|furthermore|in addition|additionally|therefore|thus|hence|also|"
    r"nevertheless|nonetheless|consequently|in particular|specifically|more (?:specifically|"
    r"precisely|generally|importantly|concretely)|similarly|likewise|finally|lastly|"
    r"first(?:ly| of all)?|second(?:ly)?|third(?:ly)?|as an? (?:result|"
    r"consequence|by-?product|corollary|alternative)|"
    r"accordingly|notably|especially|importantly|crucially|interestingly|surprisingly|remarkably|"
    r"in (?:contrast|turn|fact|other words|summary|conclusion|short|this (?:context|regard|respect|"
    r"direction|spirit|vein|way|light|sense)|doing so|so doing|response)|on the (?:other|contrary|"
    r"one)(?: hand)?|conversely|by contrast|instead|rather|alternatively|meanwhile|then|next|"
    r"indeed|overall|(?:taken )?together|to do (?:so|this|that)|(?:to|towards?|for|with) (?:this|"
    r"that|these) (?:ends?|purposes?|reasons?|aims?|goals?|in mind)|and|but|so|yet|still|of course|"
    r"subsequently|ultimately|at the same time|to conclude|that is|i\.e\.|e\.g\.|"
    r"for (?:example|instance)|further|again|unfortunately|fortunately"
)
_LABEL = (
    r"(?:background|motivation|results?|methods?|methodology|conclusions?|objectives?|aims?|"
    r"purpose|findings|context|introduction|discussion)(?: and \w+)?\s*[:.-]\s+"
)
_ADVERBIAL = re.compile(
    rf"(?:{_ADVERB}|besides)(?:,\s+|(?<!besides)\s+(?={_SUBJECT}))|{_LABEL}(?=(?-i:[A-Z]))",
    re.IGNORECASE,
)
_PHRASE = re.compile(
    r"(?:to|in (?:order|response|contrast|addition) to|motivated by|inspired by|based (?:up)?on|"
    r"building (?:up)?on|guided by|driven by|unlike|despite|contrary to|compared (?:to|with)|"
    r"besides|apart from|aside from|given|using|with|from|beyond|leveraging|following|due to|"
    r"because of|as for|towards?|in (?:light|view|the face) of|as an? \w+ towards?|considering|"
    r"recogni[sz]ing|rather than|instead of|by|along with|alongside|starting from)\b"
    rf"(?P<inner>[^,;:()]{{0,110}}),\s+(?!{_NO_SUBJECT})"
    r"(?![^,.]{1,40}, (?:and|or) )(?=\w|\$|\\)",
    re.IGNORECASE,
)
_CONNECTIVES = frozenset(
    "however moreover furthermore in additionally therefore thus hence besides also nevertheless "
    "nonetheless consequently specifically more similarly likewise finally lastly first firstly "
    "second secondly third thirdly as accordingly notably especially importantly crucially "
    "interestingly surprisingly remarkably on conversely by instead rather alternatively meanwhile "
    "then next indeed overall taken together to toward towards for with and but so yet still of "
    "subsequently ultimately at that i e further again unfortunately fortunately background "
    "motivation results result methods method methodology conclusions conclusion objectives "
    "objective aims aim purpose findings context introduction discussion motivated inspired based "
    "building guided driven unlike despite contrary compared apart aside given using from beyond "
    "leveraging following due because considering recognizing recognising along alongside "
    "starting".split()
)
_BACK = re.compile(
    r"\b(?:this|these|those|such(?! as\b)(?! that\b)|it|them|their|its|the (?:former|latter|"
    r"above|aforementioned|same|resulting|corresponding|previous|problem|issue|gap|challenges?))\b",
    re.IGNORECASE,
)
_CONDITION = re.compile(rf"\b(?:assumptions?|conditions?|{_OWN})\b", re.IGNORECASE)
_PRONOUN = re.compile(
    rf"(?:it|they|them|(?:this|these|those)(?! {_OWN})|such(?! as)|both(?! \S+ and)|its|their|"
    r"another|that|in that|thereby|one such|as such|since then|(?:in|for) (?:the )?others?|which|"
    r"where|he|she|the (?:former|latter|same|above|aforementioned|resulting|corresponding|other)|"
    r"(?:some|two|three|most|all|each|one|none|many) of (?:these|them|those)|(?:in|under|for|with|"
    r"among|by|of|from|at|on|to|through|using|within|unlike|despite|given|when|if|since|as|"
    rf"because) (?:this|these|those|such|both|it|they)(?! {_OWN})|(?:(?:in|for) )?the (?:first|"
    r"second|third|two|three|four|opposite|latter|former|other|same) (?:case|"
    r"situation|approach|method|part|one|problem|model|step|algorithm|set)s?)\b",
    re.IGNORECASE,
)
_PRONOUNS = frozenset(
    "it they them this these those such both its their the another that thereby one as which where "
    "he she some two three most all each none many in under for with among by of from at on to "
    "through using within unlike despite given when if since because".split()
)
_IMPERSONAL = re.compile(
    r"it (?:is|was|has been|can be|will be|turns|remains|seems|appears|follows) (?:\w+ly |also |"
    r"then |well |thus |further )?(?:shown|proved|proven|found|known|argued|demonstrated|observed|"
    r"concluded|suggested|proposed|seen|out|that|possible|important|necessary|established|"
    r"believed|expected|verified|noted|unclear|difficult|an open|well)\b",
    re.IGNORECASE,
)
_INNER_WORDS = frozenset("this these those such former latter above aforementioned his her".split())
_INNER = re.compile(
    r"\b(?:this|these|those|his|her|such(?! as\b)(?! that\b)(?! an? way)|the (?:former|latter|"
    rf"above|aforementioned))\b(?! {_OWN})"
    r"(?:(?: an?)? (?P<noun>\w{3,})(?: (?P<next>\w{3,}))?)?"
    r"|\b(?:extend|continue|complement|build on) this (?:work|study)\b",
    re.IGNORECASE,
)
_PERSONAL = frozenset("it they them their its resulting corresponding answer".split())
_EARLY_PRONOUN = re.compile(
    r"(?:we \w+ (?:\w+ly )?(?:(?:that|how|whether|why|when) )?|"
    r"\w+ (?:(?!(?:and|or|of|in|with) )\w+ )?)(?:it(?! is | was )|they|them|their|its)\b"
    r"|we \w+ (?:\w+ )?(?:the|an?) \w+ (?:of|between|in|for|on) (?:their|its|them)\b"
    r"|we \w+ (?:\w+ ){0,4}the (?:resulting|corresponding|answer)\b|the answer\b",
    re.IGNORECASE,
)
_METHOD = re.compile(
    r"(?:the|our) (?:(?:proposed|presented|new|novel|developed|resulting|obtained|suggested|"
    r"overall|key|main) )?(?:methods?|approach(?:es)?|framework|models?|algorithms?|systems?|"
    r"techniques?|scheme|procedure|proofs?|construction|solution|theory|analysis|results?|"
    r"architecture|network|tool|dataset|benchmark|protocol|strategy|estimators?|test|code|"
    r"software|program|equations?|formalism|treatment|process|device|theorem|idea|bounds?)\b",
    re.IGNORECASE,
)
_MIN_LENGTH = 15  # characters that must remain after a cut
_STEM = 5  # letters
_NO_NOUNS = frozenset(
    "is are was were can may will has have had leads allow allows yield makes gives means with "
    "from that which also both into does show shows then and for not the".split()
)
_EARLY = 60  # characters; a reference this early rarely has its referent in the same sentence


class Opening(NamedTuple):
    """How a sentence begins.

    `rest` is the sentence without a leading connective, and without a leading phrase that refers
    back, like "To address this,". `refers_back` says how much the rest needs an earlier sentence to
    be understood, from 0 to 1. `nouns` are the beginnings of the words after "these" or the like,
    which an earlier sentence may contain. `is_about_method` means that the subject is "the method"
    or the like, without a name.
    """

    rest: str
    is_cut: bool
    refers_back: float
    nouns: tuple[str, ...]
    is_about_method: bool


def read_opening(sentence: str, words: Sequence[str], is_first: bool) -> Opening:
    """Read the opening of a sentence with these words; the first one of a text has no referent."""
    rest = sentence
    if words and words[0] in _CONNECTIVES:
        rest = _without_connective(sentence)
    is_cut = rest is not sentence
    back, nouns = (0.0, ()) if is_first else _refers_back(rest, words, is_cut)
    is_about_method = rest.startswith(("The ", "Our ")) and _METHOD.match(rest) is not None
    return Opening(rest, is_cut, back, nouns, is_about_method)


def _without_connective(sentence: str) -> str:
    rest = sentence
    for _ in range(2):
        cut = _ADVERBIAL.match(rest)
        if cut is None:
            cut = _PHRASE.match(rest)
            if cut is None or not _BACK.search(cut["inner"]) or _CONDITION.search(cut["inner"]):
                break
        rest = rest[cut.end() :]
    if rest is sentence or len(rest) < _MIN_LENGTH:
        return sentence
    return rest[0].upper() + rest[1:]


def _refers_back(
    sentence: str, words: Sequence[str], is_cut: bool
) -> tuple[float, tuple[str, ...]]:
    back = 0.0
    if sentence[:1].islower() or sentence.startswith("{"):
        return 1.0, ()  # the rest of a sentence that was split at an abbreviation
    if (is_cut or (words and words[0] in _PRONOUNS)) and _PRONOUN.match(sentence):
        back = 0.0 if _IMPERSONAL.match(sentence) else 1.0
    elif (is_cut or not _PERSONAL.isdisjoint(words[1:7])) and _EARLY_PRONOUN.match(sentence):
        return 0.6, ()
    inner = None if _INNER_WORDS.isdisjoint(words) else _INNER.search(sentence)
    if inner is None:
        is_continued = "also" in words[1:7] and words[0] not in ("we", "it")
        return back or 0.4 * is_continued, ()
    before = sentence[: inner.start()].lower()
    found = (noun.lower() for noun in inner.groups() if noun)
    nouns = tuple(noun[:_STEM] for noun in found if noun not in _NO_NOUNS)
    if back:
        return back, nouns
    if any(noun in before for noun in nouns):
        return 0.0, ()  # its referent is in the same sentence
    if inner.start() < _EARLY:
        return 0.6, nouns
    return (0.5 if nouns else 0.1), nouns
