"""Recognise surveys by their titles."""

import re

_SURVEY = re.compile(r"\b(?:surveys?|reviews?|overview|tutorial)\b", re.IGNORECASE)


def is_survey_title(title: str) -> bool:
    """Return whether the title describes its paper as a survey."""
    return bool(_SURVEY.search(title))
