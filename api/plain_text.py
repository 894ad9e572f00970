"""The listing as plain text, for terminals."""

import textwrap
from datetime import date

from index.entry import Entry
from index.related import Listing, RelatedPaper, SearchResults

_WIDTH = 88
_SHOWN_AUTHORS = 6


def paper_text(entry: Entry, listing: Listing) -> str:
    """A paper with its related papers."""
    paper = entry.paper
    head = [
        paper.url,
        f"{day_text(paper.submitted)}  {paper.title}" + ("  (withdrawn)" * paper.withdrawn),
        authors_text(paper.authors),
        "",
        _block("Summary", entry.summary or "unknown"),
        f"Score: {listing.score:.1f} (the mean score of its ten nearest papers: how closely the "
        "corpus surrounds it)",
        f"Licence: {paper.license or 'unknown'}",
        "",
        _block("Abstract", paper.abstract or "unknown"),
    ]
    return "\n".join([*head, "", listing_text(listing)])


def listing_text(listing: Listing) -> str:
    """The related papers alone."""
    entries = [_entry_text(entry) for entry in listing.related]
    return "\n\n".join(["Related papers", *(entries or ["No other paper is held yet."])]) + _foot(
        listing.meta.release, listing.meta.papers
    )


def results_text(found: SearchResults) -> str:
    """The answers to a query."""
    entries = [_entry_text(entry) for entry in found.results]
    return "\n\n".join(entries or ["No paper holds all of the quoted phrases."]) + _foot(
        found.meta.release, found.meta.papers
    )


def day_text(day: date | None) -> str:
    """A day in ISO 8601, or that it is unknown."""
    return day.isoformat() if day else "day unknown"


def authors_text(authors: list[str] | tuple[str, ...]) -> str:
    """The authors, the long tail counted."""
    if not authors:
        return "authors unknown"
    more = len(authors) - _SHOWN_AUTHORS
    return ", ".join(authors[:_SHOWN_AUTHORS]) + (f" and {more} more" if more > 0 else "")


def _entry_text(entry: RelatedPaper) -> str:
    lines = [
        f"{entry.title} [{entry.score:.1f}]",
        _indented(entry.summary),
        f"  {day_text(entry.submitted)}  {entry.url}",
    ]
    if entry.tags:
        tags = ", ".join(f"{tag.label} {tag.probability:.2f}" for tag in entry.tags)
        lines.append(f"  tags: {tags}")
    if entry.reasons.terms:
        lines.append(f"  in common: {', '.join(entry.reasons.terms)}")
    return "\n".join(line for line in lines if line.strip())


def _block(name: str, text: str) -> str:
    return f"{name}:\n{_indented(text)}\n"


def _indented(text: str) -> str:
    return textwrap.fill(text, _WIDTH, initial_indent="  ", subsequent_indent="  ")


def _foot(release: str, papers: int) -> str:
    return f"\n\nAmong {papers} papers, release {release}."
