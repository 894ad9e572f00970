"""The files that pages load: style, scripts and icon, read once and addressed by their content."""

import hashlib
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).parent / "static"
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file that pages load; `digest` changes with its content."""

    name: str
    content: bytes
    media_type: str
    digest: str

    @property
    def address(self) -> str:
        """The address of this content; caches may keep it forever."""
        return f"/static/{self.name}?v={self.digest}"


def _read(path: Path) -> StaticFile:
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()[:12]
    return StaticFile(path.name, content, _MEDIA_TYPES[path.suffix], digest)


STATIC_FILES = {path.name: _read(path) for path in sorted(_FOLDER.iterdir())}
"""The files by name."""

GRAPH_STYLE = (Path(__file__).parent / "templates" / "graph.css").read_text("utf-8")
"""The style of the picture of a graph, which is part of the picture."""


def style_hash(style: str) -> str:
    """Return the source expression that allows an inline style (CSP level 3, section 2.3.1)."""
    return f"'sha256-{b64encode(hashlib.sha256(style.encode()).digest()).decode()}'"


def static_address(name: str) -> str:
    """Return the address of a file by name, for templates."""
    return STATIC_FILES[name].address
