"""Addresses of searches: for an author, for a category, and of recommendations."""

from urllib.parse import quote_plus

_MAX_NAME = 200  # characters


def author_search(name: str) -> str:
    """Return the address of the search for an author's papers.

    >>> author_search("Ada Lovelace")
    '/search?q=author%3A%22Ada+Lovelace%22'
    """
    return f"/search?q=author%3A%22{_quoted(name[:_MAX_NAME].replace(chr(34), ' '))}%22"


def category_search(category: str) -> str:
    """Return the address of the list of a category.

    >>> category_search("cs.CL")
    '/search?q=cat%3Acs.CL'
    """
    return f"/search?q=cat%3A{_quoted(category)}"


def _quoted(text: str) -> str:
    return quote_plus(text, errors="replace")
