"""Write papers as Better BibTeX JSON, which Zotero imports if it has that plug-in.

The same file opens as a reading list again: items are in the list's order, and the only collection
has its title.
"""

import json
from collections.abc import Sequence
from typing import Any

from api.formats.citations import publication_date
from api.records.works import Work
from api.rendering.prose import to_plain_text
from index.arxiv.name_parts import NameParts
from index.arxiv.paper import Paper, to_single_line
from index.bibliography.better_bibtex import CONFIG

SUFFIX = "zotero.json"


def better_bibtex_json(works: Sequence[Work], title: str = "") -> str:
    """Return the papers as items; a title makes them a collection."""
    items = [_item(number, work.paper) for number, work in enumerate(works, 1)]
    collection = {
        "key": "seealso",
        "name": title,
        "parent": False,
        "collections": [],
        "items": [item["itemID"] for item in items],
    }
    content = {
        "config": {**CONFIG, "preferences": {}, "options": {}},
        "collections": {"seealso": collection} if title else {},
        "items": items,
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _item(number: int, paper: Paper) -> dict[str, Any]:
    """Return a paper as Zotero's own arXiv translator fills an item of the type preprint."""
    item = {
        "itemID": number,
        "itemType": "preprint",
        "title": _plain(paper.title),
        "creators": [_creator(author) for author in paper.author_parts if author.name],
        "abstractNote": _plain(paper.abstract),
        "date": publication_date(paper).replace("/", "-"),
        "repository": "arXiv",
        "archiveID": f"arXiv:{paper.id}",
        "DOI": f"10.48550/arXiv.{paper.id}",
        "url": paper.url,
        "libraryCatalog": "arXiv.org",
        "extra": _extra(paper),
        "tags": [{"tag": to_single_line(one), "type": 1} for one in paper.categories],
    }
    return {name: value for name, value in item.items() if value}


def _creator(author: NameParts) -> dict[str, str]:
    if not author.given:
        return {"creatorType": "author", "name": author.name}
    given = ", ".join(filter(None, (author.given, author.suffix)))
    return {"creatorType": "author", "firstName": given, "lastName": author.family}


def _extra(paper: Paper) -> str:
    archive = to_single_line(paper.primary_category).partition(".")[0]
    return f"arXiv:{paper.id} [{archive}]" if archive else f"arXiv:{paper.id}"


def _plain(text: str) -> str:
    """Return a text in full, with TeX decoded."""
    return to_plain_text(text, max_length=len(text))
