"""Believing that a topic does not exist only once the brokers had time to tell each other of it."""

import time
from collections.abc import Callable
from typing import TypeVar

from streaming.contracts.log import UnknownTopic

SETTLE_SECONDS = 2.0
_INTERVAL_SECONDS = 0.1
Found = TypeVar("Found")


def patiently(ask: Callable[[], Found]) -> Found:
    """What `ask` returns, asked again for a moment while it raises UnknownTopic.

    A new topic is known to the broker that was asked last before it is known to the one that is asked next.
    """
    deadline = time.monotonic() + SETTLE_SECONDS
    while True:
        try:
            return ask()
        except UnknownTopic:
            if time.monotonic() > deadline:
                raise
        time.sleep(_INTERVAL_SECONDS)
