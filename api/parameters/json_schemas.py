"""The forms of parameters as JSON Schemas, for the OpenAPI description.

Each schema says which texts are certainly accepted. The code that reads a parameter accepts a
little more, such as an identifier among quotes. Patterns are in the dialect of JSON Schema.
"""

import re
from collections.abc import Iterable
from typing import Annotated, Any, TypeAlias

from fastapi import Path
from pydantic import WithJsonSchema

from index.arxiv.categories import CATEGORIES
from index.arxiv.identifier_forms import USUAL_FORMS
from index.arxiv.licences import ARXIV_LICENCES
from index.lists.filters import MAX_VALUE_LENGTH
from index.lists.finder import MAX_TEXT_LENGTH

JsonSchema: TypeAlias = dict[str, Any]
_BLANK = r"\s*"  # blank values of forms are no conditions


def _one_of(texts: Iterable[str]) -> str:
    """Return a pattern of any of these texts, or of none."""
    alternatives = "|".join(re.escape(one).replace(r"\-", "-") for one in sorted(texts))
    return f"^(?:{_BLANK}|{alternatives})$"


CATEGORY: JsonSchema = {
    "type": "string",
    "pattern": _one_of(CATEGORIES),
    "examples": ["cs.CL", "math"],
}
LICENCE: JsonSchema = {
    "type": "string",
    "pattern": _one_of(ARXIV_LICENCES),
    "examples": ["CC-BY-4.0", "arXiv-1.0"],
}
WORDS: JsonSchema = {
    "type": "string",
    "maxLength": MAX_VALUE_LENGTH,
    "pattern": rf"^{_BLANK}$|[\p{{L}}\p{{N}}]",
}
"""A text with a letter or digit, or a blank one, which is no condition."""
TEXT: JsonSchema = {"type": "string", "maxLength": MAX_TEXT_LENGTH, "pattern": r"[\p{L}\p{N}]"}
"""A query or a paragraph, with at least one letter or digit."""
_PRINTABLE = r"[\p{L}\p{M}\p{N}\p{P}\p{S}\s]"
NAME_PATTERN = rf"^{_PRINTABLE}*[\p{{L}}\p{{M}}\p{{N}}\p{{P}}\p{{S}}]{_PRINTABLE}*$"
"""A pattern of names: printable characters, not only blanks."""

PaperId = Annotated[
    str,
    Path(
        description="The identifier of a paper. Forms with a label, in quotes or in the address "
        "of another site are understood too",
    ),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": USUAL_FORMS,
            "examples": ["2401.08092", "arXiv:2401.08092v2", "hep-th/9901001"],
        }
    ),
]
"""An identifier in a path, as `{paper_id:path}`; `canonical_id` reads it."""
