"""Read a query: its parts, the name in it, and its conditions, with a usable correction."""

from dataclasses import dataclass

from index.errors import BadInput, BadQuery
from index.lists.filters import Filters
from index.queries.syntax import ParsedQuery, parse_query
from index.searching.conditions import ConditionReader, QueryConditions
from index.searching.names import NameFinder, NameMatch

_MAX_FAULTS = 5  # of a query that are named


@dataclass(frozen=True, slots=True)
class ReadQuery:
    """A query in its parts, the authors whose name it has, and its conditions.

    If the query is a name as a whole, being by its authors is one of the conditions.
    """

    parsed: ParsedQuery
    name: NameMatch | None
    conditions: QueryConditions

    @property
    def is_by_date(self) -> bool:
        """Whether papers are listed by date, because they are compared with no words."""
        by_name = self.name is not None and self.name.is_whole
        return by_name or (self.parsed.has_conditions and not self.parsed.has_words)


class QueryReader:
    """Reads queries with the names and conditions of one release.

    read = QueryReader(names, conditions).read("Mengwei Xu since:2024", Filters())
    read.name.authors, read.conditions.filters.since
    """

    def __init__(self, names: NameFinder, conditions: ConditionReader) -> None:
        self._names = names
        self._conditions = conditions

    def read(self, query: str, filters: Filters) -> ReadQuery:
        """Read a query together with other filters.

        Raises BadQuery for a wrong operator. It names each fault of the query, and its suggestion
        is a query without any.
        """
        try:
            return self._read(query, filters)
        except BadQuery as error:
            raise self._with_all_faults(error, filters) from error

    def _read(self, query: str, filters: Filters) -> ReadQuery:
        parsed = parse_query(query)
        name = self._names.in_query(parsed) or self._of_operator(parsed)
        conditions = self._conditions.read(parsed, filters)
        if name is not None and name.is_whole:
            conditions = self._conditions.of_authors(conditions, name)
        return ReadQuery(parsed, name, conditions)

    def _of_operator(self, parsed: ParsedQuery) -> NameMatch | None:
        """Return the authors of the query's operator author: if it has a single one."""
        names = [one for one in parsed.operators if one.field == "author"]
        if len(names) != 1 or names[0].negated:
            return None
        return self._names.of_name(names[0].value)

    def _with_all_faults(self, error: BadQuery, filters: Filters) -> BadQuery:
        """Return the error with the faults that its corrected query still has."""
        faults, suggestion = [error.fault], error.suggestion
        while suggestion:
            try:
                parsed = self._read(suggestion, filters).parsed
                if not (parsed.has_words or parsed.has_conditions):
                    suggestion = ""  # only punctuation is left
                break
            except BadQuery as another:
                faults.append(another.fault)
                suggestion = another.suggestion
            except BadInput:  # by the filters beside the query, which no query corrects
                suggestion = ""
            if len(faults) == _MAX_FAULTS:
                suggestion = ""
        return BadQuery("; ".join(dict.fromkeys(faults)), suggestion)
