"""Finished answers that are kept for repeated requests, in bounded memory."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from starlette.types import Message, Scope, Send

from api.middleware.head_requests import HEADERS_ONLY

_MAX_BYTES = 16 * 1024 * 1024  # of all answers together
_MAX_BODY = 256 * 1024
OVERHEAD = 1024
"""Bytes that each answer counts in addition to its body and headers."""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """A complete answer with status 200, and the route that gave it, which metrics count."""

    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    route: Any

    @property
    def size(self) -> int:
        """About how many bytes of memory the answer takes."""
        return (
            OVERHEAD + len(self.body) + sum(len(name) + len(value) for name, value in self.headers)
        )

    async def send(self, scope: Scope, send: Send) -> None:
        """Send the answer again."""
        scope["route"] = self.route
        start = {"type": "http.response.start", "status": 200, "headers": list(self.headers)}
        await send(start)
        await send({"type": "http.response.body", "body": self.body})


class KeptAnswers:
    """The answers that were requested last, by all that they depend on.

        kept = KeptAnswers()
        answer = kept.get(key)
        if answer is None:
            await app(scope, receive, kept.recording(key, scope, send))

    The least recently requested ones are dropped if they exceed 16 MiB together. Bodies above
    256 KiB are not kept.
    """

    def __init__(self, max_bytes: int = _MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._answers: OrderedDict[object, KeptAnswer] = OrderedDict()
        self._size = 0

    def get(self, key: object) -> KeptAnswer | None:
        """Return the answer with this key; None if it is not kept."""
        answer = self._answers.get(key)
        if answer is not None:
            self._answers.move_to_end(key)
        return answer

    def recording(self, key: object, scope: Scope, send: Send) -> Send:
        """Return a function that sends messages and keeps the answer once it is complete."""
        headers: tuple[tuple[bytes, bytes], ...] | None = None
        parts: list[bytes] = []

        async def send_and_record(message: Message) -> None:
            nonlocal headers
            if message["type"] == "http.response.start":
                if message["status"] == 200 and HEADERS_ONLY not in scope:
                    headers = tuple(message["headers"])  # other middleware changes the list
            elif message["type"] == "http.response.body" and headers is not None:
                parts.append(message.get("body", b""))
                if sum(map(len, parts)) > _MAX_BODY:
                    headers = None
                elif not message.get("more_body", False):
                    self._keep(key, KeptAnswer(headers, b"".join(parts), scope.get("route")))
            else:
                headers = None  # a file that the server sends itself
            await send(message)

        return send_and_record

    def _keep(self, key: object, answer: KeptAnswer) -> None:
        previous = self._answers.pop(key, None)
        self._size += answer.size - (previous.size if previous else 0)
        self._answers[key] = answer
        while self._size > self._max_bytes:
            _, dropped = self._answers.popitem(last=False)
            self._size -= dropped.size
