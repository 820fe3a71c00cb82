"""Bodies of requests, read by the event loop: bounded in size, time and number, whoever sends them."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import Any

from cdp_site.web.answering import Receive

IN_MEMORY_BYTES = 512 * 1024
SMALL_BYTES = 8 * 1024 * 1024
READ_TIMEOUT_S = 20.0
SLOWEST_UPLOAD = (
    16 * 1024
)  # bytes a second, on average: slower than any line that a large file would be sent over
LARGE_AT_ONCE = 16
UPLOADS_AT_ONCE = 4


class Disconnected(Exception):
    """The client went away."""


class Refused(Exception):
    """The request is not answered by a page; says what it is answered."""

    def __init__(self, status: int, title: str, detail: str) -> None:
        super().__init__(title)
        self.status = status
        self.document: dict[str, Any] = {
            "type": "about:blank",
            "title": title,
            "status": status,
            "detail": detail,
        }


class Slots:
    """So many at a time, the others are refused."""

    def __init__(self, most: int) -> None:
        self.free = most

    @contextmanager
    def one(self) -> Iterator[None]:
        """Have one for as long as the block lasts. Raises Refused."""
        if not self.free:
            raise Refused(503, "Too many large requests", "Others are being read. Try again in a moment.")
        self.free -= 1
        try:
            yield
        finally:
            self.free += 1


@dataclass(frozen=True)
class Bounds:
    """What a body may be. `rate`, where there is one, gives a second more for so many bytes that came.

    Each body that does not fit into memory has one of the `large` slots.
    """

    size: int = SMALL_BYTES
    rate: int | None = None
    large: Slots = field(default_factory=lambda: Slots(LARGE_AT_ONCE))


async def read_into(
    body: SpooledTemporaryFile[bytes], receive: Receive, bounds: Bounds, held: ExitStack
) -> int:
    """Write the request's body to the file and return its size. Raises Refused, Disconnected.

    `held` keeps the slot of a large body, which is to be freed once its file is gone.
    """
    began, size, is_large, more = asyncio.get_running_loop().time(), 0, False, True
    while more:
        allowed = READ_TIMEOUT_S + (size / bounds.rate if bounds.rate else 0)
        message = await _received(receive, began + allowed)
        part: bytes = message.get("body", b"")
        more = message.get("more_body", False)
        size += len(part)
        if size > bounds.size:
            raise Refused(413, "Request too large", f"This request has at most {bounds.size} bytes.")
        if size > IN_MEMORY_BYTES and not is_large:
            held.enter_context(bounds.large.one())
            is_large = True
            body.rollover()
        if is_large:
            await asyncio.to_thread(body.write, part)  # to a disk, for which nobody else should wait
        else:
            body.write(part)
    return size


async def _received(receive: Receive, deadline: float) -> dict[str, Any]:
    try:
        async with asyncio.timeout_at(deadline):
            message = await receive()
    except TimeoutError:
        raise Refused(408, "Request too slow", "The body did not arrive in time.") from None
    if message["type"] == "http.disconnect":
        raise Disconnected
    return message
