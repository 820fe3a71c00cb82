"""An item that is not accepted, and the record that keeps it."""

from typing import Any
from uuid import uuid4

import orjson

from ingestion.domain.events.envelope import Envelope
from ingestion.domain.events.limits import MAX_EVENT_BYTES, MAX_EVENT_NAME, MAX_MESSAGE_ID
from ingestion.domain.events.repair import repaired
from streaming.contracts.events import REJECTIONS_TOPIC
from streaming.contracts.records import NewRecord


class ItemRejected(ValueError):
    """The item breaks a rule. `code` is for programs and filters, the message for people."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def rejection_record(item: object, rejected: ItemRejected, envelope: Envelope) -> NewRecord:
    """The record of topic `rejections` for an item, which is kept as it was received, up to 32 KB."""
    raw = _encoded(item)
    fields: dict[str, Any] = item if isinstance(item, dict) else {}
    value = orjson.dumps(
        {
            "v": 1,
            "uid": str(uuid4()),
            "source_id": envelope.source_id,
            "received_at": envelope.received_at_text,
            "code": rejected.code,
            "reason": rejected.reason[:300],
            "type": _text(fields.get("type") or envelope.type, 16),
            "name": _text(fields.get("event") or fields.get("name"), MAX_EVENT_NAME),
            "message_id": _text(fields.get("messageId"), MAX_MESSAGE_ID),
            "raw": raw[:MAX_EVENT_BYTES].decode(errors="replace"),
            "raw_bytes": len(raw),
        }
    )
    return NewRecord(REJECTIONS_TOPIC, str(envelope.source_id).encode(), value)


def _encoded(item: object) -> bytes:
    try:
        return orjson.dumps(item)
    except TypeError:  # nested deeper than the encoder goes
        return orjson.dumps(repaired(item))


def _text(value: object, length: int) -> str:
    return value[:length] if isinstance(value, str) else ""
