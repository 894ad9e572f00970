"""Errors in the arguments of a tool call, as sentences that say what would be right."""

from collections.abc import Sequence

from pydantic import ValidationError

from api.middleware.invalid_values import fault_of

_MAX_ERRORS = 5


def explain_arguments(error: ValidationError, known: Sequence[str]) -> str:
    """Return what is wrong with the arguments of a call; `known` are the tool's arguments."""
    found = error.errors(include_url=False)
    sentences = [fault_of(one, known) for one in found[:_MAX_ERRORS]]
    more = len(found) - _MAX_ERRORS
    return "; ".join([*sentences, *([f"and {more} more errors"] if more > 0 else [])])
