"""HEAD as the ASGI server sees it: a client would hide content that must not be sent."""

import asyncio

from starlette.responses import PlainTextResponse
from starlette.types import Message

from api.middleware.head_requests import HeadRequests


def sent_for(method: str) -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    scope = {"type": "http", "method": method, "path": "/", "headers": []}
    asyncio.run(HeadRequests(PlainTextResponse("content"))(scope, receive, send))
    return sent


def test_head_has_the_headers_of_get_and_no_content() -> None:
    (start, body), (start_of_get, body_of_get) = sent_for("HEAD"), sent_for("GET")
    assert start == start_of_get
    assert (b"content-length", b"7") in start["headers"]
    assert (body["body"], body_of_get["body"]) == (b"", b"content")
