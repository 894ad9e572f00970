"""Short names of licences, from the addresses in arXiv's metadata."""

import re

_CREATIVE_COMMONS = re.compile(
    r"https?://creativecommons\.org/(licenses|publicdomain)/([a-z-]+)/(\d\.\d)", re.IGNORECASE
)
_ARXIV = re.compile(r"https?://arxiv\.org/licenses/nonexclusive-distrib/(\d\.\d)", re.IGNORECASE)
ARXIV_LICENCES = (
    "CC-BY-4.0 CC-BY-SA-4.0 CC-BY-NC-SA-4.0 CC-BY-NC-ND-4.0 CC0-1.0 arXiv-1.0 CC-BY-3.0 "
    "CC-BY-NC-SA-3.0 http://creativecommons.org/licenses/publicdomain/ unknown"
).split()
"""The licences that arXiv offers to authors, now or formerly (info.arxiv.org/help/license)."""
_PUBLIC_DOMAIN = {"zero": "CC0", "publicdomain": "PDDC", "mark": "PDM"}


def licence_name(licence: str | None) -> str:
    """Return a short name in the style of SPDX, such as CC-BY-4.0.

    arXiv's own licence is "arXiv-1.0" and a missing one "unknown". Any other text is returned
    with hyphens for blanks.
    """
    address = (licence or "").strip()
    if match := _CREATIVE_COMMONS.match(address):
        kind, terms, version = match.groups()
        if kind.lower() == "licenses" and terms.lower() not in _PUBLIC_DOMAIN:
            return f"CC-{terms.upper()}-{version}"
        return f"{_PUBLIC_DOMAIN.get(terms.lower(), terms.upper())}-{version}"
    if match := _ARXIV.match(address):
        return f"arXiv-{match.group(1)}"
    return re.sub(r"\s+", "-", address) or "unknown"
