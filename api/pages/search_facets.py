"""Facets and operators of a search as links: each adds an operator to the query or removes it."""

from dataclasses import dataclass

from starlette.datastructures import QueryParams

from api.pages.filters import FilterForm
from classifier.taxonomies.followed import Taxonomies
from index.errors import NotFound
from index.queries.syntax import parse_query
from index.searching.facets import Facets


@dataclass(frozen=True, slots=True)
class FacetLink:
    """A value of a facet, its number of papers, and the query string with its operator."""

    text: str
    papers: int
    query: str


@dataclass(frozen=True, slots=True)
class FacetGroup:
    """A facet: its name and its values."""

    name: str
    links: list[FacetLink]


@dataclass(frozen=True, slots=True)
class OperatorLink:
    """An operator in use, and the query string without it."""

    text: str
    without: str


def facet_groups(
    facets: Facets, q: str, query: QueryParams, taxonomies: Taxonomies
) -> list[FacetGroup]:
    """Return the facets whose values differ among the papers, without operators in use."""
    present = {str(one) for one in parse_query(q).operators}
    form = FilterForm(query)

    def links(values: list[tuple[str, str, int]]) -> list[FacetLink]:
        return [
            FacetLink(text, papers, form.with_query(f"{q.strip()} {operator}"))
            for text, operator, papers in values
            if operator not in present and papers < facets.papers
        ]

    tags = []
    for (taxonomy, label), papers in facets.tags:
        try:
            title = taxonomies.get(taxonomy).label(label).title
        except NotFound:  # a label that its taxonomy no longer has
            continue
        tags.append((title, f"tag:{taxonomy}/{label}", papers))
    groups = [
        FacetGroup("Year", links([(str(year), f"year:{year}", n) for year, n in facets.years])),
        FacetGroup("Category", links([(name, f"cat:{name}", n) for name, n in facets.categories])),
        FacetGroup("Tag", links(tags)),
    ]
    return [group for group in groups if group.links]


def active_operators(q: str, query: QueryParams) -> list[OperatorLink]:
    """Return the operators of a query, each with the query string without it."""
    parsed = parse_query(q)
    form = FilterForm(query)
    return [
        OperatorLink(str(one), form.with_query(parsed.without(one))) for one in parsed.operators
    ]
