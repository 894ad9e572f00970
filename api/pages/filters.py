"""What a page's form for narrowing a list shows: what was asked for, ready to be changed."""

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

_FIELDS = (
    ("since", "From", "date"),
    ("until", "Until", "date"),
    ("category", "Category", "text"),
    ("tag", "Tag", "text"),
    ("author", "Author", "text"),
    ("with", "With the words", "text"),
    ("without", "Without the words", "text"),
    ("licence", "Licence", "text"),
)
_ASKED_OTHERWISE = ("limit", "sort", "q")


@dataclass(frozen=True, slots=True)
class ListFilters:
    """The fields of the form as (name, label, kind), and the values that the address gave."""

    query: QueryParams

    @property
    def fields(self) -> tuple[tuple[str, str, str], ...]:
        """What can be asked, in the order of the form."""
        return _FIELDS

    @property
    def values(self) -> dict[str, str]:
        """What was asked, the first of several values; empty where nothing was."""
        names = [*(name for name, _, _ in _FIELDS), "when", "diversity"]
        return {name: self.query.get(name, "") for name in names}

    @property
    def filtered(self) -> bool:
        """Whether anything was asked that leaves papers out or changes their choice."""
        nothing = ("", "any", "0", "brief")
        return any(
            value.strip() not in nothing
            for name, value in self.query.multi_items()
            if name not in _ASKED_OTHERWISE
        )

    def with_sort(self, sort: str) -> str:
        """The same query in another order."""
        kept = [(name, value) for name, value in self.query.multi_items() if name != "sort"]
        return urlencode([*kept, ("sort", sort)])
