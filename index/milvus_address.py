"""The address of a Milvus server or file, as given in `SEEALSO_INDEX`."""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, urlsplit

from index.errors import BadInput

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_EXPECTED = "milvus://HOST:19530/COLLECTION, or milvus:///PATH/FILE.db for milvus-lite"
_PORT = 19530
_FILE_COLLECTION = "seealso"
_SECONDS, _MAX_SECONDS = 10, 600


@dataclass(frozen=True, slots=True)
class MilvusAddress:
    """A Milvus server as pymilvus names it, or a file of milvus-lite.

    `collection` is the prefix of seealso's collections there. `seconds` is the timeout of a
    request.

        >>> str(MilvusAddress.parse("milvus://localhost/papers?timeout=30"))
        'milvus://localhost:19530/papers?timeout=30'
    """

    server: str
    collection: str
    seconds: int = _SECONDS

    @classmethod
    def parse(cls, text: str) -> "MilvusAddress":
        """Parse the value of the setting; raises BadInput."""
        try:
            parts = urlsplit(text)
            server, collection = _file(parts) if not parts.netloc else _server(parts)
            return cls(server, collection, _seconds(parts.query))
        except ValueError as error:
            raise BadInput(f"SEEALSO_INDEX={text!r}: {error}; use {_EXPECTED}") from error

    def __str__(self) -> str:
        query = "" if self.seconds == _SECONDS else f"?timeout={self.seconds}"
        if self.is_file:
            return f"milvus://{self.server}{query}"
        return f"milvus://{self.server.removeprefix('http://')}/{self.collection}{query}"

    @property
    def is_file(self) -> bool:
        """Whether it is a file of milvus-lite, which this process serves itself."""
        return self.server.startswith("/")

    def same_collections(self, other: "MilvusAddress") -> bool:
        """Return whether two addresses name the same server and collections; ignores timeouts."""
        return (self.server, self.collection) == (other.server, other.collection)


def _server(parts: SplitResult) -> tuple[str, str]:
    name = parts.path.removeprefix("/")
    if parts.scheme != "milvus" or not parts.hostname or not _NAME.fullmatch(name):
        raise ValueError("it has no valid server and collection")
    if parts.username is not None:
        raise ValueError("user names and passwords are not supported")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"http://{host}:{parts.port or _PORT}", name


def _file(parts: SplitResult) -> tuple[str, str]:
    if parts.scheme != "milvus" or not re.fullmatch(r"/.*\.db", parts.path):
        raise ValueError("it has no valid file")
    return parts.path, _FILE_COLLECTION


def _seconds(query: str) -> int:
    if not query:
        return _SECONDS
    options = parse_qs(query, keep_blank_values=True)
    text = options.pop("timeout", [""])[-1]
    if options or not text.isdecimal() or not 1 <= int(text) <= _MAX_SECONDS:
        raise ValueError(f"after ? only timeout=SECONDS is allowed, from 1 to {_MAX_SECONDS}")
    return int(text)
