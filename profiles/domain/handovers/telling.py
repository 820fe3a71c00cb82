"""Events that belong to another anchor now, told again: whoever keeps facts of events by anchor takes the newer word.

What is told has no former id of an alias and no group: nothing is decided by these records.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

import orjson
import psycopg

from compliance.consent import LIMIT, REFUSED, limits_of_keys
from compliance.signals.keys import ONLY
from profiles.domain.handovers.facts import COLUMNS
from streaming.contracts.profiles import event_record, time_text
from streaming.contracts.records import NewRecord

Connection = psycopg.Connection[Any]

_NAMES = "SELECT id, type, name FROM profiles_eventname WHERE id = ANY(%s)"
_EVENTS = f"""
SELECT {COLUMNS} FROM profiles_timeline WHERE anchor_id = %s AND timestamp >= %s AND timestamp < %s
"""


class Owner(NamedTuple):
    """An anchor as records name it, and the values in its events as sources send them."""

    profile: str | None
    birth_id: str
    mapping_version: int
    anonymous_id: str | None
    user_id: str | None


def events_between(
    connection: Connection, anchor: int, low: datetime, high: datetime
) -> list[tuple[Any, ...]]:
    """The events of an anchor in a span."""
    return connection.execute(_EVENTS, (anchor, low, high)).fetchall()


def told(connection: Connection, owner: Owner, rows: Iterable[tuple[Any, ...]]) -> list[NewRecord]:
    """The records of these events (rows of COLUMNS), in order of time."""
    ordered = sorted(rows, key=lambda row: (row[1], row[6]))
    names = {row[0] for row in ordered}
    kinds = {id_: (type_, name) for id_, type_, name in connection.execute(_NAMES, (sorted(names),))}
    return [
        event_record(owner.profile, owner.birth_id, owner.mapping_version, _wire(owner, row, *kinds[row[0]]))
        for row in ordered
    ]


def _wire(owner: Owner, row: tuple[Any, ...], type_: str, name: str) -> bytes:
    _, time, received, client, source, import_, message, properties, context, traits, purposes = row
    event = {
        "v": 1,
        "message_id": message,
        "type": type_,
        "event": name if type_ == "track" else None,
        "anonymous_id": owner.anonymous_id,
        "user_id": owner.user_id,
        "group_id": None,
        "previous_id": None,
        "properties": orjson.loads(properties),
        "traits": orjson.loads(traits) if traits else {},
        "context": orjson.loads(context),
        "integrations": {},
        "original_timestamp": time_text(client or time),
        "sent_at": None,
        "received_at": time_text(received),
        "timestamp": time_text(time),
        "client_time": time_text(client) if client else None,
        "source_id": source,
    }
    if import_:
        event["import_id"] = import_
    if purposes and ONLY in purposes:
        event["purposes"] = [
            each for each in purposes if each != ONLY and not each.startswith(REFUSED) and LIMIT not in each
        ]
    if limits := limits_of_keys(purposes or ()):
        event["key_purposes"] = limits
    return orjson.dumps(event)
