"""Whether comment, title or abstract of a paper say that it is withdrawn.

The words must be about this paper as it is now: not about another paper, a part of this one, an
earlier version, or a submission to a journal or conference. The wordings were collected from the
comments and abstracts of 142,605 papers (docs/measured.md, "Withdrawn papers").
"""

import re

from index.arxiv.withdrawal.cleaning import cleaned

_GONE = r"(?:wh?ith[- ]?dr(?:awn(?:ed)?|awed|awen|ewn)|retracted)"
_REMOVED = r"(?:removed|deleted|taken down)"
_WITHDRAW = r"(?:with-?draw(?:n|s|ing)?|withdrew|retract(?:s|ed|ing)?)"
_NOUN = (
    r"(?:paper|article|manuscript|submission|(?:e|pre)-?print|work|report|letter|document|draft"
    r"|contribution|note|thesis|survey|writing|upload|entry)"
)
_KIND = (
    r"(?:(?:present|current|above|entire|whole|full|short|research|technical|conference|journal"
    r"|review|survey|working|workshop|arxiv|scientific) )"
)
# "Our conference submission" is not the paper, but "this conference paper" is.
_THIS = (
    r"(?:(?:this|the (?:present|current|above)|(?:our|my)(?= (?!conference|journal|workshop)))"
    rf" {_KIND}*(?:{_NOUN}|version|comment|reply|review|study|abstract|chapter|book|essay|poster)"
    r"|these (?:lecture )?notes)"
)
_OWN = rf"(?:{_THIS}|the (?:entire |whole |arxiv )?{_NOUN})"
_ASIDE = (
    r"(?: ?\([^()]*\)| and (?:\w+ ){0,2}\w+|,? (?:en)?titled? [^.;]{1,200}?,?|, [^.;,]{1,80},)?"
)
_HOW = (
    r"(?:(?:now|currently|temporarily|hereby|voluntarily|permanently|officially|formally|then"
    r"|therefore|thus|hence|also|since|completely|fully|subsequently|consequently),? )*"
)
_IS = (
    rf"(?:(?:has|have|had) {_HOW}been|(?:is|was|are|were|be)(?: {_HOW}being)?|being|stands"
    r"|(?:needs?|has|have|had|is) to be|(?:must|should) be)"
    r"(?: \w+(?: (?:by|with|into) \S*\d\S*)?,? (?:and|so|hence|thus|therefore))?"
)
_PASSIVE = rf"{_ASIDE},? {_HOW}{_IS} {_HOW}(?:{_GONE}|{_REMOVED})\b"
_AUTHORS = r"(?:I|we|(?:the |all |both )*(?:\w+ )?(?:co-?)?authors?(?:\(s\))?|the submitter)"
_ACT = rf"{_WITHDRAW} {_HOW}"
_REASON = (
    r"(?:due|because|as|since|for|owing|pending|until|under|in|after|while|without|on|to|so|and"
    r"|but|please|see|with|at|by|from|temporarily|upon|per|following|superseded|replaced|awaiting"
    r"|\d{1,2} [a-z]+ \d{4})"
)
_DAY = r"(?:\d\d? )?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d"
_AGENT = (
    r"by (?:(?:the|its|all|both|our|my|first|corresponding) )*"
    r"(?:(?:co-?)?authors?|submitter|owner|arxiv|admin|moderat|me\b|us\b|request)"
)
_MERGED = r"(?:(?:superseded|replaced|subsumed|absorbed) by|merged (?:into|with|in))"
_ID = r"\b(?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})"

# In a comment, "this proof" means the paper.
_ANYWHERE = re.compile(
    rf"(?P<own>{_OWN}|this (?:proof|result|claim|argument|theorem)){_PASSIVE}", re.I
)
_JOINED = re.compile(
    rf"^\W*(?P<own>{_THIS}|the {_NOUN}|this(?= is )) "
    r"(?:(?!\b(?:which|that|whose?)\b)(?:[^.;]|\.(?=\d)))*?"
    rf"\b(?:and|but|so|thus|hence|therefore),? {_HOW}{_IS} {_HOW}{_GONE}\b",
    re.I,
)
_IT = re.compile(rf"\b(?P<own>it) {_IS} {_HOW}{_GONE}\b", re.I)
_ACTIVE = re.compile(
    rf"\b{_ACT}(?P<own>(?:{_OWN}|(?<!withdrawn )(?<!retracted ){_NOUN}|it)\b|this\b(?! \w))", re.I
)
_THEIRS = re.compile(rf"^\W*{_AUTHORS} (?:[\w'-]+ ){{0,4}}?{_ACT}(?P<own>their {_NOUN})", re.I)
_REQUEST = re.compile(
    rf"\b(?P<own>this(?= is an? {_HOW}{_GONE} {_NOUN}\b)"
    rf"|(?:(?<=withdrawal of )|(?<=retraction of )){_OWN}\b)",
    re.I,
)
# A clause without subject: "Withdrawn by the author", "Paper withdrawn", "withdrawal requested".
_BARE = re.compile(
    rf"^\W*(?:and )?(?:(?:this )?{_KIND}*{_NOUN} |this version |this (?=is|was|has))?"
    rf"(?:(?:has|have) been |(?:is|was|being) )*{_HOW}"
    rf"(?:(?:{_GONE}|withdrew|withdrawing)(?: {_NOUN}(?=\W*$))?(?=\W*$|[^\w\s'-]|--"
    rf"|\s+(?:{_REASON}\b|{_DAY}))"
    r"|withdrawal(?=\W*$| (?:request\w*|notice|due|because|as|for|pending|by)\b))"
    rf"|^\W*(?:{_KIND}*{_NOUN}) (?:(?:has|have) been |(?:is|was) ){_REMOVED}\b"
    rf"|^\W*(?:(?:has|have) been |(?:is|was) )?{_MERGED} .{{1,120}}? and {_HOW}(?:{_IS} )?{_GONE}\b"
    r"|^\W*(?:author\S* )?request(?:ed|s|ing)? (?:to withdraw|(?:for )?(?:the )?withdrawal)\b",
    re.I,
)
_IN_ABSTRACT = re.compile(
    rf"^\W*(?:[\w ,]{{1,100}}, |\w[\w ]{{0,20}}: )?(?:(?:therefore|hence|thus|so),? )?"
    rf"(?:(?P<own>{_OWN}){_PASSIVE}|{_AUTHORS} (?:[\w'-]+ ){{0,4}}?{_ACT}(?:{_OWN}|their {_NOUN}))"
    rf"(?P<rest>\W*$|[].;:)]|,? {_REASON}\b| \()",
    re.I,
)
_OPENS_ABSTRACT = re.compile(
    rf"^\W*(?:{_NOUN} )?(?:(?:has|have) been |is )?{_HOW}{_GONE}(?: {_NOUN})?"
    rf"(?:\W*$|\s*[\])]|\s*:| {_AGENT}| (?:due|because|as|since|for|owing|pending)\b)",
    re.I,
)
_TITLE = re.compile(
    rf"^\W*(?:{_GONE}|(?:withdrawal|retraction) notice)(?: {_NOUN})?(?: {_AGENT}\w*)?"
    rf"(?:\W*$|\s*[:\])]|\s+[-–—]+\s(?-i:[A-Z]))"
    rf"|[\[(]\s*(?:{_NOUN} )?{_GONE}(?: {_AGENT}\w*)?\s*[\])]\W*$"
    rf"|(?:\s[-–—]+|:)\s*{_GONE}\W*$"
    rf"|^\W*(?:this )?{_NOUN} (?:{_IS} {_GONE}\b|{_GONE}(?:\W*$| {_AGENT}))"
    r"|^\W*(?-i:WITHDRAWN|RETRACTED)\b(?-i:.*[a-z])",
    re.I,
)

_FAULT = re.compile(
    r"error|mistake|flaw|incorrect|wrong|\bgaps?\b|\bbugs?\b|duplicate|invalid|inconsist|counter-?example",
    re.I,
)
_ABOUT_PAPERS = re.compile(
    rf"{_FAULT.pattern}|proof|theorem|lemma|equation|results?\b|overlap|copyright|publi|supersed"
    r"|subsumed|merged|paper|manuscript|version|revis|correct|author|arxiv",
    re.I,
)
_UNWANTED = r"(?:accident|mistaken|inadvertent|erroneous|wrong|unintention)(?:al)?ly\b"
_BY_MISTAKE = r"(?:(?:by|through) (?:an? )?|in )(?:mistake|accident|error|oversight)\b"
_UNDONE = re.compile(
    rf"\bun-?withdr|(?:\b(?:not|never|no longer)|n't)(?: (?:been|be|being|yet|ever|to))* {_GONE}"
    rf"|{_GONE} (?:{_BY_MISTAKE}|{_UNWANTED})|\b{_UNWANTED} {_GONE}"
    r"|\breinstat|\b(?:is|was|been|hereby|now) restored|\brestored (?:here|now|in)\b"
    r"|\brestor(?:es|ing) (?:the|this|it|v\d)"
    r"|\bwithdrawal (?:is|was|has been|of (?:\w+ ){1,3}(?:is|was)) "
    r"(?:reversed|undone|cancell?ed|revoked)",
    re.I,
)
_EDITORS = r"(?:the |its )?(?:journal|publisher|editors?|lancet|conference|chairs?|sponsors?)"
_ELSEWHERE = re.compile(
    rf"^ by {_EDITORS}\b"
    r"|^(?: temporarily| by [^.;,]{1,40}?)? ?from (?!(?:the )?(?:arxiv|public\b|circulation"
    r"|distribution|this (?:server|archive|site)))(?![^.;,]{0,40}\band (?:the )?arxiv)",
    re.I,
)
_SENT_ELSEWHERE = re.compile(r"^ and (?:re-?)?submitted (?:to|at|elsewhere)\b", re.I)
_SUPERSEDED = re.compile(rf"\b{_MERGED}\b|\bduplicate of\b", re.I)
_ACRONYM = r"(?-i:\b[A-Z][A-Za-z]*[A-Z][A-Za-z]*\b)"
_UNDER_REVIEW = re.compile(
    r"\b(?:rebuttals?|openreview|camera[- ]ready|(?:review|rebuttal) (?:process|phase|period))\b"
    r"|\b(?:at|during|before|after|following) (?:[\w'-]+ ){0,4}?(?:reviews?|reviewing|acceptance"
    rf"|decisions?|negotiations?)\b|\b(?:before|prior to) (?:the )?publication\b"
    rf"|\bat (?:the )?{_ACRONYM}|\b(?:before|after|in) (?:the )?{_ACRONYM}[- ']*\d\d",
    re.I,
)
_VENUE = re.compile(
    r"\b(?:submi(?:tted|ssion) (?:to|at)|accepted|presented|appear(?:s|ed)?|under review|in press"
    r"|openreview)\b"
    rf"|{_ACRONYM}[- ']{{0,2}}(?:19|20)\d\d\b",
    re.I,
)
_OTHER = re.compile(
    r"\b(?:supersed(?:es|ing)|replaces|extends|(?:comment|reply|response|rebuttal|answer|criticism"
    r"|critique|follow-?up|sequel|addendum|correction|erratum) (?:on|to|of)"
    r"|authors? of\b(?! (?:this|the) ))\b",
    re.I,
)
_DEPENDENT = re.compile(
    r"\b(?:of|in|from|for|on|to|with|by|about|against|than|within|into|behind|via|using|throughout|across|as"
    r"|at|per|like|accompanying|describing|regarding|concerning|if|unless"
    r"|until|whether|when|once|after|before|case)\W*$",
    re.I,
)
_UNDECIDED = re.compile(
    r"(?:\b(?:not|never|may|might|could|can|would(?! like)|will|shall|plan\w*|intend\w*|going|why"
    rf"|refus\w+|declin\w+|how|who|whether|they|if|unless|right|able)|n't)(?: \w+){{0,2}} $"
    rf"|\b{_EDITORS} (?:\w+ )?$",
    re.I,
)
_COUNTS = frozenset(
    "page pages pp figure figures fig figs table tables references appendix appendices in english "
    "chinese french russian and plus double single column eps ps pdf draft".split()
)
_CLAUSE = re.compile(r"([^:,()\[\]|].*?)(\s[-–—]+\s|(?<!arxiv):|[,()\[\]|]|$)", re.I)
_LABEL = re.compile(r"^\W*(?:v|ver|version)\.? ?(\d+)\b[\s:,)\]-]*", re.I)
_IN_VERSION = re.compile(rf"{_GONE} (?:in|at|with) (?:v|ver|version)\.? ?(\d+)\b", re.I)
# Patterns that name this paper, each with what may not precede it.
_EXPLICIT = (
    (_ANYWHERE, _DEPENDENT),
    (_JOINED, None),
    (_IT, None),
    (_ACTIVE, _UNDECIDED),
    (_THEIRS, None),
    (_REQUEST, None),
)
_SHORT = 400  # characters of an abstract that may consist of the announcement alone


def state_withdrawal(
    comment: str, title: str, abstract: str, *, paper_id: str = "", version: int | None = None
) -> bool:
    """Return whether the texts of the latest version, whose number is `version`, say so."""
    return (
        _comment_states(cleaned(comment, paper_id), version)
        or bool(_TITLE.search(cleaned(title, paper_id)))
        or _abstract_states(cleaned(abstract, paper_id))
    )


def sentence_states(sentence: str) -> bool:
    """Return whether a sentence of an abstract says that this paper is withdrawn."""
    text = cleaned(sentence)
    return bool(text) and _sentence_states(text, is_own=True)


def _comment_states(comment: str, version: int | None) -> bool:
    if _UNDONE.search(comment):
        return False
    before, separator = "", ""
    for unit, end in re.findall(r"(.+?)(?:([.;!?])(?=\s|$)|$)", comment):
        label = _LABEL.match(unit)
        label_or_place = label or _IN_VERSION.search(unit)
        is_latest = label_or_place is None or (
            version is not None and int(label_or_place[1]) >= version
        )
        text = unit[label.end() :] if label else unit
        previous = before if separator == ";" else ""
        if is_latest and (_is_explicit(text, before) or _is_bare(text, previous)):
            return True
        before, separator = f"{before}{unit}{end} ", end
    return False


def _is_explicit(text: str, before: str) -> bool:
    """Return whether a sentence names this paper as what is withdrawn."""
    for pattern, blocked_by in _EXPLICIT:
        for found in pattern.finditer(text):
            head, rest = text[: found.start()], text[found.end() :]
            if not re.match(_THIS, found["own"], re.I) and _OTHER.search(before + head):
                continue  # "it" and "the paper" may be the other paper
            if blocked_by is not None and blocked_by.search(head):
                continue
            is_it = found["own"].lower() == "it"
            if is_it and _VENUE.search(head) and not _FAULT.search(text):
                continue
            if pattern is _JOINED and _VENUE.search(found[0]) and not _FAULT.search(rest):
                continue
            if not _is_about_venue(rest):
                return True
    return False


def _is_about_venue(rest: str, *, is_bare: bool = False) -> bool:
    """Return whether what follows "withdrawn" names a journal or conference instead of arXiv."""
    if _ELSEWHERE.search(rest) or (is_bare and _SENT_ELSEWHERE.search(rest)):
        return True
    return bool(_UNDER_REVIEW.search(rest)) and not _FAULT.search(rest)


def _is_bare(text: str, previous: str) -> bool:
    """Return whether a clause such as "withdrawn by the author" has no subject but this paper."""
    head, separator = previous, ";" if previous else ""
    for part in _CLAUSE.finditer(text):
        found = _BARE.match(part[1])
        rest = text[part.start() + found.end() :] if found else ""
        if found and not _is_about_venue(rest, is_bare=True) and _may_follow(head, separator, rest):
            return True
        head, separator = head + part[0], part[2].strip() or "-"
    return False


def _may_follow(head: str, separator: str, rest: str) -> bool:
    """Return whether "withdrawn" and the `rest`, after `head`, can be about this paper."""
    if _VENUE.search(head) and not _FAULT.search(rest):
        return False
    if not head.strip() or separator in (":", ";"):
        return True
    words = re.findall(r"[^\W\d_]+", head.lower())
    are_counts = all(word in _COUNTS or word.endswith("tex") for word in words)
    if separator in (",", "-") and _SUPERSEDED.search(head):
        return True
    return are_counts or (bool(_FAULT.search(head)) and not re.search(_ID, head))


def _abstract_states(abstract: str) -> bool:
    sentences = re.split(r"(?<=[.!?])\s+(?=[^a-z])", abstract)
    last = len(sentences) - 1
    return bool(abstract) and any(
        _sentence_states(
            sentence,
            is_own=number in (0, last) or len(abstract) < _SHORT,
        )
        for number, sentence in enumerate(sentences)
    )


def _sentence_states(sentence: str, *, is_own: bool) -> bool:
    """Judge one sentence of an abstract; if `is_own`, "the paper" can only be this one."""
    if _UNDONE.search(sentence):
        return False
    found = _IN_ABSTRACT.match(sentence)
    if found and (is_own or re.match(_THIS, found["own"] or "", re.I)):
        return not _is_about_venue(sentence[found.start("rest") :])
    opening = _OPENS_ABSTRACT.match(sentence) if is_own else None
    if opening is None:
        return False
    is_marked = opening.end() == len(sentence) or opening[0][-1] in "])"
    return is_marked or bool(_ABOUT_PAPERS.search(sentence))
