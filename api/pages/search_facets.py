"""Facets and conditions of a search as links: each adds an operator to the query or removes one."""

from collections.abc import Callable
from dataclasses import dataclass

from api.pages.filters import Chip, FilterForm
from classifier.taxonomies.followed import Taxonomies
from index.queries.syntax import ParsedQuery
from index.searching.facets import Facets, FacetValue


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


def facet_groups(
    facets: Facets, parsed: ParsedQuery, form: FilterForm, taxonomies: Taxonomies
) -> list[FacetGroup]:
    """Return the facets whose values differ among the papers, without operators in use."""
    present = {str(one) for one in parsed.operators}

    def group(name: str, values: list[FacetValue], title: Callable[[str], str] = str) -> FacetGroup:
        links = [
            FacetLink(
                title(one.value),
                one.papers,
                form.with_query(f"{parsed.query.strip()} {one.operator}"),
            )
            for one in values
            if one.operator not in present and one.papers < facets.papers
        ]
        return FacetGroup(name, links)

    def title_of_tag(tag: str) -> str:
        taxonomy, _, label = tag.partition("/")
        return taxonomies.get(taxonomy).label(label).title

    groups = [
        group("Year", facets.years),
        group("Category", facets.categories),
        group("Tag", facets.tags, title_of_tag),
    ]
    return [one for one in groups if one.links]


def condition_chips(parsed: ParsedQuery, form: FilterForm) -> list[Chip]:
    """Return the operators, phrases and excluded words of a query as chips that remove them."""
    return [Chip(str(one), form.with_query(parsed.without(one))) for one in parsed.conditions]
