"""Answers of the web server that need no Django: a few bytes, at once."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


async def answer(
    send: Send,
    status: int,
    content: bytes,
    *,
    content_type: bytes = b"application/json",
    head: bool = False,
    last: bool = False,
    challenge: bytes | None = None,
) -> None:
    """Send a whole answer that nobody may keep; `head` leaves out its body, `challenge` says how to prove who one is.

    `last` says that the connection ends here, as it does where the rest of the request was not read: a client that
    was not told would send its next request into it, and lose that one.
    """
    headers = [
        (b"content-type", content_type),
        (b"content-length", str(len(content)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    if challenge is not None:
        headers.append((b"www-authenticate", challenge))
    if last:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else content})


async def answer_json(
    send: Send, status: int, document: Mapping[str, Any], *, head: bool = False, last: bool = False
) -> None:
    """Send a JSON document, as `answer` does."""
    await answer(send, status, orjson.dumps(document), head=head, last=last)
