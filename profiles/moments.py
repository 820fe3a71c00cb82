"""When something happened, and in which message it was said: what orders the events of a person, and tells them apart."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, NamedTuple

from profiles.builder.binary import microseconds

_FAR_FUTURE = timedelta(
    days=1
)  # as the builder has it: beyond its arrival, an event's time is a fault of a clock


class Moment(NamedTuple):
    """A time in microseconds since 2000, and the digest of a message: equal for each delivery of one message."""

    time: int
    message: bytes


def moment_of(event: Mapping[str, Any]) -> Moment:
    """The moment of an event of `profiles.events`. Raises KeyError, TypeError or ValueError when it says none."""
    time = datetime.fromisoformat(event["timestamp"])
    received = datetime.fromisoformat(event["received_at"])
    said = f"{event['source_id']}\0{event.get('client_time')}\0{event['message_id']}"
    digest = blake2b(said.encode(errors="surrogatepass"), digest_size=16).digest()
    return Moment(microseconds(received if time - received > _FAR_FUTURE else time), digest)
