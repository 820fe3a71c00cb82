"""What somebody declares whom nobody knows yet: it goes through the log as all facts do, and makes them known.

The event has the identifier and what is declared. Once the builder has applied it there is a person of whom it holds, in
whatever order further events come. docs/adr/0139-who-declares-becomes-known.md.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from compliance.sources import STAFF
from compliance.suppression import snapshot
from profiles.domain.namespaces import WrittenIdentifier, rules
from profiles.enums import DeclarationOrigin
from profiles.identity.rules import NamespaceRule
from streaming.contracts.events import OTHER_EVENTS_TOPIC, WIRE_VERSION, WireEvent, encode_event, record_key
from streaming.contracts.records import NewRecord
from streaming.event_log import event_log

NAME = "Consent Declared"  # what the event is called on the person's timeline
TIMEOUT = 10.0  # seconds that the log may take
_PARTS = ("+", "?")  # of paths that more than one value is at


class First(NamedTuple):
    """What one act declares: the columns of `profiles_declaration`, and the name of the purpose in events."""

    act: str
    kind: str
    purpose: str
    name: str
    holds: bool
    text_version: str
    reason: str
    proof: str
    said_at: datetime


def suppressed_among(written: Sequence[WrittenIdentifier]) -> set[WrittenIdentifier]:
    """Those of whom nothing may be stored."""
    known = snapshot()
    return {each for each in written if known and known.is_suppressed(each.namespace, each.value)}


def nameable(written: Sequence[WrittenIdentifier]) -> set[WrittenIdentifier]:
    """Those by which an event can make somebody known: of a person or a device, and no value that is nobody's."""
    known = rules().by_key
    return {
        each
        for each in written
        if _place(known[each.namespace]) and not known[each.namespace].blocks(each.value)
    }


def send(said: Sequence[tuple[WrittenIdentifier, First]], *, by: str, now: datetime) -> None:
    """Append the events; they are durable when this returns. Blocks up to TIMEOUT. Raises LogUnavailable."""
    known = rules().by_key
    events = [_event(each, first, known[each.namespace], by, now) for each, first in said]
    event_log().append(
        [NewRecord(OTHER_EVENTS_TOPIC, record_key(each["anonymous_id"], each["user_id"]), encode_event(each)) for each in events],
        TIMEOUT,
    )  # fmt: skip


def _event(
    written: WrittenIdentifier, first: First, rule: NamespaceRule, by: str, now: datetime
) -> WireEvent:
    event: dict[str, Any] = {
        "v": WIRE_VERSION, "message_id": first.act, "type": "track", "event": NAME, "anonymous_id": None, "user_id": None,
        "group_id": None, "previous_id": None, "properties": {}, "traits": {}, "context": {}, "integrations": {},
        "original_timestamp": None, "sent_at": None, "received_at": _text(now), "timestamp": _text(min(first.said_at, now)),
        "client_time": _text(first.said_at), "source_id": STAFF,
        "declarations": [
            {
                **first._asdict(), "said_at": _text(first.said_at), "received_at": _text(now), "by": by,
                "origin": DeclarationOrigin.API.value,
            }
        ],
    }  # fmt: skip
    *parents, name = _place(rule).split(".")
    inner = event
    for parent in parents:
        inner = inner.setdefault(parent, {})
    inner[name] = written.value
    return event  # type: ignore[return-value]  # as the fields above


def _place(rule: NamespaceRule) -> str:
    """The path at which an event has one value of the namespace; an empty text where there is none."""
    if not rule.level.resolves:
        return ""
    return next((each for each in rule.paths if not any(part in each for part in _PARTS)), "")


def _text(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
