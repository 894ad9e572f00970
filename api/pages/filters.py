"""The filters of a list page: the chips of those in use, the form, and the values in the URL."""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from api.parameters.list_options import is_default

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
_CHIP_NAMES = {
    "since": "from",
    "until": "until",
    "category": "category",
    "tag": "tag",
    "author": "author",
    "with": "with",
    "without": "without",
    "licence": "licence",
    "min_score": "score from",
    "min_percentile": "percentile from",
}
_CHIP_TEXTS = {
    ("when", "newer"): "newer than this paper",
    ("when", "older"): "older than this paper",
    ("weak", "exclude"): "without weak matches",
}
_NO_EFFECT = ("", "0", "any", "include")


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in use: its text, and the query string without it."""

    text: str
    without: str


@dataclass(frozen=True, slots=True)
class FilterForm:
    """The filters of a page, read from the query of its URL.

    form = FilterForm(QueryParams("category=cs.CL&limit=20"))
    form.chips  # [Chip("category: cs.CL", without="limit=20")]
    form.adding("when", "newer")  # "category=cs.CL&limit=20&when=newer"
    """

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
    def hidden(self) -> list[tuple[str, str]]:
        """The parameters that the form keeps although it has no field for them."""
        own = self.values
        return [(name, value) for name, value in self.query.multi_items() if name not in own]

    @property
    def chips(self) -> list[Chip]:
        """The filters in use, in the order of the URL."""
        pairs = self.query.multi_items()
        return [
            Chip(text, urlencode(pairs[:place] + pairs[place + 1 :]))
            for place, pair in enumerate(pairs)
            if (text := _chip_text(*pair))
        ]

    @property
    def filtered(self) -> bool:
        """Whether any query parameter changes which papers are listed."""
        return any(_chip_text(*pair) for pair in self.query.multi_items())

    @property
    def cleared(self) -> str:
        """The query string without filters; sort order and length are kept."""
        return urlencode([pair for pair in self.query.multi_items() if not _chip_text(*pair)])

    def without(self, names: Container[str]) -> str:
        """Return the query string without some parameters."""
        return urlencode([pair for pair in self.query.multi_items() if pair[0] not in names])

    def has(self, name: str, value: str) -> bool:
        """Return whether a filter has this value."""
        return (name, value) in self.query.multi_items()

    def with_sort(self, sort: str) -> str:
        """Return the query string with another sort order."""
        return self.setting("sort", sort)

    def with_query(self, query: str) -> str:
        """Return the query string with another search query."""
        return self.setting("q", query)

    def setting(self, changed: str, new: str) -> str:
        """Return the query string with one parameter set to a value, whatever it was.

        A value that is the default is left out.
        """
        pairs = [(name, value) for name, value in self.query.multi_items() if name != changed]
        return urlencode(pairs if is_default(changed, new) else [*pairs, (changed, new)])


def _chip_text(name: str, value: str) -> str | None:
    """Return the text of a filter's chip; None if the parameter filters nothing."""
    value = value.strip()
    if value in _NO_EFFECT:
        return None
    if name == "diversity":
        return f"diversity {value}"
    if name in _CHIP_NAMES:
        return f"{_CHIP_NAMES[name]}: {value}"
    return _CHIP_TEXTS.get((name, value))


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A filter that a page offers: its text and the query string with it."""

    text: str
    query: str


def suggest_filters(form: FilterForm, offers: Iterable[tuple[str, str, str]]) -> list[Suggestion]:
    """Return those of the offers (text, parameter, value) that are not in use."""
    return [
        Suggestion(text, form.setting(name, value))
        for text, name, value in offers
        if not form.has(name, value)
    ]
