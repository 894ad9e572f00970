"""Short names of licences."""

import pytest

from index.arxiv.licences import licence_name


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("http://creativecommons.org/licenses/by/4.0/", "CC-BY-4.0"),
        ("https://creativecommons.org/licenses/by-nc-sa/3.0/", "CC-BY-NC-SA-3.0"),
        ("http://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        (
            "http://creativecommons.org/licenses/publicdomain/",
            "http://creativecommons.org/licenses/publicdomain/",
        ),
        ("http://arxiv.org/licenses/nonexclusive-distrib/1.0/", "arXiv-1.0"),
        ("CC BY 4.0", "CC-BY-4.0"),
        ("cc-by-4.0", "cc-by-4.0"),
        (None, "unknown"),
        ("", "unknown"),
    ],
)
def test_a_licence_has_a_short_name(address: str | None, name: str) -> None:
    assert licence_name(address) == name
