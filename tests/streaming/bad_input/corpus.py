"""Records that no collector would write, and words of the reason that a person is told: for readers of raw events."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

MEGABYTE = 1024 * 1024
TIME = "2026-11-24T12:00:00.000000Z"


@dataclass(frozen=True, slots=True)
class Poison:
    """A record, and words that its reason has."""

    name: str
    value: bytes | None
    reason: str
    key: bytes | None = b"a1"


def event(number: int = 0, **fields: Any) -> dict[str, Any]:
    """A good event as the collector writes it."""
    return {
        "v": 1, "message_id": f"m{number}", "type": "track", "event": "Order Completed", "anonymous_id": "a1",
        "user_id": None, "group_id": None, "previous_id": None, "properties": {"total": number}, "traits": {},
        "context": {}, "integrations": {}, "original_timestamp": TIME, "sent_at": None, "received_at": TIME,
        "timestamp": TIME, "client_time": TIME, "source_id": 1, **fields,
    }  # fmt: skip


def _with(**fields: Any) -> bytes:
    return orjson.dumps(event(**fields))


def _without(name: str) -> bytes:
    return orjson.dumps({each: value for each, value in event().items() if each != name})


def _unreadable() -> Iterator[Poison]:
    good = _with()
    not_json = {
        "xml": b"<event/>", "bytes that are no text": b"\xff\xfe\x00", "cut in the middle": good[:-20],
        "two events": good + good, "not a number": good.replace(b'"total":0', b'"total":NaN'),
        "half a character": good.replace(b"Order", b"\xc3("), "half a surrogate": good.replace(b"Order", b"\\ud800"),
        "nested without end": good.replace(b'"total":0', b'"total":' + b"[" * 5000 + b"]" * 5000),
    }  # fmt: skip
    for name, value in not_json.items():
        yield Poison(name, value, "the record is not JSON")
    yield Poison("empty", b"", "the record is empty")
    yield Poison("blank", b" \n", "the record is empty")
    yield Poison("tombstone", None, "a tombstone (a record without a value) stands where an event belongs")
    for kind, value in {"list": b"[1]", "str": b'"event"', "int": b"7", "NoneType": b"null"}.items():
        yield Poison(f"JSON {kind}", value, f"a JSON {kind}, not an object")
    yield Poison("a newer version", _with(v=99), "wire version 99; this release reads 1: upgrade")
    yield Poison("no version", _without("v"), "wire version unknown")


def _wrong() -> Iterator[Poison]:
    yield Poison("no message id", _without("message_id"), "it lacks message_id")
    yield Poison("no time of arrival", _without("received_at"), "it lacks received_at")
    yield Poison("an unknown type", _with(type="purchase"), "type is none of alias")
    yield Poison(
        "a user who is a list", _with(user_id=[1], anonymous_id=None), "user_id is a list where", None
    )
    yield Poison("a time that is none", _with(timestamp="yesterday"), "timestamp is not a time")
    yield Poison("a time without a zone", _with(timestamp="2026-11-24T12:00:00"), "timestamp lacks its zone")
    yield Poison("a source beyond all numbers", _with(source_id=2**40), "source_id is out of range")
    far = _with(received_at="2099-01-01T00:00:00.000000Z")
    yield Poison("from the future", far, "received_at lies more than two days ahead")
    yield Poison(
        "another's key", _with(), "the record's key is not the event's anonymous_id", b"somebody-else"
    )
    yield Poison("no key", _with(), "the record's key is not the event's anonymous_id", None)
    yield Poison(
        "a gigantic message id", _with(message_id="m" * 9000), "message_id is longer than 500 characters"
    )
    gigantic = _with(properties={"text": "x" * (4 * MEGABYTE - 800)})
    yield Poison("gigantic", gigantic, "more than the 1,048,576 bytes that an event may have")


EVENTS = [*_unreadable(), *_wrong()]


def _derived() -> Iterator[Poison]:
    good = b'{"v":1,"profile":null,"anchor":"%b","mapping_version":1,"event":%b}'
    whole = good % (ANCHOR.encode(), _with())
    yield Poison("cut in its head", whole[:60], "the record is not JSON")
    yield Poison("bytes that are no text", b"\xff\xfe\x00", "the record is not JSON")
    yield Poison("empty", b"", "the record is empty")
    yield Poison("tombstone", None, "a tombstone (a record without a value) stands where a change belongs")
    yield Poison("a list", b"[1]", "not of wire version 1")
    yield Poison(
        "a newer version", whole.replace(b'"v":1,"profile"', b'"v":2,"profile"'), "upgrade, then resubmit"
    )
    yield Poison("no event", b'{"v":1,"anchor":"%b"}' % ANCHOR.encode(), "no event with its anchor")
    yield Poison("an event that is text", good % (ANCHOR.encode(), b'"event"'), "no event with its anchor")


ANCHOR = "0192f0c1-7b7e-7c44-9a60-8f2f5d1c6a01"
DERIVED = list(_derived())
