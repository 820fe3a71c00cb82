"""Quarantined events: from their topic into rows. Of people who are suppressed only that there was one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import psycopg

from compliance.suppression import Suppressions
from ingestion.domain.catalogue.observing import Broken, Name
from ingestion.domain.catalogue.storing import store_broken
from ingestion.domain.suppressions import is_suppressed
from ingestion.enums import QuarantineState
from streaming.contracts.events import UndecodableEvent, WireEvent, decode_event, event_name
from streaming.contracts.records import Record
from streaming.runtime.message_seen import columns_of, message_key

_LARGEST_VERSION = 2**31 - 1
_BY = "suppression"
_KINDS = {
    "source_id": "bigint", "client_time": "bigint", "hash": "uuid", "message_id": "text", "type": "text", "name": "text",
    "reason": "text", "plan_version": "int", "received_at": "timestamptz", "value": "text",
    "state": "text", "decided_at": "timestamptz", "decided_by": "text",
}  # fmt: skip
# A group may reach the log and the spool, and clients try again: each message is kept once.
_STORE = f"""
INSERT INTO ingestion_quarantined ({", ".join(_KINDS)}, quarantined_at)
SELECT given.*, %s FROM unnest({", ".join(f"%s::{kind}[]" for kind in _KINDS.values())})
    AS given ({", ".join(_KINDS)})
WHERE EXISTS (SELECT FROM ingestion_source s WHERE s.id = given.source_id)
ORDER BY 1, 2, 3 ON CONFLICT (source_id, client_time, hash) DO NOTHING
RETURNING source_id, client_time, hash
"""


class UnreadableQuarantine(ValueError):
    """The record is no quarantined event that this release understands."""


class Held(NamedTuple):
    """A quarantined event, with its columns."""

    event: WireEvent
    columns: dict[str, Any]


def read_held(record: Record) -> Held:
    """The event of a record. Raises UnreadableQuarantine."""
    try:
        event = decode_event(record.value)
        client_time, source_id, digest = columns_of(key_of(event))
        columns: dict[str, Any] = {
            "source_id": source_id,
            "client_time": client_time,
            "hash": digest,
            "message_id": event["message_id"],
            "type": event["type"],
            "name": event_name(event["type"], event["event"]),
            "reason": event["quarantined"],
            "plan_version": min(int(event.get("schema_version") or 0), _LARGEST_VERSION),
            "received_at": datetime.fromisoformat(event["received_at"]),
            "value": (record.value or b"").decode(),
            "state": QuarantineState.OPEN.value,
            "decided_at": None,
            "decided_by": "",
        }
    except UndecodableEvent as error:
        raise UnreadableQuarantine(str(error)) from error
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise UnreadableQuarantine(
            f"not a quarantined event as collectors write it: {type(error).__name__}"
        ) from error
    if "\0" in columns["value"] or len(columns["reason"]) > 300 or len(columns["name"]) > 200:  # noqa: PLR2004 -- the columns
        raise UnreadableQuarantine(
            "not a quarantined event as collectors write it: a text is too long or holds NUL"
        )
    return Held(event, columns)


def key_of(event: WireEvent) -> bytes:
    """The identity of the message."""
    client = event["client_time"]
    return message_key(
        event["source_id"], event["message_id"], None if client is None else datetime.fromisoformat(client)
    )


def store_held(
    connection: psycopg.Connection[Any], held: Sequence[Held], *, people: Suppressions, now: datetime
) -> None:
    """Store them within the open transaction, each once, and count what they broke; of suppressed `people` neither."""
    if not held:
        return
    if people:
        held = [_left_of(each, now) if is_suppressed(each.event, people) else each for each in held]
    rows = [[each.columns[column] for each in held] for column in _KINDS]
    new = set(connection.execute(_STORE, [now, *rows]).fetchall())
    broken: dict[Broken, tuple[int, datetime, str]] = {}
    for each in held:
        columns = each.columns
        identity = (columns["source_id"], columns["client_time"], columns["hash"])
        if identity not in new or columns["state"] != QuarantineState.OPEN:
            continue
        new.discard(identity)  # of several copies in one batch one is stored
        name = Name(columns["source_id"], columns["type"], columns["name"])
        for violation in each.event.get("violations", ()):
            broke = Broken(
                name, violation["reason"][:300], violation["action"][:16], columns["received_at"].date()
            )
            times = broken.get(broke, (0,))[0]
            broken[broke] = (times + 1, columns["received_at"], columns["message_id"])
    store_broken(connection, broken)


def _left_of(held: Held, now: datetime) -> Held:
    """What is kept of an event of somebody who was suppressed while it was on its way: that it came, for the accounts."""
    nothing = {"message_id": "", "name": "", "value": ""}
    decided = {"state": QuarantineState.SUPPRESSED.value, "decided_at": now, "decided_by": _BY}
    return Held(held.event, {**held.columns, **nothing, **decided})
