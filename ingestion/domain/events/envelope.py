"""What all items of one request share."""

from datetime import datetime, timedelta
from typing import Any, Protocol

from ingestion.domain.events.times import parse_time, raw_time, time_text
from streaming.contracts.events import WireEvent


class Rules(Protocol):
    """What holds for the events of a source: see `ingestion.domain.plans.rules`."""

    def apply(self, event: WireEvent) -> None:
        """Add to the event, or mark it, as the rules say."""


class Envelope:
    """The circumstances of a request or an import: who sent, when it arrived, and what holds for every item.

    `type` is that of the path for single events, and None for batches. `sent_at` is the client's clock at the
    moment of sending, as sent; the difference to `received_at` is the client's skew. `rules` are those of the source.
    """

    __slots__ = (
        "anonymous_id", "context", "import_id", "integrations", "ip", "received_at", "received_at_text", "rules",
        "sent_at", "skew", "source_id", "type",
    )  # fmt: skip

    def __init__(
        self,
        *,
        source_id: int,
        received_at: datetime,
        received_at_text: str | None = None,
        sent_at: object = None,
        type: str | None = None,  # noqa: A002 -- the field's name in the protocol
        context: dict[str, Any] | None = None,
        integrations: dict[str, Any] | None = None,
        ip: str | None = None,
        anonymous_id: str | None = None,
        import_id: int | None = None,
        rules: Rules | None = None,
    ) -> None:
        self.source_id = source_id
        self.received_at = received_at
        self.received_at_text = received_at_text or time_text(received_at)
        self.sent_at = raw_time(sent_at)
        self.skew = skew_of(sent_at, received_at)
        self.type = type
        self.context = context
        self.integrations = integrations
        self.ip = ip
        self.anonymous_id = anonymous_id
        self.import_id = import_id
        self.rules = rules


def skew_of(sent_at: object, received_at: datetime) -> timedelta | None:
    """How far the client's clock is behind ours, with the way of the request; None when it did not say."""
    sent = parse_time(sent_at) if sent_at is not None else None
    return received_at - sent if sent is not None else None
