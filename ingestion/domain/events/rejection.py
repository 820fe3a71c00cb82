"""An item that is not accepted, and the record that keeps it."""

from typing import Any
from uuid import uuid4

import orjson

from ingestion.domain.events.envelope import Envelope
from ingestion.domain.events.limits import MAX_EVENT_BYTES, MAX_EVENT_NAME, MAX_MESSAGE_ID
from ingestion.domain.events.repair import repaired
from streaming.contracts.events import REJECTIONS_TOPIC
from streaming.contracts.records import NewRecord

_WITHHELD = "its content is not kept, because it may name somebody who is suppressed"


class ItemRejected(ValueError):
    """The item breaks a rule. `code` is for programs and filters, the message for people."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason

    @property
    def withheld(self) -> "ItemRejected":
        """The same for an item whose content is not kept. No reason ever repeats what the item held."""
        return ItemRejected(self.code, f"{self.reason}; {_WITHHELD}")


def rejection_record(item: object, rejected: ItemRejected, envelope: Envelope) -> NewRecord:
    """The record of topic `rejections` for an item, which is kept as it was received, up to 32 KB."""
    raw = _encoded(item)
    fields: dict[str, Any] = item if isinstance(item, dict) else {}
    content = {
        "type": text_within(fields.get("type") or envelope.type, 16),
        "name": text_within(fields.get("event") or fields.get("name"), MAX_EVENT_NAME),
        "message_id": text_within(fields.get("messageId"), MAX_MESSAGE_ID),
        "raw": raw[:MAX_EVENT_BYTES].decode(errors="replace"),
        "raw_bytes": len(raw),
    }
    return _record(rejected, envelope, content)


def withheld_record(event_type: str, rejected: ItemRejected, envelope: Envelope) -> NewRecord:
    """The record for an item of which nothing may be kept but its type and the rule that it broke."""
    content = {"type": event_type, "name": "", "message_id": "", "raw": "", "raw_bytes": 0}
    return _record(rejected, envelope, content)


def _record(rejected: ItemRejected, envelope: Envelope, content: dict[str, Any]) -> NewRecord:
    fields = {
        "v": 1,
        "uid": str(uuid4()),
        "source_id": envelope.source_id,
        "received_at": envelope.received_at_text,
        "code": rejected.code,
        "reason": rejected.reason[:300],
    }
    return NewRecord(REJECTIONS_TOPIC, str(envelope.source_id).encode(), orjson.dumps(fields | content))


def _encoded(item: object) -> bytes:
    try:
        return orjson.dumps(item)
    except TypeError:  # nested deeper than the encoder goes
        return orjson.dumps(repaired(item))


def text_within(value: object, length: int) -> str:
    """The beginning of a text; "" when it is none."""
    return value[:length] if isinstance(value, str) else ""
