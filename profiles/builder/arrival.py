"""One event as it arrives: decoded, with its identifiers, its anchor, and the facts that are ready to be stored."""

import struct
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import orjson

from compliance.consent import proof, recorded_with_keys, stated_consents, text_version
from profiles.builder.binary import microseconds
from profiles.builder.content import ContentFinder
from profiles.builder.decoding import Unusable, check_key, decode, time_of
from profiles.builder.diagnosis import reason_of
from profiles.builder.digests import anchor_key, link_key
from profiles.builder.event_row import row_of
from profiles.builder.extraction import Extractor
from profiles.builder.rules import RuleBook
from profiles.identity.evidence import Found, Identifier, Link, OrderKey, alias_links, content_links, star
from streaming.contracts.events import EVENT_TYPES, event_name
from streaming.contracts.records import Record
from streaming.runtime.message_seen import MessageKey, message_key

MAX_NAME = 200
MAX_TRAIT_KEY = 255
MOST_FOUND = 5  # links to identifiers of one namespace in the texts of an event
MAX_MESSAGE_ID = 500  # the collector takes 100; what indexes could not hold would stop the builder
OURS = 0  # the source of what comes from no source: decisions of the staff, and what is declared to us
_FAR_FUTURE = timedelta(days=1)  # beyond its arrival, an event's time is a fault of a clock

_UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, OverflowError, struct.error)


class Arrival:
    """What the builder needs of one event. Made off the main thread; never changes afterwards.

    `previous` are the former ids that an alias names, `found` is what stands in its texts. `group_traits` are the group
    of a group call, and what the call says of it; `consents` the purposes that the event grants or refuses,
    `consent_text` the version of the text that was shown for it and `consent_proof` what proves it, `collected_for` the
    purpose that its source collects for. `declared` is what somebody declared of whom the event is, otherwise than by events.
    `anchor_key` and the keys of `links` are digests: equal for equal identifiers, rule, source and import.
    `row` is the timeline row in PostgreSQL's binary COPY format, without its anchor and event name at the front
    and its evidence at the end; `wire` is the event as it is published; `key` is that of the message.
    `unanchored` says that neither the anchor nor a link remembers its only identifier (a group's, or a blocked one).
    """

    __slots__ = (
        "anchor_key",
        "collected_for",
        "consent_proof",
        "consent_text",
        "consents",
        "declared",
        "found",
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
    found: list[Found]
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
    consents: dict[str, bool]
    consent_text: str
    consent_proof: str
    declared: list[dict[str, Any]]
    collected_for: str
    row: bytes
    wire: bytes


class Reader:
    """Turns records into arrivals by the rules of one moment. Immutable; any thread may use it."""

    def __init__(self, book: RuleBook, extractor: Extractor) -> None:
        self.book = book
        self._rules = book.namespaces
        self._extractor = extractor
        self._content = ContentFinder(book.namespaces)
        self._epochs = book.epochs
        self._user = self._rules.by_key["user_id"]
        self._anonymous = self._rules.by_key["anonymous_id"]
        self._groups = {
            rule.id for rule in self._rules.namespaces if not rule.level.resolves and "group_id" in rule.paths
        }

    def read(self, record: Record) -> Arrival:
        """The record as an arrival. Raises Unusable."""
        return self._made_of(record, decode(record), keyed=True)

    def _made_of(self, record: Record, event: dict[str, Any], *, keyed: bool) -> Arrival:
        try:
            arrival = self._make(record, event)
            if keyed:
                check_key(record, event)
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
        arrival.consents = stated_consents(event)
        arrival.purposes = recorded_with_keys(event, arrival.consents)
        arrival.consent_text = text_version(event) if arrival.consents else ""
        arrival.consent_proof = proof(event) if arrival.consents else ""
        arrival.declared = event.get("declarations") or [] if arrival.source_id == OURS else []
        collected_for = event.get("collected_for")
        arrival.collected_for = collected_for if isinstance(collected_for, str) else ""
        arrival.row = row_of(arrival, event, client)
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
        received = time_of(event["received_at"], "received_at")
        time = time_of(event["timestamp"], "timestamp")
        if time - received > _FAR_FUTURE:
            time = received
        client = event.get("client_time")
        client = (
            (time if client == event["timestamp"] else time_of(client, "client_time")) if client else None
        )
        arrival.source_id = event["source_id"]
        arrival.import_id = event.get("import_id") or 0
        arrival.key = message_key(arrival.source_id, message_id, client)
        arrival.order = OrderKey(time, arrival.source_id, message_id)
        arrival.time = microseconds(time)
        arrival.received = microseconds(received)
        arrival.kind = (event["type"], event_name(event["type"], event.get("event"))[:MAX_NAME])
        return client

    def _who(self, arrival: Arrival, event: dict[str, Any]) -> None:
        found = self._extractor.identifiers(event)
        if self._epochs:
            found = self._epochs.all_at(found, arrival.order.time)
        arrival.identifiers = found
        user = anonymous = other = None
        for each in found:
            if each.namespace == self._user.id:
                user = user or each
            elif each.namespace == self._anonymous.id:
                anonymous = anonymous or each
        arrival.home = self._usable(user, anonymous)
        if arrival.home is None:
            other = self._strongest([each for each in found if each not in (user, anonymous)])
            arrival.home = other
        arrival.anchor_key = anchor_key(anonymous, user, other)
        arrival.unanchored = len(found) == 1 and found[0] not in (anonymous, user, other)
        arrival.previous = self._previous(event) if event["type"] == "alias" else []
        arrival.found = self._content.found(event)
        if self._epochs:
            arrival.previous = self._epochs.all_at(arrival.previous, arrival.order.time)
            arrival.found = self._epochs.found_at(arrival.found, arrival.order.time)
        arrival.links = [
            (link_key(link, arrival.source_id, arrival.import_id), link)
            for link in self._links(arrival, event, user)
        ]

    def _links(self, arrival: Arrival, event: dict[str, Any], user: Identifier | None) -> list[Link]:
        found = arrival.identifiers
        links = star(found, self._rules, self._extractor.verified(event, found)) if len(found) > 1 else []
        if arrival.previous and found:
            links = [*links, *alias_links(user or found[0], arrival.previous)]
        if arrival.found and arrival.home:
            links = [*links, *content_links(arrival.home, self._linked(arrival), self._rules)]
        return links

    @staticmethod
    def _linked(arrival: Arrival) -> list[Found]:
        """Of what stands in texts and nowhere else in the event the first few of each namespace."""
        counts: Counter[int] = Counter()
        linked = []
        for each in arrival.found:
            namespace = each.identifier.namespace
            if each.identifier not in arrival.identifiers and counts[namespace] < MOST_FOUND:
                counts[namespace] += 1
                linked.append(each)
        return linked

    def _group_traits(
        self, arrival: Arrival, event: dict[str, Any]
    ) -> tuple[Identifier, dict[str, Any]] | None:
        if not self._groups or event.get("traits").__class__ is not dict:
            return None
        group = self._usable(*[each for each in arrival.identifiers if each.namespace in self._groups])
        traits = _traits(event)
        return (group, traits) if group and traits else None

    def has_user(self, arrival: Arrival) -> bool:
        """Whether the event has a user id that identifies somebody."""
        return any(
            each.namespace == self._user.id and not self._user.blocks(each.value)
            for each in arrival.identifiers
        )

    def without(self, arrival: Arrival, unwanted: Callable[[Identifier], bool]) -> Arrival:
        """The event read again, as if it did not name the unwanted identifiers, in its texts either."""
        event = self._extractor.without(decode(arrival.record), unwanted)
        event = self._content.without(event, unwanted)
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
        if value.__class__ not in (str, int):
            return []
        found = [
            self._extractor.identifier(rule.id, rule.normaliser, str(value))
            for rule in (self._anonymous, self._user)
        ]
        return [each for each in found if each]


def heading(record: Record) -> Arrival:
    """Which message a record is and its times, without who it is of: for looks at many. Raises Unusable."""
    event = decode(record)
    arrival = Arrival()
    arrival.record = record
    try:
        Reader._when_and_whence(arrival, event)  # noqa: SLF001 -- its own reading, cut short
    except Unusable:
        raise
    except _UNREADABLE as error:
        raise Unusable(reason_of(error, event)) from error
    return arrival


def _traits(event: dict[str, Any]) -> dict[str, Any] | None:
    if not event.get("traits"):
        return None
    return {key: value for key, value in event["traits"].items() if len(key) <= MAX_TRAIT_KEY}
