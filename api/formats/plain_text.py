"""The listing as plain text, for terminals."""

import textwrap
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from api.rendering.prose import MAX_TITLE_LENGTH, prose
from index.arxiv.paper import to_single_line
from index.catalogue.rows import Entry
from index.health.freshness import Meta
from index.lists.entries import Listing, RelatedPaper, SearchResults
from index.lists.recommend import Recommendations

if TYPE_CHECKING:  # the command line has no need of the server's parts
    from api.records.tagged_paper import TaggedPapers

_WIDTH = 88
_SHOWN_AUTHORS = 6
_MAX_AUTHORS = 100
_MAX_NAME_LENGTH = 200


def paper_text(entry: Entry, listing: Listing) -> str:
    """A paper with its related papers."""
    paper = entry.paper
    head = [
        paper.url,
        f"{day_text(paper.submitted)}  {prose(paper.title, MAX_TITLE_LENGTH)}"
        + ("  (withdrawn)" * paper.withdrawn),
        authors_text(paper.authors),
        "",
        _block("Summary", prose(entry.summary) or "unknown"),
        f"Score: {listing.score:.1f} (the mean score of its ten nearest papers: how closely the "
        "corpus surrounds it)",
        f"Licence: {to_single_line(paper.license) or 'unknown'}",
        "",
        _block("Abstract", prose(paper.abstract) or "unknown"),
    ]
    return "\n".join([*head, "", listing_text(listing)])


def listing_text(listing: Listing) -> str:
    """The related papers alone."""
    entries = [_entry_text(entry) for entry in listing.related]
    return "\n\n".join(
        [
            "Related papers",
            *(entries or ["No other paper is held yet."]),
            freshness_text(listing.meta),
        ]
    )


def recommendations_text(found: Recommendations) -> str:
    """The papers for what is liked, and what of it is not held here."""
    unmatched = [f"Not used: {one.asked} ({one.reason})" for one in found.unmatched]
    entries = [_entry_text(entry) for entry in found.related]
    return "\n\n".join(
        [
            f"For {len(found.liked)} liked and {len(found.disliked)} disliked papers",
            *(["\n".join(unmatched)] if unmatched else []),
            *(entries or ["No paper is left."]),
            freshness_text(found.meta),
        ]
    )


def results_text(found: SearchResults) -> str:
    """The answers to a query."""
    entries = [_entry_text(entry) for entry in found.results]
    nothing = ["No paper holds all of the quoted phrases."]
    return "\n\n".join([*(entries or nothing), freshness_text(found.meta)])


def tagged_text(found: "TaggedPapers") -> str:
    """The papers of a tag."""
    entries = [
        "\n".join(
            [
                prose(paper.title, MAX_TITLE_LENGTH),
                _indented(prose(paper.summary)),
                f"  {day_text(paper.submitted)}  https://arxiv.org/abs/{paper.id}",
            ]
        )
        for paper in found.papers
    ]
    head = f"{found.title}\n{_indented(found.definition)}"
    return "\n\n".join([head, *(entries or ["No paper carries it."]), freshness_text(found.meta)])


def freshness_text(meta: Meta) -> str:
    """What an answer rests on, and whether it is late, in a sentence or two."""
    came = f"on {meta.harvested_at[:10]}" if meta.harvested_at else "on an unknown day"
    text = (
        f"Among {meta.papers:,} papers, release {meta.release}; papers last came in {came}, "
        f"the newest is of {day_text(meta.newest_announcement)}."
    )
    if meta.stale and meta.next_announcement:
        text += f" Late: arXiv's announcement of {meta.next_announcement:%Y-%m-%d} is not here."
    elif meta.stale:
        text += " Late: the first harvest has not come to its end."
    if meta.gaps:
        text += f" Known gaps: {meta.gaps}; the status lists them."
    return text


def day_text(day: date | None) -> str:
    """A day in ISO 8601, or that it is unknown."""
    return day.isoformat() if day else "day unknown"


def authors_text(authors: Sequence[str]) -> str:
    """The authors, the long tail counted."""
    if not authors:
        return "authors unknown"
    return _first(authors, _SHOWN_AUTHORS)


def all_authors_text(authors: Sequence[str]) -> str:
    """The authors, of a great collaboration the first hundred."""
    return _first(authors, _MAX_AUTHORS) if authors else "authors unknown"


def _first(authors: Sequence[str], count: int) -> str:
    more = len(authors) - count
    shown = ", ".join(prose(author, _MAX_NAME_LENGTH) for author in authors[:count])
    return shown + (f" and {more:,} more" if more > 0 else "")


def _entry_text(entry: RelatedPaper) -> str:
    lines = [
        f"{prose(entry.title, MAX_TITLE_LENGTH)} [{entry.score:.1f}]",
        _indented(prose(entry.summary)),
        f"  {day_text(entry.submitted)}  {entry.url}",
    ]
    if entry.tags:
        tags = ", ".join(f"{tag.label} {tag.probability:.2f}" for tag in entry.tags)
        lines.append(f"  tags: {tags}")
    if entry.reasons.terms:
        lines.append(f"  in common: {', '.join(entry.reasons.terms)}")
    if entry.reasons.sentences:
        lines.append(_indented(f'says alike: "{prose(entry.reasons.sentences.found)}"'))
    if entry.reasons.liked:
        lines.append(f"  like: {', '.join(entry.reasons.liked)}")
    return "\n".join(line for line in lines if line.strip())


def _block(name: str, text: str) -> str:
    return f"{name}:\n{_indented(text)}\n"


def _indented(text: str) -> str:
    return textwrap.fill(text, _WIDTH, initial_indent="  ", subsequent_indent="  ")
