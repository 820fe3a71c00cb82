"""Believing that something is so only once the brokers had time to tell each other of it."""

import time
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from streaming.contracts.log import LogUnavailable, UnknownTopic
from streaming.kafka.errors import LogSettling

SETTLE_SECONDS = 3.0
ELECTION_SECONDS = 15.0
REQUEST_SECONDS = 10.0
_ANSWER_SECONDS = REQUEST_SECONDS + 5.0  # the client's own limit comes first, unless it never answers at all
_INTERVAL_SECONDS = 0.1
Found = TypeVar("Found")


class _Future(Protocol):
    def result(self, timeout: float | None = None) -> Any: ...


def patiently(ask: Callable[[], Found], *, unknown_seconds: float = SETTLE_SECONDS) -> Found:
    """What `ask` returns, asked again for a while as long as it raises UnknownTopic or LogSettling.

    A new topic is known to the broker that was asked last before it is known to the one that is asked next, and
    has leaders a moment later; a broker that came up again believes for a moment what was so before.
    """
    began = time.monotonic()
    while True:
        try:
            return ask()
        except UnknownTopic:
            if time.monotonic() - began > unknown_seconds:
                raise
        except LogSettling:
            if time.monotonic() - began > ELECTION_SECONDS:
                raise
        time.sleep(_INTERVAL_SECONDS)


def until(is_so: Callable[[], bool], what: str) -> None:
    """Wait until the brokers have told each other. Raises LogUnavailable when they do not in time."""
    deadline = time.monotonic() + ELECTION_SECONDS
    while not patiently(is_so):
        if time.monotonic() > deadline:
            raise LogUnavailable(f"the brokers did not agree on {what} within {ELECTION_SECONDS:.0f} s")
        time.sleep(_INTERVAL_SECONDS)


def answer_of(future: _Future) -> Any:
    """The result of a request to the cluster. Raises KafkaException, and LogUnavailable when there never is one."""
    try:
        return future.result(_ANSWER_SECONDS)
    except TimeoutError:
        raise LogUnavailable(f"Kafka did not answer within {_ANSWER_SECONDS:.0f} s") from None
