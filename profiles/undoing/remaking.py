"""Visits, behaviour and social records of some anchors, made anew from the events that stay in the timeline."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import orjson
import psycopg

from profiles.behaviour import combining as behaving
from profiles.behaviour import publishing as behaviour_records
from profiles.behaviour import reading as behaviours
from profiles.behaviour import storing as behaviour_rows
from profiles.behaviour.facts import fact_of as behaviour_of
from profiles.behaviour.visits import Visit, visit_of
from profiles.builder import binary
from profiles.combining.version import next_version
from profiles.domain.visit_timeouts import visit_timeouts
from profiles.moments import moment_of
from profiles.sessions import combining as visiting
from profiles.sessions import points, publishing, rows, storing
from profiles.sessions.reading import Origin, Reading
from profiles.sessions.tables import SessionTables
from profiles.social import combining as socialising
from profiles.social.facts import Fact, fact_of
from streaming.contracts.combined import SOCIAL_TOPIC, combined_record, withdrawn
from streaming.contracts.profiles import time_text
from streaming.contracts.records import NewRecord
from streaming.runtime.message_seen import MessageKey

Connection = psycopg.Connection[Any]

_EVENTS = """
SELECT t.anchor_id, n.type, n.name, t.timestamp, t.received_at, t.client_time, t.source_id, t.message_id,
    t.properties::text, t.context::text, t.purposes
FROM profiles_timeline t JOIN profiles_eventname n ON n.id = t.event_id WHERE t.anchor_id = ANY(%s)
"""
_VISITS = (
    f"SELECT {rows.FIELDS} FROM profiles_session s WHERE s.anchor_id = ANY(%s) AND s.source_id = ANY(%s)"
)
_BEHAVIOURS = f"""
SELECT {behaviour_rows.FIELDS} FROM profiles_behaviour_visit v WHERE v.anchor = ANY(%s::uuid[]) AND v.source_id = ANY(%s)
"""
_ACCOUNTS = """
SELECT anchor::text, network FROM profiles_social_account WHERE anchor = ANY(%s::uuid[]) ORDER BY 1, 2 FOR UPDATE
"""
_NO_ITEMS = "DELETE FROM profiles_social_item WHERE anchor = ANY(%s::uuid[])"
_NO_ACCOUNTS = "DELETE FROM profiles_social_account WHERE anchor = ANY(%s::uuid[])"


@dataclass(slots=True)
class Touched:
    """What an import gave some anchors: its messages, the (anchor, day, name) of its events, the sources of them.

    `births` are the birth ids of the anchors of somebody, `social` those (by row) that did something on a network.
    """

    messages: list[MessageKey] = field(default_factory=list)
    days: set[tuple[int, int, int]] = field(default_factory=set)
    sources: set[int] = field(default_factory=set)
    births: dict[int, str] = field(default_factory=dict)
    social: set[int] = field(default_factory=set)


class _Event(NamedTuple):
    anchor: str
    type: str
    name: str
    content: dict[str, Any]
    purposes: list[str]


def remade(connection: Connection, touched: Touched, now: datetime) -> list[NewRecord]:
    """Make them anew, when the events of the import are gone; returns what to publish."""
    if not touched.births:
        return []
    events = list(_events(connection, touched))
    own = [each for each in events if each.content["source_id"] in touched.sources]
    records = _visits(connection, touched, own, now) + _behaviour(connection, touched, own, now)
    return records + _social(connection, touched, events, now)


def _events(connection: Connection, touched: Touched) -> Iterator[_Event]:
    found = psycopg.Cursor(connection).execute(_EVENTS, (sorted(touched.births),))
    for anchor, kind, name, time, received, client, source, message, properties, context, purposes in found:
        content = {
            "type": kind, "event": name if kind == "track" else None, "source_id": source, "message_id": message,
            "timestamp": time_text(time), "received_at": time_text(received),
            "client_time": time_text(client) if client else None,
            "properties": orjson.loads(properties), "context": orjson.loads(context),
        }  # fmt: skip
        yield _Event(touched.births[anchor], kind, name, content, purposes or [])


def _point(event: _Event) -> points.Keyed:
    time = moment_of(event.content).time
    return points.read(event.type, event.content["event"], time, event.content, event.purposes)


def _visits(
    connection: Connection, touched: Touched, events: Sequence[_Event], now: datetime
) -> list[NewRecord]:
    anchors, sources = sorted(touched.births), sorted(touched.sources)
    rows.lock_anchors(connection, sorted(touched.births.values()))
    before = _stored_visits(connection, anchors, sources)
    storing.delete(connection, [(each.anchor, each.id) for each in before])
    plain: dict[Origin, list[points.Point]] = defaultdict(list)
    keyed: dict[Origin, dict[str, list[points.Point]]] = defaultdict(lambda: defaultdict(list))
    for event in events:
        key, point = _point(event)
        origin = Origin(event.anchor, event.content["source_id"])
        (plain[origin] if key is None else keyed[origin][key]).append(point)
    tables = SessionTables(connection)
    records = visiting.combine(tables, Reading(plain, keyed, []), visit_timeouts(connection), now)
    left = {each.id for each in _stored_visits(connection, anchors, sources)}
    gone = [each for each in before if each.id not in left]
    if not gone:
        return records
    said = publishing.Announcement(next_version(connection), time_text(now))
    return records + [said.withdrawal(touched.births[each.anchor], each.id, []) for each in gone]


def _stored_visits(
    connection: Connection, anchors: Sequence[int], sources: Sequence[int]
) -> list[rows.Stored]:
    parameters = (binary.bigints(anchors), binary.integers(sources))
    return rows.stored(rows.plain_cursor(connection).execute(_VISITS, parameters).fetchall())


def _behaviour(
    connection: Connection, touched: Touched, events: Sequence[_Event], now: datetime
) -> list[NewRecord]:
    births, sources = sorted(touched.births.values()), sorted(touched.sources)
    behaviour_rows.lock_anchors(connection, births)
    before = _stored_behaviour(connection, births, sources)
    behaviour_rows.delete(connection, [(each.anchor, each.id) for each in before])
    visits: dict[behaviours.Origin, list[Visit]] = defaultdict(list)
    for event in events:
        key, point = _point(event)
        fact = behaviour_of(event.content, moment_of(event.content), point.mark, event.purposes)
        visit = visit_of(event.anchor, event.content["source_id"], fact, key or "")
        visits[behaviours.Origin(visit.anchor, visit.source_id, visit.key)].append(visit)
    records = behaving.combine(connection, visits, visit_timeouts(connection), now)
    left = {each.id for each in _stored_behaviour(connection, births, sources) if each.is_shown}
    gone = [each for each in before if each.is_shown and each.id not in left]
    if not gone:
        return records
    said = behaviour_records.Announcement(next_version(connection), time_text(now))
    return records + [said.withdrawal(each, []) for each in gone]


def _stored_behaviour(connection: Connection, births: Sequence[str], sources: Sequence[int]) -> list[Visit]:
    cursor = psycopg.Cursor(connection)
    return behaviour_rows.stored_visits(
        cursor.execute(_BEHAVIOURS, (list(births), list(sources)), binary=True)
    )


def _social(
    connection: Connection, touched: Touched, events: Sequence[_Event], now: datetime
) -> list[NewRecord]:
    births = sorted(touched.births[each] for each in touched.social)
    if not births:
        return []
    before = connection.execute(_ACCOUNTS, (births,)).fetchall()
    connection.execute(_NO_ITEMS, (births,))
    connection.execute(_NO_ACCOUNTS, (births,))
    facts = [fact for event in events if event.anchor in set(births) and (fact := _fact(event))]
    records = socialising.combine(connection, facts, now) if facts else []
    left = set(connection.execute(_ACCOUNTS, (births,)).fetchall())
    gone = [each for each in before if each not in left]
    if not gone:
        return records
    version, at = next_version(connection), time_text(now)
    return records + [_without(anchor, network, version, at) for anchor, network in gone]


def _fact(event: _Event) -> Fact | None:
    if event.type != "track":
        return None
    return fact_of(
        event.anchor, event.name, event.content["properties"], moment_of(event.content), event.purposes
    )


def _without(anchor: str, network: str, version: Any, at: str) -> NewRecord:
    said = withdrawn(
        socialising.RECORD_TYPE, f"{anchor}:{network}", anchor, version=version, at=at, superseded_by=[]
    )
    return combined_record(SOCIAL_TOPIC, said)
