"""One event as it arrives: decoded, with its identifiers, its anchor, and the facts that are ready to be stored."""

import struct
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from compliance.consent import recorded_purposes
from profiles.builder.binary import microseconds
from profiles.builder.diagnosis import MAX_EVENT_BYTES, TOO_LARGE, WRONG_KEY, reason_of
from profiles.builder.digests import anchor_key, link_key
from profiles.builder.extraction import Extractor
from profiles.builder.rules import RuleBook
from profiles.identity.evidence import Identifier, Link, OrderKey, alias_links, star
from streaming.contracts.events import EVENT_TYPES, UndecodableEvent, decode_event, event_name, record_key
from streaming.contracts.records import Record
from streaming.runtime.message_seen import MessageKey, message_key

MAX_NAME = 200
MAX_TRAIT_KEY = 255
MAX_MESSAGE_ID = 500  # the collector takes 100; what indexes could not hold would stop the builder
_FAR_FUTURE = timedelta(days=1)  # beyond its arrival, an event's time is a fault of a clock

_TIMES = struct.Struct(">iqiq")
_CLIENT_TIME = struct.Struct(">iq")
_ORIGIN = struct.Struct(">iiiqi")
_ARRAY = struct.Struct(">iiiIii")
_TEXT = 25
_NULL = b"\xff\xff\xff\xff"
_UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, OverflowError, struct.error)


class Unusable(Exception):
    """The record can never be applied; says why."""


class Arrival:
    """What the builder needs of one event. Made off the main thread; never changes afterwards.

    `previous` are the former ids that an alias names. `anchor_key` and the keys of `links` are digests: equal for equal identifiers, rule, source and import.
    `row` is the timeline row in PostgreSQL's binary COPY format, without its anchor and event name at the front
    and its evidence at the end; `wire` is the event as it is published; `key` is that of the message.
    `group_traits` are the group of a group call, and what the call says of it.
    `unanchored` says that neither the anchor nor a link remembers its only identifier (a group's, or a blocked one).
    """

    __slots__ = (
        "anchor_key",
        "group_traits",
        "home",
        "identifiers",
        "import_id",
        "key",
        "kind",
        "links",
        "order",
        "previous",
        "purposes",
        "received",
        "record",
        "row",
        "source_id",
        "time",
        "traits",
        "unanchored",
        "wire",
    )

    record: Record
    unanchored: bool
    key: MessageKey
    kind: tuple[str, str]
    identifiers: list[Identifier]
    previous: list[Identifier]
    anchor_key: bytes
    home: Identifier | None
    links: list[tuple[bytes, Link]]
    order: OrderKey
    time: int
    received: int
    source_id: int
    import_id: int
    traits: dict[str, Any] | None
    group_traits: tuple[Identifier, dict[str, Any]] | None
    purposes: list[str]
    row: bytes
    wire: bytes


class Reader:
    """Turns records into arrivals by the rules of one moment. Immutable; any thread may use it."""

    def __init__(self, book: RuleBook, extractor: Extractor) -> None:
        self.book = book
        self._rules = book.namespaces
        self._extractor = extractor
        self._user = self._rules.by_key["user_id"]
        self._anonymous = self._rules.by_key["anonymous_id"]

    def read(self, record: Record) -> Arrival:
        """The record as an arrival. Raises Unusable."""
        return self._made_of(record, _decode(record), keyed=True)

    def _made_of(self, record: Record, event: dict[str, Any], *, keyed: bool) -> Arrival:
        try:
            arrival = self._make(record, event)
            if keyed:
                _check_key(record, event)
        except Unusable:
            raise
        except _UNREADABLE as error:
            raise Unusable(reason_of(error, event)) from error
        return arrival

    def _make(self, record: Record, event: dict[str, Any]) -> Arrival:
        arrival = Arrival()
        arrival.record = record
        arrival.wire = record.value or b""
        client = self._when_and_whence(arrival, event)
        self._who(arrival, event)
        arrival.traits = _traits(event) if event["type"] == "identify" else None
        arrival.group_traits = self._group_traits(arrival, event) if event["type"] == "group" else None
        arrival.purposes = recorded_purposes(event)
        arrival.row = _row(arrival, event, client)
        return arrival

    @staticmethod
    def _when_and_whence(arrival: Arrival, event: dict[str, Any]) -> datetime | None:
        if event["type"] not in EVENT_TYPES:
            raise Unusable(f"type is none of {', '.join(sorted(EVENT_TYPES))}")
        message_id = event["message_id"]
        if message_id.__class__ is not str or event["source_id"].__class__ is not int:
            raise Unusable("message_id must be a string and source_id a number")
        if len(message_id) > MAX_MESSAGE_ID:
            raise Unusable(f"message_id is longer than {MAX_MESSAGE_ID} characters")
        received = _time(event["received_at"], "received_at")
        time = _time(event["timestamp"], "timestamp")
        if time - received > _FAR_FUTURE:
            time = received
        client = event.get("client_time")
        client = (time if client == event["timestamp"] else _time(client, "client_time")) if client else None
        arrival.source_id = event["source_id"]
        arrival.import_id = event.get("import_id") or 0
        arrival.key = message_key(arrival.source_id, message_id, client)
        arrival.order = OrderKey(time, arrival.source_id, message_id)
        arrival.time = microseconds(time)
        arrival.received = microseconds(received)
        arrival.kind = (event["type"], event_name(event["type"], event.get("event"))[:MAX_NAME])
        return client

    def _who(self, arrival: Arrival, event: dict[str, Any]) -> None:
        found = arrival.identifiers = self._extractor.identifiers(event)
        user = anonymous = None
        for each in found:
            if each.namespace == self._user.id:
                user = user or each
            elif each.namespace == self._anonymous.id:
                anonymous = anonymous or each
        links = star(found, self._rules) if len(found) > 1 else []
        arrival.previous = self._previous(event) if event["type"] == "alias" else []
        if arrival.previous and found:
            links = [*links, *alias_links(user or found[0], arrival.previous)]
        arrival.links = [(link_key(link, arrival.source_id, arrival.import_id), link) for link in links]
        other = self._usable(user, anonymous)
        if other is None:
            rest = [each for each in found if each not in (user, anonymous)]
            other = self._strongest(rest)
            arrival.home = other
        else:
            arrival.home, other = other, None
        arrival.anchor_key = anchor_key(anonymous, user, other)
        arrival.unanchored = len(found) == 1 and found[0] not in (anonymous, user, other)

    def _group_traits(
        self, arrival: Arrival, event: dict[str, Any]
    ) -> tuple[Identifier, dict[str, Any]] | None:
        rule = self._rules.by_key.get("group_id")
        if rule is None or event.get("traits").__class__ is not dict:
            return None
        group = self._usable(*[each for each in arrival.identifiers if each.namespace == rule.id])
        traits = _traits(event)
        return (group, traits) if group and traits else None

    def has_user(self, arrival: Arrival) -> bool:
        """Whether the event has a user id that identifies somebody."""
        return any(
            each.namespace == self._user.id and not self._user.blocks(each.value)
            for each in arrival.identifiers
        )

    def without(self, arrival: Arrival, unwanted: Callable[[Identifier], bool]) -> Arrival:
        """The event read again, as if it did not name the unwanted identifiers."""
        event = self._extractor.without(_decode(arrival.record), unwanted)
        if any(unwanted(each) for each in self._previous(event)):
            event["previous_id"] = None
        # The record keeps its key, which may name what is unwanted.
        return self._made_of(arrival.record._replace(value=orjson.dumps(event)), event, keyed=False)

    def _usable(self, *identifiers: Identifier | None) -> Identifier | None:
        for each in identifiers:
            if each and not self._rules.by_id[each.namespace].blocks(each.value):
                return each
        return None

    def _strongest(self, identifiers: list[Identifier]) -> Identifier | None:
        rules = self._rules.by_id
        resolving = [
            each
            for each in identifiers
            if rules[each.namespace].level.resolves and not rules[each.namespace].blocks(each.value)
        ]
        return min(resolving, key=lambda each: (rules[each.namespace].priority, each.value), default=None)

    def _previous(self, event: dict[str, Any]) -> list[Identifier]:
        value = event.get("previous_id")
        found = [
            self._extractor.identifier(rule.id, rule.normaliser, value)
            for rule in (self._anonymous, self._user)
        ]
        return [each for each in found if each]


def heading(record: Record) -> Arrival:
    """Which message a record is and its times, without who it is of: for looks at many. Raises Unusable."""
    event = _decode(record)
    arrival = Arrival()
    arrival.record = record
    try:
        Reader._when_and_whence(arrival, event)  # noqa: SLF001 -- its own reading, cut short
    except Unusable:
        raise
    except _UNREADABLE as error:
        raise Unusable(reason_of(error, event)) from error
    return arrival


def _decode(record: Record) -> dict[str, Any]:
    if record.value and len(record.value) > MAX_EVENT_BYTES:
        raise Unusable(TOO_LARGE)
    try:
        event: dict[str, Any] = decode_event(record.value)  # type: ignore[assignment]
    except UndecodableEvent as error:
        raise Unusable(reason_of(error, None)) from error
    if record.value and b"\\u0000" in record.value:
        event = _without_nul(event)
    return event


def _time(value: str, field: str) -> datetime:
    try:
        time = datetime.fromisoformat(value)
    except (ValueError, TypeError) as error:
        raise Unusable(f"the event cannot be read: {field} is not a time") from error
    if time.tzinfo is None:
        raise Unusable(f"the event cannot be read: {field} lacks its zone")
    return time if time.tzinfo is UTC else time.astimezone(UTC)


def _check_key(record: Record, event: dict[str, Any]) -> None:
    key = record.key or b""
    wanted = record_key(event.get("anonymous_id"), event.get("user_id"))
    if key != wanted and key.replace(b"\0", b"\xef\xbf\xbd") != wanted:  # the event was rid of NUL
        raise Unusable(WRONG_KEY)


def _traits(event: dict[str, Any]) -> dict[str, Any] | None:
    if not event.get("traits"):
        return None
    return {key: value for key, value in event["traits"].items() if len(key) <= MAX_TRAIT_KEY}


def _row(arrival: Arrival, event: dict[str, Any], client: datetime | None) -> bytes:
    message = arrival.order.message_id.encode()
    traits = event.get("traits")
    return b"".join(
        (
            _TIMES.pack(8, arrival.time, 8, arrival.received),
            _NULL if client is None else _CLIENT_TIME.pack(8, microseconds(client)),
            _ORIGIN.pack(4, arrival.source_id, 8, arrival.import_id, len(message)),
            message,
            _document(event.get("properties") or {}),
            _document(event.get("context") or {}),
            _document(traits) if traits else _NULL,
            _texts(arrival.purposes) if arrival.purposes else _NULL,
        )
    )


def _document(value: Any) -> bytes:
    text = orjson.dumps(value)
    return (len(text) + 1).to_bytes(4, "big") + b"\x01" + text


def _texts(values: list[str]) -> bytes:
    """A text[] field."""
    elements = b"".join([len(text).to_bytes(4, "big") + text for text in map(str.encode, values)])
    return _ARRAY.pack(_ARRAY.size - 4 + len(elements), 1, 0, _TEXT, len(values), 1) + elements


def _without_nul(value: Any) -> Any:
    """The value without the character NUL, which PostgreSQL cannot store."""
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd")
    if isinstance(value, dict):
        return {_without_nul(key): _without_nul(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_nul(inner) for inner in value]
    return value
