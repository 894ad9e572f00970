"""The papers that carry a tag in every format."""

from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response

from api.cached_attribute import cached_attribute
from api.formats.feeds import FEED_LENGTH, tag_feed
from api.formats.plain_summaries import with_plain_summaries
from api.formats.plain_text import tagged_text
from api.formats.representations import json_response
from api.parameters.fields import included_fields
from api.parameters.list_options import Limit, TagName, TaxonomyName
from api.parameters.paging import WHOLE, Excerpt, ExcerptParameter, PageEnd
from api.records.tagged_paper import TaggedPaper, TaggedPapers, tagged_papers
from api.records.works import Work, works_of
from api.service import ReadSession, Session
from classifier.taxonomies.taxonomy import DEFAULT_TAXONOMY, Label, Taxonomy
from index.arxiv.date_precision import format_date


@dataclass(frozen=True)
class TagRepresentation:
    """The papers that carry a tag or one below it, in any format."""

    request: Request
    session: ReadSession
    taxonomy: Taxonomy
    label: Label
    limit: int
    excerpt: Excerpt

    @property
    def name(self) -> str:
        """The file name of the papers, without a suffix."""
        return self.label.id

    @cached_attribute
    def _page(self) -> tuple[list[int], PageEnd | None]:
        """The catalogue numbers of the listed papers, and the end of the page, if any."""
        store, labels = self.session.catalogue.tags, self.taxonomy.with_descendants(self.label.id)
        page = self.excerpt.page
        if page is None:
            return store.numbers_with_labels(self.taxonomy.name, labels, self.limit), None
        day, _, paper_id = page.after.partition(" ")
        after = (day, paper_id) if page.after else None
        numbers = store.numbers_with_labels(self.taxonomy.name, labels, self.limit + 1, after)
        shown = numbers[: self.limit]
        next_cursor = page.cursor(self._place(shown[-1])) if len(numbers) > self.limit else None
        return shown, PageEnd(store.count_papers(self.taxonomy.name, labels), next_cursor)

    def _place(self, number: int) -> str:
        paper = self.session.catalogue.entries([number])[number].paper
        day = format_date(paper.submitted, paper.submitted_precision) if paper.submitted else ""
        return f"{day} {paper.id}"

    @property
    def next_cursor(self) -> str | None:
        """The cursor of the next page; None without one."""
        end = self._page[1] if self.excerpt.page else None
        return end.next_cursor if end else None

    @property
    def answer(self) -> TaggedPapers:
        """The tag with its papers."""
        label, papers = self.label, tagged_papers(self.session, self._page[0])
        return TaggedPapers(label.id, label.title, label.definition, papers, self.session.meta)

    def json(self) -> Response:
        """Return the papers with their tags as JSON."""
        include = included_fields(self.excerpt.fields, TaggedPaper, TaggedPapers)
        return json_response(with_plain_summaries(self.answer), include, self._page[1])

    def text(self) -> str:
        """Return the papers as plain text."""
        return tagged_text(self.answer)

    def works(self) -> list[Work]:
        """Return the papers."""
        return works_of(self.session, self._page[0])

    def feed(self) -> Response:
        """Return a feed of the newest papers."""
        limit = self.limit if "limit" in self.request.query_params else FEED_LENGTH
        return tag_feed(self.request, self.session, self.taxonomy, self.label, limit)


def tag_representation(
    tag: TagName,
    request: Request,
    session: Session,
    excerpt: ExcerptParameter,
    taxonomy: TaxonomyName = DEFAULT_TAXONOMY,
    limit: Limit = 10,
) -> TagRepresentation:
    """Return the papers that a request under /v1 selects; raises UnknownTaxonomy, UnknownTag."""
    chosen = session.taxonomies.get(taxonomy)
    return TagRepresentation(request, session, chosen, chosen.label(tag), limit, excerpt)


def unpaged_tag_representation(
    taxonomy: str, tag: str, request: Request, session: Session, limit: Limit = 30
) -> TagRepresentation:
    """Return a tag's papers as its page lists them; raises UnknownTaxonomy, UnknownTag."""
    chosen = session.taxonomies.get(taxonomy)
    return TagRepresentation(request, session, chosen, chosen.label(tag), limit, WHOLE)
