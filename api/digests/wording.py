"""What every form of a digest says: headings, reasons, and what the digest is based on."""

from collections.abc import Iterator
from datetime import UTC, datetime

from api.formats.plain_text import authors_text, freshness_text, submission_day_text
from api.rendering.prose import MAX_TITLE_LENGTH, to_plain_text
from index.arxiv.paper import to_single_line
from index.digests.digest import Digest
from index.digests.groups import DigestGroup
from index.lists.entries import FoundPaper
from index.lists.options import MAX_LIMIT

_MAX_LIKED_TITLE = 90  # characters
_NAMED = 2  # liked papers


def count_text(number: int, one: str, several: str = "") -> str:
    """Return a number with its noun: "1 new paper", "12 new papers"."""
    return f"{number:,} {one if number == 1 else several or one + 's'}"


def since_text(since: datetime) -> str:
    """Return a UTC time as text, without the time of day if a day begins then."""
    moment = since.astimezone(UTC)
    if (moment.hour, moment.minute) == (0, 0):
        return f"{moment:%Y-%m-%d}"
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def heading(digest: Digest) -> str:
    """Return the number of papers and the period."""
    listed = len(digest.papers)
    papers = count_text(listed, "new paper") if listed else "No new papers"
    return f"{papers} since {since_text(digest.since)}"


def subject(digest: Digest) -> str:
    """Return the subject of a mail: the number of papers, what they are near to, and the day."""
    listed = len(digest.papers)
    papers = count_text(listed, "new paper") if listed else "no new papers"
    named = [group for group in digest.groups if group.papers] or digest.groups
    first = group_title(named[0])
    about = f" {first[0].lower()}{first[1:]}" if not first.startswith("New papers") else ""
    more = f" and {count_text(len(named) - 1, 'more list')}" if len(named) > 1 else ""
    return f"{papers}{about}{more}, {digest.made:%Y-%m-%d}"


def group_title(group: DigestGroup) -> str:
    """Return the title of a group, which may have the text of a query, on one line."""
    return to_single_line(group.title)


def group_facts(group: DigestGroup) -> list[str]:
    """Return what a group says before its papers: its note, and what could not be used."""
    facts = [to_single_line(group.note)] if group.note else []
    if group.unmatched:
        are = "is" if group.unmatched == 1 else "are"
        others = count_text(group.unmatched, "other")
        facts.append(f"{others} {are} not in this catalogue.")
    if group.remarks:
        were = "was" if group.remarks == 1 else "were"
        entries = count_text(group.remarks, "entry", "entries")
        facts.append(
            f"{entries} {were} read in part or by a guess: `seealso related --bib` names them."
        )
    return facts


def nothing_text(group: DigestGroup) -> str:
    """Return what a group without papers says."""
    return "No new papers." if group.title == "New papers" else "No new paper is near enough."


def more_text(group: DigestGroup) -> str:
    """Return how many more papers are near than a group lists; "" if there are none."""
    more = group.found - len(group.papers)
    if more <= 0:
        return ""
    papers = count_text(more, "more new paper")
    at_least = "At least " * (group.found == MAX_LIMIT)
    return f"{at_least}{papers} matched; --limit lists more of them."


def title_text(paper: FoundPaper) -> str:
    """Return the title of a paper as plain text."""
    return to_plain_text(paper.title, MAX_TITLE_LENGTH) or f"arXiv:{paper.id}"


def score_text(paper: FoundPaper) -> str:
    """Return the score of a paper, and whether it is a weak match; "" in a list by date."""
    if paper.score is None:
        return ""
    return f"{paper.score:.1f}" + " (weak match)" * paper.weak


def facts_text(paper: FoundPaper) -> str:
    """Return the day of submission and the categories."""
    day = submission_day_text(paper.submitted, paper.submitted_precision)
    return ", ".join([day, *map(to_single_line, paper.categories[:3])])


def authors_of(paper: FoundPaper) -> str:
    """Return the first authors of a paper."""
    return authors_text(paper.authors)


def summary_of(paper: FoundPaper) -> str:
    """Return the summary of a paper as plain text."""
    return to_plain_text(paper.summary)


def pdf_address(paper: FoundPaper) -> str:
    """Return the address of the paper's PDF at arXiv."""
    return f"https://arxiv.org/pdf/{paper.id}"


def reason_text(paper: FoundPaper, digest: Digest) -> str:
    """Return why a paper is listed: liked papers like it, and shared words; "" if unknown."""
    return "; ".join(_reasons(paper, digest))


def _reasons(paper: FoundPaper, digest: Digest) -> Iterator[str]:
    titles = [digest.titles.get(one, f"arXiv:{one}") for one in paper.reasons.liked[:_NAMED]]
    if titles:
        shown = [to_plain_text(one, _MAX_LIKED_TITLE) for one in titles]
        yield "like " + " and ".join(f"“{one}”" for one in shown)
    if paper.reasons.terms:
        yield f"in common: {', '.join(map(to_single_line, paper.reasons.terms))}"


def closing(digest: Digest) -> list[str]:
    """Return what a digest is based on, and which papers it leaves out."""
    said = [freshness_text(digest.meta)]
    if digest.waiting:
        are = "is" if digest.waiting == 1 else "are"
        papers = count_text(digest.waiting, "new paper")
        said.append(f"{papers} {are} not in the release yet; run `seealso update`.")
    if digest.others:
        papers, one = count_text(digest.others, "paper"), digest.others == 1
        they = "is older, so it is" if one else "are older, so they are"
        said.append(f"{papers} stored since then {they} not listed as new.")
    return said
