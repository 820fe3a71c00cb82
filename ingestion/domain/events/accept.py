"""One item of a request, checked and brought into the form of the log, in one pass. Hot: see benchmarks/collector.py."""

from typing import Any
from uuid import uuid4

import orjson

from ingestion.domain.events.envelope import Envelope, skew_of
from ingestion.domain.events.limits import (
    MAX_DEPTH,
    MAX_EVENT_BYTES,
    MAX_EVENT_NAME,
    MAX_IDENTIFIER,
    MAX_KEY,
    MAX_MESSAGE_ID,
    MAX_PURPOSE,
    MAX_PURPOSES,
    MAX_RAW_TIME,
)
from ingestion.domain.events.rejection import ItemRejected
from ingestion.domain.events.times import canonical_text, parse_time, raw_time, time_text, usable_time
from streaming.contracts.events import WIRE_VERSION, WireEvent

JsonObject = dict[str, Any]


def accept_item(item: object, envelope: Envelope) -> WireEvent:
    """The event that the item is. Raises ItemRejected with the rule that it breaks.

    One that its source's plan keeps out has the field `quarantined`, with the reason: see `EventTopics.destination`.

    What most items are is checked here, in place: for these fields a call costs more than its check.
    """
    if type(item) is not dict:
        raise ItemRejected("not_an_object", f"an item is a JSON object, not {type(item).__name__}")
    given = item.get
    event_type = envelope.type or given("type")
    complete = _OF_TYPE.get(event_type) if type(event_type) is str else None
    if complete is None:
        raise ItemRejected("unknown_type", "type should be track, identify, page, screen, group or alias")
    user_id, anonymous_id, message_id = given("userId"), given("anonymousId"), given("messageId")
    if type(user_id) is not str or not 0 < len(user_id) <= MAX_IDENTIFIER:
        user_id = _identifier(user_id, "userId")
    if type(anonymous_id) is not str or not 0 < len(anonymous_id) <= MAX_IDENTIFIER:
        anonymous_id = _identifier(anonymous_id, "anonymousId") or envelope.anonymous_id
    if user_id is None and anonymous_id is None:
        raise ItemRejected("missing_identity", "userId or anonymousId is required")
    if type(message_id) is not str or not 0 < len(message_id) <= MAX_MESSAGE_ID:
        message_id = _message_id(message_id)
    integrations, properties, traits = given("integrations"), given("properties"), given("traits")
    integrations = _object(integrations, "integrations") if integrations else {}
    is_plain = envelope.ip is None and not (envelope.context or given("context") or "channel" in item)
    context: JsonObject = {} if is_plain else _context(item, envelope)
    received_at = envelope.received_at_text
    event: WireEvent = {
        "v": WIRE_VERSION,
        "message_id": message_id,
        "type": event_type,  # type: ignore[typeddict-item]  # a key of _OF_TYPE
        "event": None,
        "anonymous_id": anonymous_id,
        "user_id": user_id,
        "group_id": None,
        "previous_id": None,
        "properties": _object(properties, "properties") if properties else {},
        "traits": _object(traits, "traits") if traits else {},
        "context": context,
        "integrations": envelope.integrations | integrations if envelope.integrations else integrations,
        "original_timestamp": None,
        "sent_at": envelope.sent_at,
        "received_at": received_at,
        "timestamp": received_at,
        "client_time": None,
        "source_id": envelope.source_id,
    }
    if envelope.import_id is not None:
        event["import_id"] = envelope.import_id
    own, in_context = given("purposes"), context.get("purposes")
    if own or in_context:
        _limit(event, own, in_context)
    complete(item, event)
    _set_times(item, event, envelope)
    if envelope.rules is not None:
        envelope.rules.apply(event)
    return event


def encode_accepted(event: WireEvent, item: JsonObject) -> bytes:
    """The wire form of an accepted item. Raises ItemRejected when it is too large or nested too deeply."""
    try:
        # A copy: the encoder writes into some 8 KB and gives the rest back, which leaves a hole behind each value that lives on.
        value = bytes(memoryview(orjson.dumps(event)))
    except TypeError:
        raise ItemRejected("too_deep", f"objects and lists are nested deeper than {MAX_DEPTH}") from None
    if len(value) > MAX_EVENT_BYTES and len(orjson.dumps(item)) > MAX_EVENT_BYTES:
        raise ItemRejected("event_too_large", f"an event has at most {MAX_EVENT_BYTES:,} bytes of JSON")
    opened = value.count(b"{") + (
        value.count(b"[") if b"[" in value else 0
    )  # a search is cheaper than a count
    if opened > MAX_DEPTH and not _is_within(event, MAX_DEPTH + 1):
        raise ItemRejected("too_deep", f"objects and lists are nested deeper than {MAX_DEPTH}")
    return value


def _identifier(value: object, field: str) -> str | None:
    if value is None or value == "":
        return None
    if type(value) is int:
        value = str(value)
    if type(value) is not str or len(value) > MAX_IDENTIFIER:
        raise ItemRejected(
            "bad_identifier", f"{field} should be a text of at most {MAX_IDENTIFIER} characters"
        )
    return value


def _message_id(value: object) -> str:
    if type(value) is str and 0 < len(value) <= MAX_MESSAGE_ID:
        return value
    if value is None or value == "":
        return str(uuid4())
    if type(value) is int:
        return str(value)[:MAX_MESSAGE_ID]
    raise ItemRejected("bad_message_id", f"messageId should be a text of at most {MAX_MESSAGE_ID} characters")


def _object(value: object, field: str) -> JsonObject:
    if not value:  # absent, null, or the empty list that PHP writes for an empty object
        return {}
    if type(value) is not dict:
        raise ItemRejected(f"bad_{field}", f"{field} should be a JSON object")
    # All keys together are rarely as long as one may be, and to join them costs a third of measuring each.
    if len("".join(value)) > MAX_KEY < max(map(len, value)):
        raise ItemRejected("key_too_long", f"a key in {field} is longer than {MAX_KEY} characters")
    return value


def _context(item: JsonObject, envelope: Envelope) -> JsonObject:
    context: JsonObject = item.get("context") or {}
    if context:
        context = _object(context, "context")
    if envelope.context:
        context = envelope.context | context
    ip, channel = envelope.ip, item.get("channel")
    if ip is not None and "ip" not in context:
        context = {**context, "ip": ip}
    return {"channel": channel, **context} if type(channel) is str else context


def _limit(event: WireEvent, own: Any, in_context: Any) -> None:
    """Carry what the event's data may be used for. Browser SDKs can say it in the context only.

    An own field that cannot be read is rejected: left out, the data would be free for every use. In the context
    the word may mean something else, so there it counts in this form only.
    """
    if own and not _are_purposes(own):
        raise ItemRejected(
            "bad_purposes",
            f"purposes should be a list of at most {MAX_PURPOSES} texts of at most {MAX_PURPOSE} characters",
        )
    if own or _are_purposes(in_context):
        event["purposes"] = own or in_context


def _are_purposes(value: object) -> bool:
    return (
        type(value) is list
        and len(value) <= MAX_PURPOSES
        and all(type(each) is str and 0 < len(each) <= MAX_PURPOSE for each in value)
    )


def _track(item: JsonObject, event: WireEvent) -> None:
    name = item.get("event")
    if type(name) is not str or not name.strip():
        raise ItemRejected("missing_event_name", "a track needs the name of what happened in `event`")
    if len(name) > MAX_EVENT_NAME:
        raise ItemRejected("event_name_too_long", f"an event name has at most {MAX_EVENT_NAME} characters")
    event["event"] = name


def _identify(item: JsonObject, event: WireEvent) -> None:  # noqa: ARG001 -- one signature for all types
    known = event["context"].get("traits")
    if type(known) is dict and known:
        event["traits"] = _object(known, "traits") | event["traits"]


def _view(item: JsonObject, event: WireEvent) -> None:
    for field in ("name", "category"):
        value = item.get(field)
        if type(value) is str and value:
            event["properties"] = {field: value, **event["properties"]}
    name = event["properties"].get("name")
    event["event"] = name[:MAX_EVENT_NAME] if type(name) is str and name else None


def _group(item: JsonObject, event: WireEvent) -> None:
    event["group_id"] = _identifier(item.get("groupId"), "groupId")
    if event["group_id"] is None:
        raise ItemRejected("missing_group_id", "a group needs groupId")


def _alias(item: JsonObject, event: WireEvent) -> None:
    event["previous_id"] = _identifier(item.get("previousId"), "previousId")
    if event["previous_id"] is None:
        raise ItemRejected("missing_previous_id", "an alias needs previousId")


_OF_TYPE = {
    "track": _track, "identify": _identify, "page": _view, "screen": _view, "group": _group, "alias": _alias,
}  # fmt: skip


def _set_times(item: JsonObject, event: WireEvent, envelope: Envelope) -> None:
    given = item.get
    original, supplied, sent_at = given("originalTimestamp"), given("timestamp"), given("sentAt")
    received_at, skew = envelope.received_at, envelope.skew
    if sent_at is not None:
        event["sent_at"] = raw_time(sent_at)
        skew = skew_of(sent_at, received_at)
    first = supplied if original is None else original
    if first is None:
        return
    event["original_timestamp"] = (
        first if type(first) is str and len(first) <= MAX_RAW_TIME else raw_time(first)
    )
    claimed = parse_time(first)
    if claimed is not None:
        event["client_time"] = canonical_text(first, claimed)
    if original is not None and supplied is not None and supplied != original:
        # Who states both means the second: RudderStack's SDKs do so for events of the past.
        event["raw_timestamp"] = raw_time(supplied)
        meant = parse_time(supplied)
        claimed, skew = (meant, None) if meant is not None else (claimed, skew)
    if claimed is not None:
        at = usable_time(claimed, skew, received_at)
        if at is claimed and supplied == first and event["client_time"] is not None:
            event["timestamp"] = event["client_time"]
        elif at is not received_at:
            event["timestamp"] = time_text(at)


def _is_within(value: object, depth: int) -> bool:
    """Whether the value is nested at most `depth` levels deep; it never recurses further than that."""
    if isinstance(value, dict):
        return depth > 0 and all(_is_within(item, depth - 1) for item in value.values())
    if isinstance(value, list):
        return depth > 0 and all(_is_within(item, depth - 1) for item in value)
    return True
