"""A licence's short name, from the address that arXiv gives."""

import re

_CREATIVE_COMMONS = re.compile(
    r"https?://creativecommons\.org/(licenses|publicdomain)/([a-z-]+)/(\d\.\d)", re.IGNORECASE
)
_ARXIV = re.compile(r"https?://arxiv\.org/licenses/nonexclusive-distrib/(\d\.\d)", re.IGNORECASE)
ARXIV_LICENCES = (
    "CC-BY-4.0 CC-BY-SA-4.0 CC-BY-NC-SA-4.0 CC-BY-NC-ND-4.0 CC0-1.0 arXiv-1.0 CC-BY-3.0 "
    "CC-BY-NC-SA-3.0 http://creativecommons.org/licenses/publicdomain/ unknown"
).split()
"""What authors choose from at arXiv, or once did (info.arxiv.org/help/license)."""
_PUBLIC_DOMAIN = {"zero": "CC0", "publicdomain": "PDDC", "mark": "PDM"}


def licence_name(licence: str | None) -> str:
    """A short name in the manner of SPDX, like CC-BY-4.0; what has none stays as it is.

    arXiv's own is "arXiv-1.0", an unknown one "unknown".
    """
    address = (licence or "").strip()
    if found := _CREATIVE_COMMONS.match(address):
        kind, terms, version = found.groups()
        if kind.lower() == "licenses" and terms.lower() not in _PUBLIC_DOMAIN:
            return f"CC-{terms.upper()}-{version}"
        return f"{_PUBLIC_DOMAIN.get(terms.lower(), terms.upper())}-{version}"
    if found := _ARXIV.match(address):
        return f"arXiv-{found.group(1)}"
    return re.sub(r"\s+", "-", address) or "unknown"
