"""The rows that meet the operators of a query."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from index.arrays import Mask
from index.arxiv.categories import CATEGORIES, categories_of_subject
from index.arxiv.identifier import canonical_id
from index.catalogue.catalogue import Catalogue
from index.catalogue.tags import TagKey
from index.did_you_mean import closest
from index.errors import BadInput, BadQuery
from index.lists.filters import MAX_VALUE_LENGTH, MAX_VALUES, Filters, PaperRows, allowed_rows
from index.queries.days import Days, days_of, days_of_years, nearest_day
from index.queries.syntax import Operator, ParsedQuery
from index.queries.tokens import EXAMPLES
from index.search.attributes import rows_mask
from index.search.row_filter import RowFilter
from index.searching.facets import TagNames
from index.searching.names import NameFinder, NameMatch

_DAY_FIELDS = ("since", "until", "year")


@dataclass(frozen=True, slots=True)
class QueryConditions:
    """The conditions of a query on papers of a release.

    Those that `Filters` can express become part of them, so that a vector server can evaluate them
    too; `masks` has the others.
    """

    filters: Filters
    masks: tuple[Mask, ...] = ()

    def allowed(self, catalogue: Catalogue, release: PaperRows) -> RowFilter | None:
        """Return the rows that meet all conditions; None means all rows."""
        allowed = allowed_rows(self.filters, catalogue, release)
        if not self.masks:
            return allowed
        masks = [*self.masks, *([allowed.mask] if allowed else [])]
        mask: Mask = np.logical_and.reduce(masks)
        return RowFilter(mask, allowed.conditions) if allowed else RowFilter(mask)


class ConditionReader:
    """Reads the conditions of queries, in one release.

    reader = ConditionReader(catalogue, release, names, tag_names)
    conditions = reader.read(parse_query("cat:cs.CL since:2024 author:Hinton"), Filters())
    """

    def __init__(
        self,
        catalogue: Catalogue,
        release: PaperRows,
        names: NameFinder,
        tag_names: Callable[[], TagNames],
    ) -> None:
        self._catalogue = catalogue
        self._names = names
        self._release = release
        self._tag_names = tag_names

    def read(self, parsed: ParsedQuery, filters: Filters) -> QueryConditions:
        """Return the conditions of a query together with other filters.

        Raises BadQuery, with a corrected query, for a value that is not valid or not known.
        """
        masks = []
        _check_texts(parsed)
        _check_order(parsed)
        for group in parsed.groups:
            with_group = self._as_filters(parsed, group, filters)
            if with_group is None:
                masks.append(
                    np.logical_or.reduce([self._mask(parsed, operator) for operator in group])
                )
            else:
                filters = with_group
        including = (*filters.including, *parsed.phrases)
        excluding = (*filters.excluding, *parsed.excluded)
        return QueryConditions(
            replace(filters, including=including, excluding=excluding), tuple(masks)
        )

    def of_authors(self, conditions: QueryConditions, name: NameMatch) -> QueryConditions:
        """Return conditions that only papers by authors of this name meet."""
        mask = self._of_papers(name.numbers)
        return replace(conditions, masks=(*conditions.masks, mask))

    def _as_filters(
        self, parsed: ParsedQuery, group: Sequence[Operator], filters: Filters
    ) -> Filters | None:
        """Return filters that include a group of operators; None if they cannot express it."""
        fields = {operator.field for operator in group}
        if any(operator.negated for operator in group) or len(fields) > 1:
            return None
        if fields == {"cat"} and not filters.categories:
            names = [name for one in group for name in self._categories(parsed, one)]
            return replace(filters, categories=tuple(dict.fromkeys(names)))
        if len(group) == 1 and group[0].field in _DAY_FIELDS:
            first, last = _days(parsed, group[0])
            since, until = max(first, filters.since or first), min(last, filters.until or last)
            if since <= until:
                return replace(
                    filters,
                    since=since if since > date.min else None,
                    until=until if until < date.max else None,
                )
        return None

    def _mask(self, parsed: ParsedQuery, operator: Operator) -> Mask:
        if len(operator.value) > MAX_VALUE_LENGTH:
            raise BadQuery(
                f"{operator.field}: {operator.value[:30]!r}... has {len(operator.value)} "
                f"characters: at most {MAX_VALUE_LENGTH} are allowed",
                parsed.without(operator),
            )
        mask = self._plain_mask(parsed, operator)
        return ~mask if operator.negated else mask

    def _plain_mask(self, parsed: ParsedQuery, operator: Operator) -> Mask:
        value, attributes = operator.value, self._release.attributes
        text = self._catalogue.full_text
        match operator.field:
            case "author":
                return self._of_papers(self._names.numbers(value))
            case "title":
                return self._of_papers(text.with_phrases([value], "title"))
            case "abs":
                return self._of_papers(text.with_phrases([value], "abstract"))
            case "phrase":
                return self._of_papers(text.with_phrases([value]))
            case "tag":
                return self._of_papers(
                    self._catalogue.tags.numbers_with_tags(self._tags(parsed, operator))
                )
            case "cat":
                filters = Filters(categories=tuple(self._categories(parsed, operator)))
            case "licence":
                filters = Filters(licences=(value,))
            case "id":
                return self._of_papers([self._number(parsed, operator)])
            case _:
                first, last = _days(parsed, operator)
                filters = Filters(since=first, until=last)
        try:
            allowed = allowed_rows(filters, self._catalogue, self._release)
        except BadInput as error:
            raise BadQuery(str(error), parsed.without(operator)) from error
        return allowed.mask if allowed else np.ones(len(attributes), bool)

    def _of_papers(self, numbers: list[int]) -> Mask:
        return rows_mask(self._release.rows(numbers), len(self._release.attributes))

    def _number(self, parsed: ParsedQuery, operator: Operator) -> int:
        try:
            return self._catalogue.entry(canonical_id(operator.value)).number
        except BadInput as error:
            raise BadQuery(f"id: {error}", parsed.without(operator)) from error

    def _categories(self, parsed: ParsedQuery, operator: Operator) -> list[str]:
        """Return the categories of a value such as cs.CL, math, cs.* or cs.CL,cs.LG."""
        known = {name.lower(): name for name in self._release.attributes.category_names}
        known |= {name.partition(".")[0]: name.partition(".")[0] for name in known}
        known |= {name.lower(): name for name in CATEGORIES}
        names = [
            name.strip().removesuffix("*").removesuffix(".")
            for name in operator.value.split(",")
            if name.strip()
        ]
        for name in names:
            if name.lower() not in known:
                of_subject = categories_of_subject(name)
                right = (of_subject or [closest(name, known.values())])[0]
                rest = [right if one == name else one for one in names]
                meant = " or ".join(of_subject) or right
                raise BadQuery(
                    f"cat: arXiv has no category {name[:30]!r}, and no paper here has it: "
                    + (f"did you mean {meant}?" if right else f"write {EXAMPLES['cat']}"),
                    _corrected(parsed, operator, ",".join(rest) if right else ""),
                )
        return [known[name.lower()] for name in names]

    def _tags(self, parsed: ParsedQuery, operator: Operator) -> frozenset[TagKey]:
        names = self._tag_names()
        value = operator.value.lower()
        found = names.get(value) or names.get("-".join(value.split()))
        if found is None:
            right = closest(value, names)
            raise BadQuery(
                f"tag: no tag in use has the name {operator.value[:60]!r}: "
                + (f"did you mean {right}?" if right else "the page /tags lists all tags"),
                _corrected(parsed, operator, right),
            )
        return found


def _days(parsed: ParsedQuery, operator: Operator) -> Days:
    """Return the first and last day that an operator selects; raises BadQuery."""
    field, value = operator.field, operator.value
    days = days_of_years(value) if field == "year" else days_of(value)
    if days is None:
        right = nearest_day(value)
        raise BadQuery(
            f"{field}: {value[:30]!r} is no year, month or day: write {EXAMPLES[field]}",
            _corrected(parsed, operator, right),
        )
    first, last = days
    if first > last:
        raise BadQuery(
            f"{field}: {value[:40]!r} ends before it begins: write the earlier year first",
            _corrected(parsed, operator, f"{last.year}-{first.year}"),
        )
    if field == "since":
        return first, date.max
    return (date.min, last) if field == "until" else days


def _check_texts(parsed: ParsedQuery) -> None:
    """Raise BadQuery for a phrase that is too long, and for too many of them."""
    for one in parsed.texts:
        if len(one.value) > MAX_VALUE_LENGTH:
            raise BadQuery(
                f"“{one.value[:30]}…” has {len(one.value)} characters: a phrase or excluded word "
                f"has at most {MAX_VALUE_LENGTH}",
                parsed.replaced(one, "" if one.negated else one.value),
            )
    for name, texts in (("phrases", parsed.phrases), ("excluded words", parsed.excluded)):
        if len(texts) > MAX_VALUES:
            raise BadQuery(f"{len(texts)} {name}: at most {MAX_VALUES} are allowed")


def _check_order(parsed: ParsedQuery) -> None:
    """Raise BadQuery if a query has a single since: that is after its single until:."""
    single = {group[0].field: group[0] for group in parsed.groups if len(group) == 1}
    since, until = single.get("since"), single.get("until")
    if not (since and until) or since.negated or until.negated:
        return
    if _days(parsed, since)[0] > _days(parsed, until)[1]:
        later = replace(parsed, query=parsed.replaced(since, f"since:{until.value}"))
        moved = len(later.query) - len(parsed.query) if since.start < until.start else 0
        swapped = replace(until, start=until.start + moved, end=until.end + moved)
        raise BadQuery(
            f"since:{since.value} is after until:{until.value}: swap them",
            later.replaced(swapped, f"until:{since.value}"),
        )


def _corrected(parsed: ParsedQuery, operator: Operator, value: str) -> str:
    """Return the query with another value of an operator, or without it if there is none."""
    if not value:
        return parsed.without(operator)
    return parsed.replaced(operator, str(replace(operator, value=value)))
