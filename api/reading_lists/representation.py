"""A reading list in every format."""

from dataclasses import dataclass, field

from fastapi import Request
from fastapi.responses import Response

from api.formats.plain_text import authors_text, day_text, freshness_text
from api.formats.representations import json_response
from api.parameters.paging import WHOLE
from api.parameters.reading_list import ReadingList
from api.reading_lists.record import ReadingListRecord, listed_papers, works_of_list
from api.records.works import Work
from api.rendering.prose import MAX_TITLE_LENGTH, to_plain_text
from api.service import ReadSession
from index.lists.recommend import Unmatched


@dataclass(frozen=True)
class ReadingListRepresentation:
    """A list, and what is to be said about the file that it was opened from."""

    request: Request
    session: ReadSession
    reading_list: ReadingList
    left_out: list[Unmatched] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    excerpt = WHOLE
    next_cursor = None

    @property
    def name(self) -> str:
        """The file name of a download: the title, if the list has one."""
        return self.reading_list.title or "reading-list"

    @property
    def record(self) -> ReadingListRecord:
        """The list as JSON has it."""
        mine = self.reading_list
        papers = listed_papers(self.session, mine.ids)
        here = str(self.request.base_url).rstrip("/")
        return ReadingListRecord(
            title=mine.title,
            papers=papers,
            not_harvested=sum(not one.harvested for one in papers),
            address=here + mine.address(),
            recommendations=here + mine.recommendations,
            feed=here + mine.feed,
            left_out=self.left_out,
            remarks=self.remarks,
            meta=self.session.meta,
        )

    def json(self) -> Response:
        """Return the list as JSON."""
        return json_response(self.record)

    def text(self) -> str:
        """Return the list as plain text."""
        record = self.record
        lines = [record.title or "Reading list", record.address, ""]
        for paper in record.papers:
            if paper.harvested:
                day = day_text(paper.submitted, paper.submitted_precision)
                lines += [to_plain_text(paper.title or "", MAX_TITLE_LENGTH)]
                lines += [f"  {day}  {paper.url}", f"  {authors_text(paper.authors)}", ""]
            else:
                lines += [f"arXiv:{paper.id} (not harvested)", f"  {paper.url}", ""]
        lines += [f"Not in the list: {one.asked} ({one.reason})" for one in record.left_out]
        lines += [f"Remark on {one}" for one in record.remarks]
        return "\n".join([*lines, freshness_text(record.meta)])

    def works(self) -> list[Work]:
        """Return the papers to cite, also those that are not harvested."""
        return works_of_list(self.session, self.reading_list.ids)
