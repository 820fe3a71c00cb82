"""Who takes a streamed answer: a part at a time, handed over by a thread, and given up when nobody takes it any more.

A server takes what nobody reads any more without a word, so the client is asked whether it is there.
"""

import asyncio
from typing import Any

from cdp_site.web.answering import Receive, Send
from cdp_site.web.bodies import Disconnected

TAKEN_WITHIN_S = 60.0  # a part: whoever reads slower than that holds a thread that others need


class NotTaken(Exception):
    """The client did not take a part in time."""


class Client:
    """The client of one request. It is asked whether it is there from the first part on."""

    def __init__(self, receive: Receive, send: Send, loop: asyncio.AbstractEventLoop) -> None:
        self._receive, self._send, self._loop = receive, send, loop
        self._leaving: asyncio.Task[None] | None = None

    def hand(self, message: dict[str, Any]) -> None:
        """Send a part from a thread, which waits until it is taken. Raises NotTaken, Disconnected."""
        sending = asyncio.run_coroutine_threadsafe(self._take(message), self._loop)
        try:
            sending.result(TAKEN_WITHIN_S)
        except TimeoutError:
            sending.cancel()
            raise NotTaken from None

    def forget(self) -> None:
        """Ask no more; called on the event loop."""
        if self._leaving is not None:
            self._leaving.cancel()

    async def _take(self, message: dict[str, Any]) -> None:
        if self._leaving is None:
            self._leaving = self._loop.create_task(self._until_gone())
        if self._leaving.done():
            raise Disconnected
        await self._send(message)

    async def _until_gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass  # the end of a request without a body
