"""Where vectors lie when they lie in Milvus: what `SEEALSO_INDEX` says."""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, urlsplit

from index.errors import BadInput

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_FORM = "milvus://HOST:19530/COLLECTION, or milvus:///PATH/FILE.db for milvus-lite"
_PORT = 19530
_COLLECTION_OF_A_FILE = "seealso"
_SECONDS, _MAX_SECONDS = 10, 600


@dataclass(frozen=True, slots=True)
class MilvusAddress:
    """A Milvus server as pymilvus names it, or a file of milvus-lite.

    The names of our collections there begin with `collection`. A question must be answered
    within `seconds`.
    """

    server: str
    collection: str
    seconds: int = _SECONDS

    @classmethod
    def parse(cls, text: str) -> "MilvusAddress":
        """Read an address as the setting has it; raises BadInput."""
        try:
            parts = urlsplit(text)
            server, collection = _file(parts) if not parts.netloc else _server(parts)
            return cls(server, collection, _seconds(parts.query))
        except ValueError as error:
            raise BadInput(f"SEEALSO_INDEX={text!r}: {error}; write {_FORM}") from error

    def __str__(self) -> str:
        query = "" if self.seconds == _SECONDS else f"?timeout={self.seconds}"
        if self.is_file:
            return f"milvus://{self.server}{query}"
        return f"milvus://{self.server.removeprefix('http://')}/{self.collection}{query}"

    @property
    def is_file(self) -> bool:
        """Whether it is milvus-lite's file, which this process then serves itself."""
        return self.server.startswith("/")

    def same_place(self, other: "MilvusAddress") -> bool:
        """Whether both mean the same collections, however patiently."""
        return (self.server, self.collection) == (other.server, other.collection)


def _server(parts: SplitResult) -> tuple[str, str]:
    name = parts.path.removeprefix("/")
    if parts.scheme != "milvus" or not parts.hostname or not _NAME.fullmatch(name):
        raise ValueError("no server and collection")
    if parts.username is not None:
        raise ValueError("names and passwords are not taken")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"http://{host}:{parts.port or _PORT}", name


def _file(parts: SplitResult) -> tuple[str, str]:
    if parts.scheme != "milvus" or not re.fullmatch(r"/.*\.db", parts.path):
        raise ValueError("no file")
    return parts.path, _COLLECTION_OF_A_FILE


def _seconds(query: str) -> int:
    if not query:
        return _SECONDS
    asked = parse_qs(query, keep_blank_values=True)
    text = asked.pop("timeout", [""])[-1]
    if asked or not text.isdecimal() or not 1 <= int(text) <= _MAX_SECONDS:
        raise ValueError(f"after ? stands timeout=SECONDS alone, 1 to {_MAX_SECONDS}")
    return int(text)
