"""Reading a request's body, bounded in size and time, whatever it claims to be."""

import asyncio
import zlib
from collections.abc import Awaitable, Callable
from typing import Any

from ingestion.collector import answers
from ingestion.collector.answers import Refused
from ingestion.collector.limits import MAX_DRAINED_BYTES, READ_TIMEOUT_S

Receive = Callable[[], Awaitable[dict[str, Any]]]
_TOO_SLOW = "the body did not arrive in time"
_GZIP = b"\x1f\x8b"
_GZIP_WINDOW = 31  # 15 bits, with a gzip header


class Disconnected(Exception):
    """The client went away before the end."""


async def read_body(receive: Receive, limit: int) -> bytes:
    """The whole body. Raises Refused, Disconnected."""
    task = asyncio.current_task()
    assert task is not None
    # By hand, because asyncio.timeout() costs every request as much as parsing its event.
    timer = asyncio.get_running_loop().call_later(READ_TIMEOUT_S, task.cancel, _TOO_SLOW)
    try:
        return await _read(receive, limit)
    except asyncio.CancelledError as cancelled:
        if cancelled.args != (_TOO_SLOW,):
            raise
        task.uncancel()
        raise Refused(answers.TOO_SLOW) from None
    finally:
        timer.cancel()


async def _read(receive: Receive, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        part: bytes = message.get("body", b"")
        size += len(part)
        if size <= limit:
            parts.append(part)
        else:
            # Clients read the answer only once they have sent all: without that they see a broken connection.
            parts.clear()
        if not message.get("more_body") or size > MAX_DRAINED_BYTES:
            break
    if size > limit:
        raise Refused(answers.TOO_LARGE)
    return b"".join(parts) if len(parts) > 1 else part


def unpacked(body: bytes, limit: int) -> bytes:
    """The body, gunzipped when its first bytes say so. Raises Refused."""
    if not body.startswith(_GZIP):
        return body
    decompressor = zlib.decompressobj(_GZIP_WINDOW)
    try:
        content = decompressor.decompress(body, limit + 1)
    except zlib.error as error:
        raise Refused(answers.BAD_GZIP) from error
    if len(content) > limit:
        raise Refused(answers.TOO_LARGE)
    if not decompressor.eof:
        raise Refused(answers.BAD_GZIP)
    return content
