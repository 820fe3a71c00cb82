"""The event on the wire: versioned JSON that tolerates unknown fields. Fields follow the Segment spec."""

import hashlib
import re
from typing import Any, Literal, NotRequired, TypedDict

import orjson

WIRE_VERSION = 1
OTHER_EVENTS_TOPIC = "events.other"
EVENT_TOPICS = "events.*"
REJECTIONS_TOPIC = "rejections"
QUARANTINE_TOPIC = "quarantine"

EventType = Literal["track", "identify", "page", "screen", "group", "alias"]
EVENT_TYPES: frozenset[str] = frozenset({"track", "identify", "page", "screen", "group", "alias"})

_MAX_SLUG_LENGTH = 80
_NOT_SLUG = re.compile(r"[^a-z0-9]+")


class Violation(TypedDict):
    """What an event breaks of its plan. No reason repeats a value; `action` is `tag`, `strip` or `quarantine`."""

    kind: str
    reason: str
    action: str


class WireEvent(TypedDict):
    """One accepted event. Times are ISO 8601 in UTC with microseconds and a Z, except those marked raw.

    `client_time` is `original_timestamp`, else `timestamp`, as the client sent it (normalised to the same
    form; None when absent or unreadable): with `source_id` and `message_id` it identifies the message.
    `timestamp` is the time to use: skew-corrected and clamped. `schema_version` is the version of the source's tracking
    plan that it was checked against, `violations` what it breaks of it; `quarantined` stands only in topic `quarantine`.
    `collected_for` is the purpose that its source collects for; of an event that refuses it nothing but that is kept, and
    it is `withheld`. `key_purposes` limits single traits and properties further than `purposes` does, by their paths: `traits.email`,
    `properties.items[].sku`.
    """

    v: int
    message_id: str
    type: EventType
    event: str | None
    anonymous_id: str | None
    user_id: str | None
    group_id: str | None
    previous_id: str | None
    properties: dict[str, Any]
    traits: dict[str, Any]
    context: dict[str, Any]
    integrations: dict[str, Any]
    original_timestamp: str | None  # raw
    sent_at: str | None  # raw
    received_at: str
    timestamp: str
    client_time: str | None
    source_id: int
    raw_timestamp: NotRequired[str | None]  # raw; only of clients that send it beside an original_timestamp
    import_id: NotRequired[int | None]
    purposes: NotRequired[list[str]]
    key_purposes: NotRequired[dict[str, list[str]]]
    schema_version: NotRequired[str | None]
    violations: NotRequired[list["Violation"]]
    quarantined: NotRequired[str]  # why, in words
    collected_for: NotRequired[str]
    declarations: NotRequired[
        list[dict[str, Any]]
    ]  # of our own events (source 0) alone: what somebody declared
    withheld: NotRequired[bool]


class UndecodableEvent(ValueError):
    """The bytes are not an event that this version understands."""


def encode_event(event: WireEvent) -> bytes:
    """Return the wire form. Raises TypeError for values that JSON does not know."""
    return orjson.dumps(event)


def decode_event(value: bytes | None) -> WireEvent:
    """Return the event. Raises UndecodableEvent with a reason a person can act on."""
    if value is None:
        raise UndecodableEvent(
            "a tombstone (a record without a value) stands where an event belongs: nothing is deleted by it; discard it"
        )
    if not value.strip():
        raise UndecodableEvent("the record is empty: its producer wrote no event; discard it, or edit it")
    try:
        event = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise UndecodableEvent(
            "the record is not JSON: it was cut, or its producer writes something else to this topic; edit it, or discard "
            "it and have the producer write to a topic of its own"
        ) from error
    if not isinstance(event, dict):
        raise UndecodableEvent(f"the record is a JSON {type(event).__name__}, not an object")
    if (version := event.get("v")) != WIRE_VERSION:
        told = version if type(version) is int else "unknown"  # a reason repeats nothing of what came
        raise UndecodableEvent(
            f"the event has wire version {told}; this release reads {WIRE_VERSION}: upgrade, then resubmit"
        )
    return event  # type: ignore[return-value]  # the collector validated the fields; unknown ones are tolerated


def event_name(event_type: str, name: str | None) -> str:
    """The name under which an event is listed: that of a track, else its type."""
    return name if event_type == "track" and name else event_type


def event_slug(name: str) -> str:
    """The plain slug of an event's name: `Order Completed` is `order_completed`; may be empty."""
    return _NOT_SLUG.sub("_", name.lower()).strip("_")[:_MAX_SLUG_LENGTH].strip("_")


def distinct_slug(name: str) -> str:
    """The slug with a hash suffix, for a name whose plain slug is empty, reserved or already another name's."""
    digest = hashlib.blake2b(name.encode(), digest_size=4).hexdigest()
    return f"{event_slug(name) or 'event'}_{digest}"


def record_key(anonymous_id: str | None, user_id: str | None) -> bytes:
    """The key of an event's record: anonymous_id, else user_id."""
    return (anonymous_id or user_id or "").encode()
