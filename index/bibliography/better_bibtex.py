"""Better BibTeX JSON: what its importer expects of a file, and the collection that a file is of.

A file has `config` (the translator that wrote it), `collections` by their keys, and `items` in
Zotero's own form.
"""

import json

from index.arxiv.paper import to_single_line

CONFIG = {"id": "36a3b0b5-bad0-4a04-b79b-441c7cef77db", "label": "BetterBibTeX JSON"}
"""By the id, Zotero finds the translator to import a file with."""


def collection_name(text: str) -> str:
    """Return the name of the only top-level collection of a file; "" if there is none.

    A file in another format has none; one in BibTeX may begin with a brace too.
    """
    if not text.lstrip().startswith("{"):
        return ""
    try:
        collections = json.loads(text).get("collections")
    except (ValueError, RecursionError):
        return ""
    if not isinstance(collections, dict):
        return ""
    # Keys are as in `parent`; a collection without its parent in the file is at the top of it.
    keys = [*collections]
    names = [
        one["name"]
        for one in collections.values()
        if isinstance(one, dict)
        and isinstance(one.get("name"), str)
        and one.get("parent") not in keys
    ]
    return to_single_line(names[0]) if len(names) == 1 else ""
