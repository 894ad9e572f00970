"""The filters of a list page: the fields of the form and the values in the URL."""

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

_FIELDS = (
    ("since", "Submitted from", "date"),
    ("until", "Submitted until", "date"),
    ("category", "Category", "text"),
    ("tag", "Tag", "text"),
    ("author", "Author", "text"),
    ("with", "With words", "text"),
    ("without", "Without words", "text"),
    ("licence", "Licence", "text"),
)
_NOT_FILTERS = ("limit", "sort", "q")


@dataclass(frozen=True, slots=True)
class FilterForm:
    """The filter form of a page, filled in from the query of its URL."""

    query: QueryParams

    @property
    def fields(self) -> tuple[tuple[str, str, str], ...]:
        """The fields of the form in order: name, label, kind."""
        return _FIELDS

    @property
    def values(self) -> dict[str, str]:
        """The value of each field; the first if the URL has several, empty if it has none."""
        names = [*(name for name, _, _ in _FIELDS), "when", "diversity", "weak"]
        return {name: self.query.get(name, "") for name in names}

    @property
    def filtered(self) -> bool:
        """Whether any query parameter changes which papers are listed."""
        defaults = ("", "any", "0", "brief", "include")
        return any(
            value.strip() not in defaults
            for name, value in self.query.multi_items()
            if name not in _NOT_FILTERS
        )

    def with_sort(self, sort: str) -> str:
        """Return the query string with another sort order."""
        return self._with("sort", sort)

    def with_query(self, query: str) -> str:
        """Return the query string with another search query."""
        return self._with("q", query)

    def _with(self, changed: str, new: str) -> str:
        kept = [(name, value) for name, value in self.query.multi_items() if name != changed]
        return urlencode([*kept, (changed, new)])
