"""Events in the address of an image: for e-mails and pages without scripts."""

import binascii
from base64 import b64decode, urlsafe_b64decode
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import orjson

from ingestion.collector import answers
from ingestion.collector.answers import Answer, Refused
from ingestion.collector.collect import keep
from ingestion.collector.head import Head, Scope
from ingestion.collector.keys import presented_keys, source_of
from ingestion.collector.service import CollectorService
from ingestion.domain.events import Envelope, repaired
from streaming.contracts.events import EVENT_TYPES

MAX_FIELDS = 200
MAX_AGENT = 512
_PREFIXES = ("/pixel/v1/", "/v1/pixel/")
_OBJECTS = ("properties", "traits", "context", "integrations")


def pixel_type(path: str) -> str | None:
    """The event type of an image's path, None when it is none."""
    for prefix in _PREFIXES:
        if path.startswith(prefix):
            name = path.removeprefix(prefix).rstrip("/").removesuffix(".gif")
            return name if name in EVENT_TYPES else None
    return None


async def collect_pixel(service: CollectorService, scope: Scope, event_type: str) -> Answer:
    """Take the event of an image's address. A broken one is recorded as rejected, and the image is shown all the same."""
    head = Head(scope)
    try:
        item = repaired(pixel_item(head.query))
    except ValueError:
        raise Refused(answers.TOO_MANY) from None
    source_id = await source_of(
        presented_keys(head.authorization, head.query, item), service.watch, service.loop
    )
    envelope = Envelope(
        source_id=source_id, received_at=datetime.now(UTC), type=event_type,
        ip=head.address(service.settings.trusted_proxies),
        context={"userAgent": head.agent[:MAX_AGENT]} if head.agent else None,
    )  # fmt: skip
    kept = await keep(service, [item], envelope)
    return kept if kept is answers.NOT_DURABLE or kept is answers.BUSY else answers.PIXEL


def pixel_item(query: bytes) -> dict[str, Any]:
    """The item that the query spells: `data=` base64 JSON, JSON in `properties=`, or `properties.colour=red`.

    Raises ValueError when there are too many fields.
    """
    item: dict[str, Any] = {}
    for name, value in parse_qsl(query.decode("latin-1"), errors="replace", max_num_fields=MAX_FIELDS):
        head, _, tail = name.partition(".")
        if name == "data":
            decoded = _json_object(_base64(value))
            item = {**(decoded or {}), **item}
        elif head in _OBJECTS and tail:
            item.setdefault(head, {})[tail] = value
        elif name in _OBJECTS:
            item[name] = {**(_json_object(value.encode()) or {}), **item.get(name, {})}
        elif name != "writeKey":
            item[name] = value
    return item


def _base64(text: str) -> bytes:
    padded = text + "=" * (-len(text) % 4)
    try:
        return urlsafe_b64decode(padded) if "-" in text or "_" in text else b64decode(padded)
    except (binascii.Error, ValueError):
        return b""


def _json_object(text: bytes) -> dict[str, Any] | None:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None
