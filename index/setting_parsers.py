"""Functions that parse the text of a setting; they raise ValueError if it is not allowed."""

import os
import re
from pathlib import Path

from index.milvus_address import MilvusAddress


def data_folder(text: str) -> Path:
    """Return the given folder, or data/ of a checkout, or the user's folder by the XDG rules."""
    if text:
        return Path(text).expanduser()
    checkout = Path(__file__).resolve().parents[1]
    if (checkout / "pyproject.toml").is_file():
        return checkout / "data"
    share = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(share) / "seealso"


def file(text: str) -> Path | None:
    """Return a path, None for an empty text."""
    return Path(text).expanduser() if text else None


def index(text: str) -> MilvusAddress | None:
    """Return the address of a Milvus server, None for an empty text."""
    return MilvusAddress.parse(text) if text else None


def address(text: str) -> str:
    """Return an address without slashes at its end."""
    return text.rstrip("/")


def items(text: str) -> tuple[str, ...]:
    """Split a text at its commas."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def origins(text: str) -> tuple[str, ...]:
    """Split origins; another spelling than that of browsers (RFC 6454, section 7) never matches."""
    origins = items(text)
    for origin in origins:
        if origin != "*" and not re.fullmatch(r"https?://[a-z0-9.:\[\]-]+", origin):
            raise ValueError(
                f"{origin!r} must be * or an origin in lower case with nothing after host and "
                "port, like https://example.org"
            )
    return origins


def token(text: str) -> str:
    """Check that an HTTP header can contain the token; an error message must not show the token."""
    if not re.fullmatch(r"[ -~]*", text) or text != text.strip():
        raise ValueError("must be printable ASCII without leading or trailing spaces")
    return text
