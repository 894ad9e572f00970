"""Papers and lists as plain text, for terminals."""

import textwrap
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from api.rendering.prose import MAX_TITLE_LENGTH, to_plain_text
from index.arxiv.date_precision import DatePrecision, format_date
from index.arxiv.paper import to_single_line
from index.catalogue.rows import Entry
from index.health.freshness import Meta
from index.lists.entries import FoundPaper, Listing
from index.lists.recommend import Recommendations
from index.searching.facets import Facets
from index.searching.results import SearchResults

if TYPE_CHECKING:  # the command line must not load the server
    from api.records.tagged_paper import TaggedPaper, TaggedPapers

_WIDTH = 88
_SHOWN_AUTHORS = 6
_MAX_NAME_LENGTH = 200


def paper_text(entry: Entry, listing: Listing, details: bool = True) -> str:
    """Return a paper in two lines, its related papers, and then perhaps details of the paper."""
    paper = entry.paper
    head = [
        paper.url,
        f"{day_text(paper.submitted, paper.submitted_precision)}  "
        + to_plain_text(paper.title, MAX_TITLE_LENGTH)
        + (f"  ({paper.withdrawal.described})" if paper.withdrawal else ""),
    ]
    parts = ["\n".join(head), listing_text(listing)]
    return "\n\n".join([*parts, _details_text(entry, listing)] if details else parts)


def _details_text(entry: Entry, listing: Listing) -> str:
    paper = entry.paper
    return "\n".join(
        [
            "Details",
            "",
            authors_text(paper.authors),
            "",
            _block("Summary", _summary_text(entry) or "unknown"),
            f"Score: {listing.score:.1f} (the mean score of its ten nearest papers)",
            f"Licence: {to_single_line(paper.license) or 'unknown'}",
            "",
            _block("Abstract", to_plain_text(paper.abstract) or "unknown").rstrip(),
        ]
    )


def listing_text(listing: Listing) -> str:
    """Return the related papers alone."""
    entries = [_entry_text(entry) for entry in listing.related]
    return "\n\n".join(
        [
            "Related papers",
            *_note(listing.note),
            *(entries or ["No related paper found."]),
            freshness_text(listing.meta),
        ]
    )


def recommendations_text(found: Recommendations) -> str:
    """Return the recommended papers, after the requested papers that could not be used."""
    unmatched = [f"Not used: {one.asked} ({one.reason})" for one in found.unmatched]
    unmatched += [f"Remark on {one}" for one in found.remarks]
    entries = [_entry_text(entry) for entry in found.related]
    return "\n\n".join(
        [
            f"Recommended from {len(found.liked)} liked and {len(found.disliked)} disliked papers",
            *(["\n".join(unmatched)] if unmatched else []),
            *_note(found.note),
            *(entries or ["No paper matches these filters."]),
            freshness_text(found.meta),
        ]
    )


def results_text(found: SearchResults) -> str:
    """Return the results of a search."""
    entries = [_entry_text(entry) for entry in found.results]
    nothing = [] if found.parts.kind == "conditions" else ["No paper matches the query."]
    did_you_mean = found.suggestion and f"Did you mean: {found.suggestion}"
    return "\n\n".join(
        [
            *_note(found.parts.summary),
            *_note(did_you_mean),
            *_note(found.note),
            *([_facets_text(found.facets)] if found.facets else []),
            *(entries or nothing),
            *_found_by_words(found),
            freshness_text(found.meta),
        ]
    )


def _facets_text(facets: Facets) -> str:
    groups = (("Years", facets.years), ("Categories", facets.categories), ("Tags", facets.tags))
    return "\n".join(
        f"{name}: {', '.join(f'{one.value} ({one.papers:,})' for one in values) or 'none'}"
        for name, values in groups
    )


def _found_by_words(found: SearchResults) -> list[str]:
    if not found.found_by_words:
        return []
    heading = "Found by their words, because the release does not have these papers yet:"
    return [heading, *(_entry_text(entry) for entry in found.found_by_words)]


def tagged_text(found: "TaggedPapers") -> str:
    """Return a tag and the papers that carry it."""
    entries = [
        "\n".join(
            [
                to_plain_text(paper.title, MAX_TITLE_LENGTH),
                _indent(_summary_text(paper)),
                f"  {day_text(paper.submitted, paper.submitted_precision)}  https://arxiv.org/abs/{paper.id}",
            ]
        )
        for paper in found.papers
    ]
    head = f"{found.title}\n{_indent(found.definition)}"
    return "\n\n".join(
        [head, *(entries or ["No paper carries this tag."]), freshness_text(found.meta)]
    )


def freshness_text(meta: Meta) -> str:
    """Return what an answer is based on and whether it is stale, in a few sentences."""
    added = f"on {meta.harvested_at[:10]}" if meta.harvested_at else "at an unknown time"
    newest = meta.newest_announcement
    text = (
        f"{meta.papers:,} papers in release {meta.release}. Papers were last added {added}; the "
        + (f"newest is from {newest}." if newest else "day of the newest is unknown.")
    )
    if meta.not_in_release:
        text += f" Papers not in the release yet: {meta.not_in_release:,}."
    if meta.stale and meta.next_announcement:
        text += f" Stale: arXiv's announcement of {meta.next_announcement:%Y-%m-%d} is missing."
    elif meta.stale:
        text += " Stale: the first harvest is not complete."
    if meta.gaps:
        text += f" Known gaps: {meta.gaps}, listed in the status."
    return text


def day_text(day: date | None, precision: DatePrecision | None = None) -> str:
    """Return a day or a month in ISO 8601, or "day unknown"."""
    return format_date(day, precision) if day else "day unknown"


def submission_day_text(
    day: date | None, precision: DatePrecision | None = None, before: str = ""
) -> str:
    """Return the day of submission after `before`, or what of it is unknown."""
    if day is None:
        return "submission day unknown" if not before else "Submission day unknown"
    only_month = precision is DatePrecision.MONTH
    return before + format_date(day, precision) + (", day unknown" if only_month else "")


def authors_text(authors: Sequence[str]) -> str:
    """Return the first six authors, and the number of the others."""
    if not authors:
        return "authors unknown"
    return _first(authors, _SHOWN_AUTHORS)


def author_name(author: str) -> str:
    """Return the name of an author as plain text, cut if it is very long."""
    return to_plain_text(author, _MAX_NAME_LENGTH)


def _first(authors: Sequence[str], count: int) -> str:
    more = len(authors) - count
    shown = ", ".join(map(author_name, authors[:count]))
    return shown + (f" and {more:,} more" if more > 0 else "")


def _summary_text(one: "Entry | FoundPaper | TaggedPaper") -> str:
    return to_plain_text(one.summary) + " (the whole abstract)" * one.summary_is_abstract


def _entry_text(entry: FoundPaper) -> str:
    lines = [
        to_plain_text(entry.title, MAX_TITLE_LENGTH)
        + ("" if entry.score is None else f" [{entry.score:.1f}]")
        + (" (weak match)" * entry.weak),
        _indent(_summary_text(entry)),
        f"  {day_text(entry.submitted, entry.submitted_precision)}  {entry.url}",
    ]
    if entry.tags:
        tags = ", ".join(f"{tag.label} {tag.probability:.2f}" for tag in entry.tags)
        lines.append(f"  tags: {tags}")
    if entry.reasons.terms:
        lines.append(f"  in common: {', '.join(entry.reasons.terms)}")
    if entry.reasons.sentences:
        lines.append(_indent(f'similar sentence: "{to_plain_text(entry.reasons.sentences.found)}"'))
    if entry.reasons.liked:
        lines.append(f"  like: {', '.join(entry.reasons.liked)}")
    return "\n".join(line for line in lines if line.strip())


def _note(note: str | None) -> list[str]:
    return [textwrap.fill(to_single_line(note), _WIDTH)] if note else []


def _block(name: str, text: str) -> str:
    return f"{name}:\n{_indent(text)}\n"


def _indent(text: str) -> str:
    return textwrap.fill(text, _WIDTH, initial_indent="  ", subsequent_indent="  ")
