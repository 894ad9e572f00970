"""Summarise an abstract in at most three of its sentences: problem, contribution, result."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from index.arxiv.paper import to_single_line
from index.arxiv.summaries.cues import Cues, read_cues, title_stems, words_of
from index.arxiv.summaries.links import Opening, read_opening
from index.arxiv.summaries.sentences import sentences

_MAX_SENTENCES = 3
_MAX_WHOLE = 500  # characters of an abstract of two sentences that stays whole for its result
_FORMULA = re.compile(r"\$[^$]{1,20}\$")  # a symbol, or a short formula
_DEFINED = re.compile(r"\(([A-Z]\w*[A-Z]\w*)\)")


def summarise(abstract: str, title: str = "") -> str:
    """Return up to three sentences of the abstract, in their order.

    The first is the one that says best what the paper does. Others add a result and the problem.
    A leading connective is cut if the sentence before it is omitted. A sentence that needs the one
    before it is chosen with it, or not at all if a better one exists. The title helps to recognise
    the sentences about the paper's subject. Only an abstract of one sentence, or of two that
    belong together, is its own summary::

        summarise("Graphs grow. However, cutting them is slow. Therefore, we propose a fast cut.")
        # 'Cutting them is slow. We propose a fast cut.'
    """
    parts = sentences(abstract)
    if len(parts) < 2:
        return to_single_line(abstract)
    choice = _Choice(_read(parts, title), min(_MAX_SENTENCES, len(parts) - 1))
    choice.take_contribution()
    if len(parts) == 2 and choice.is_incomplete():
        return to_single_line(abstract)
    choice.take_result()
    choice.take_problem()
    choice.take_more()
    return choice.text()


class _Sentence(NamedTuple):
    """A sentence with what speaks for it.

    `referents` are the indices of sentences that it may refer to, the likeliest first. `relies_on`
    are those of sentences that introduce its acronyms and symbols.
    """

    text: str
    opening: Opening
    cues: Cues
    referents: list[int]
    relies_on: frozenset[int]
    position: float  # 0 to 1
    is_named: bool  # it has the name that the title gives to the paper's work


def _read(parts: Sequence[str], title: str) -> list[_Sentence]:
    stems = title_stems(title)
    before, colon, _ = title.partition(":")
    name = before.strip()
    has_name = bool(colon) and len(name) > 2 and " " not in name
    relies_on = _introductions(parts)
    read = []
    for i, part in enumerate(parts):
        words = words_of(part)
        opening = read_opening(part, words, is_first=not i)
        read.append(
            _Sentence(
                text=part,
                opening=opening,
                cues=read_cues(part, words, stems, i / len(parts)),
                referents=_referents(parts, i, opening) if opening.refers_back else [],
                relies_on=relies_on[i],
                position=i / len(parts),
                is_named=has_name and name in part,
            )
        )
    return read


def _referents(parts: Sequence[str], i: int, opening: Opening) -> list[int]:
    """Return the sentences that sentence i may refer to: with its nouns, or the one before it."""
    shared = {
        j: sum(f" {noun}" in f" {parts[j].lower()}" for noun in opening.nouns) for j in range(i)
    }
    most = max(shared.values())
    with_nouns = [j for j in reversed(range(i)) if shared[j] == most > 0]
    return list(dict.fromkeys([*with_nouns, i - 1]))


def _introductions(parts: Sequence[str]) -> list[frozenset[int]]:
    """Return for each sentence the earlier ones that introduce its acronyms and symbols."""
    found = []
    acronyms: dict[str, int] = {}
    formulas: dict[str, int] = {}
    for i, part in enumerate(parts):
        own = _FORMULA.findall(part) if "$" in part else ()
        earlier = [formulas[one] for one in own if one in formulas]
        earlier += [j for acronym, j in acronyms.items() if acronym in part]
        found.append(frozenset(earlier))
        for formula in own:
            formulas.setdefault(formula, i)
        for acronym in _DEFINED.findall(part) if "(" in part else ():
            acronyms.setdefault(acronym, i)
    return found


class _Choice:
    """The sentences chosen so far, at most `budget`.

    The sentence with the highest value for a role is chosen. A sentence that refers to the one
    before it is chosen with it, or its value is reduced.
    """

    def __init__(self, read: Sequence[_Sentence], budget: int) -> None:
        self._read = read
        self._budget = budget
        self._chosen: set[int] = set()
        self._contribution = 0

    def take_contribution(self) -> None:
        """Choose the sentence that says best what the paper does."""
        values = [
            one.cues.contribution
            + 1.5 * one.cues.title
            + 0.8 * one.is_named
            + 0.3 * (one.position == 0)
            - 1.2 * one.position
            - 0.3 * one.opening.is_cut
            - (one.opening.is_about_method and one.position > 0)
            for one in self._read
        ]
        self._contribution = self._take_best(values, -100) or 0

    def take_result(self) -> None:
        """Choose the sentence after the contribution that says best what was found."""
        values = [
            one.cues.result
            + 0.7 * one.cues.title
            + (
                0.5 + 0.5 * one.position
                if i > self._contribution
                else -1.3 - one.opening.is_about_method
            )
            for i, one in enumerate(self._read)
        ]
        self._take_best(values, 0.4)

    def take_problem(self) -> None:
        """Choose the sentence before the contribution that says best why it is needed."""
        values = [
            one.cues.problem
            + one.cues.title
            - 0.3 * one.opening.is_cut
            + 0.4 * (i in self._read[self._contribution].relies_on)
            for i, one in enumerate(self._read[: self._contribution])
        ]
        self._take_best(values, 0.3)

    def take_more(self) -> None:
        """Choose further sentences that say something about the contribution."""
        helpful = set[int]().union(*(self._read[i].relies_on for i in self._chosen))
        values = [
            0.6 * one.cues.title
            + 0.5 * (i in helpful)
            + (
                0.6 * max(one.cues.result, one.cues.contribution)
                if i > self._contribution
                else 0.5 * one.cues.contribution - 0.4
            )
            for i, one in enumerate(self._read)
        ]
        while self._take_best(values, 0.7 if len(self._chosen) > 1 else 0.2) is not None:
            pass

    def is_incomplete(self) -> bool:
        """Return whether the contribution needs another sentence: for a result, or a referent."""
        chosen = self._read[self._contribution]
        if chosen.opening.refers_back >= 0.5:
            return True
        others = [one.cues for i, one in enumerate(self._read) if i != self._contribution]
        if chosen.cues.result >= 1 or sum(len(one.text) for one in self._read) > _MAX_WHOLE:
            return False
        return any(max(cues.contribution, cues.result) >= 0 for cues in others)

    def text(self) -> str:
        """Return the chosen sentences; openings that refer to an omitted sentence are cut."""
        return " ".join(
            self._read[i].text if i - 1 in self._chosen else self._read[i].opening.rest
            for i in sorted(self._chosen)
        )

    def _take_best(self, values: Sequence[float], floor: float) -> int | None:
        best, best_with, most = None, set[int](), floor
        for i, value in enumerate(values):
            if i in self._chosen or value <= most:
                continue
            needed, penalty = self._needed(i)
            if len(needed | self._chosen) <= self._budget and value - penalty > most:
                best, best_with, most = i, needed, value - penalty
        self._chosen |= best_with
        return best

    def _lacks_referent(self, i: int) -> bool:
        return self._chosen.isdisjoint(self._read[i].referents)

    def _needed(self, i: int) -> tuple[set[int], float]:
        """Return the sentences to choose with sentence i, itself included, and the penalty."""
        needed = {i}
        penalty = 0.0
        last = i
        while (back := self._read[last].opening.refers_back) and self._lacks_referent(last):
            if back < 0.5 or len(needed | self._chosen) >= self._budget:
                penalty += (3 if self._chosen else 2) * back
                break
            last = self._read[last].referents[0]
            needed.add(last)
            penalty += 0.5
        missing = self._read[i].relies_on - self._chosen - needed
        return needed, penalty + (0.25 if self._chosen else 0.1) * min(2, len(missing))
