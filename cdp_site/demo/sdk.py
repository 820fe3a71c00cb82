"""Send calls of the shop with the real SDK, as a shop would."""

import logging
import threading
from collections.abc import Callable
from typing import Any

from segment.analytics.client import Client

from cdp_site.demo.shop.calls import Call

QUEUE_WAIT_S = 0.05
QUEUE_EVENTS = 500


class SendingFailed(Exception):
    """The SDK gave up on events; they were not acknowledged."""


class Sender:
    """A client of segment-analytics-python. Its queue is bounded, so `send` waits while it is full."""

    def __init__(self, url: str, write_key: str, *, stopping: threading.Event) -> None:
        logging.getLogger("segment").setLevel(logging.CRITICAL)  # it logs whole events
        self._stopping = stopping
        self._failed = 0
        self._client = Client(
            write_key, host=url, gzip=True, on_error=self._on_error, upload_interval=0.3, max_queue_size=QUEUE_EVENTS
        )  # fmt: skip

    def send(self, call: Call) -> None:
        """Hand the call to the SDK."""
        while not self._method(call)[0]:
            if self._stopping.wait(QUEUE_WAIT_S):
                return

    def flush(self) -> None:
        """Wait until everything was acknowledged. Raises SendingFailed when it was not."""
        self._client.flush()
        failed, self._failed = self._failed, 0
        if failed:
            raise SendingFailed(f"{failed} events were not accepted")

    def close(self) -> None:
        """End the SDK's thread once its queue is empty."""
        self._client.shutdown()

    def _on_error(self, _error: Exception, batch: list[Any]) -> None:
        self._failed += len(batch)

    def _method(self, call: Call) -> tuple[bool, Any]:
        common: dict[str, Any] = {
            "user_id": call.user_id, "anonymous_id": call.anonymous_id, "context": dict(call.context),
            "timestamp": call.at, "message_id": call.message_id,
        }  # fmt: skip
        method: Callable[..., tuple[bool, Any]] = getattr(self._client, call.method)
        if call.method == "identify":
            return method(traits=call.traits, **common)
        if call.method == "group":
            return method(group_id=call.group_id, traits=call.traits, **common)
        if call.method == "page":
            return method(name=call.event, properties=call.properties, **common)
        return method(event=call.event, properties=call.properties, **common)
