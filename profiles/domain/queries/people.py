"""People as the API and the screens show them: one by id, those of an identifier, and all of them by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from compliance.access import AccessDenied, Actor, category_of_namespace, masked, require
from compliance.audit import record_read
from compliance.enums import Operation
from profiles.domain.names import name_of
from profiles.domain.namespaces import forget_normalisers, read_identifier, refuse_contact_data
from profiles.domain.queries.finding import Gone, reason_for_absence
from profiles.domain.queries.masking import Mask, as_people_write
from profiles.domain.queries.paging import Page, bounded, page_of, read_cursor
from profiles.domain.queries.statements import Row, fetch
from profiles.enums import Level, Lifecycle
from streaming.prepared import run_prepared

MAX_IDENTIFIERS = 100  # of a person in one answer; the list of identifiers has all
_LISTING = "profiles.people"

# One statement, because a profile is read hundreds of times a second; each part of it is an index look-up.
_SELECT = f"""
SELECT p.id, p.public_id, p.traits, p.provenance, p.lifecycle, p.first_seen, p.version,
    (SELECT max(last_day.last_at) FROM profiles_anchor a CROSS JOIN LATERAL (
        SELECT max(c.last_at) AS last_at FROM profiles_daily_counter c WHERE c.anchor_id = a.id AND c.day = (
            SELECT d.day FROM profiles_daily_counter d WHERE d.anchor_id = a.id ORDER BY d.day DESC LIMIT 1
        )
    ) last_day WHERE a.profile_id = p.id),
    (SELECT jsonb_agg(jsonb_build_array(i.key, i.name, i.normaliser, i.value, i.level, i.first_seen)) FROM (
        SELECT n.key, n.name, n.normaliser, i.value, n.level, i.first_seen
        FROM profiles_identifier i JOIN profiles_namespace n ON n.id = i.namespace_id
        WHERE i.profile_id = p.id ORDER BY n.priority, i.id LIMIT {MAX_IDENTIFIERS}
    ) i),
    (SELECT count(*) FROM profiles_identifier i WHERE i.profile_id = p.id)
FROM profiles_profile p
"""
_BY_ID = _SELECT + "WHERE p.id = (SELECT a.profile_id FROM profiles_anchor a WHERE a.birth_id = %s)"
_BY_ROWS = _SELECT + "WHERE p.id = ANY(%s) ORDER BY p.id"
_BY_IDENTIFIER = f"""
SELECT n.normaliser, found.* FROM profiles_namespace n LEFT JOIN LATERAL ({_SELECT} WHERE p.id = (
    SELECT i.profile_id FROM profiles_identifier i WHERE i.namespace_id = n.id AND i.value = coalesce((
        SELECT h.label FROM profiles_handover h WHERE h.namespace_id = n.id AND h.value = %s
            AND h.taken_back_at IS NULL AND h.day <= (now() AT TIME ZONE 'UTC')::date ORDER BY h.day DESC LIMIT 1
    ), %s)
)) found ON true
WHERE n.key = %s
"""
_AFTER = _SELECT + "WHERE p.id > %s ORDER BY p.id LIMIT %s"
_BEFORE = _SELECT + "WHERE p.id < %s ORDER BY p.id DESC LIMIT %s"


@dataclass(frozen=True, slots=True)
class PersonIdentifier:
    """An identifier of a person. `value` is None when it is masked.

    `name` is what staff call its namespace, `written` the value as people write it.
    """

    namespace: str
    name: str
    value: str | None
    written: str | None
    level: Level
    first_seen: datetime

    @property
    def is_masked(self) -> bool:
        """Whether the actor may not see the value."""
        return self.value is None


@dataclass(frozen=True, slots=True)
class Person:
    """A live person, as far as the actor may see them.

    `row` is the key of the profile inside the database, never shown. `masked` are the keys of traits that are
    hidden from this actor or purpose (inner ones as `address.street`). `identifiers` are the strongest ones, of `identifier_count` in all.
    `last_seen` is None while they have no events, `name` is empty when nobody told it or it is hidden.
    """

    row: int
    id: UUID
    name: str
    traits: dict[str, Any]
    masked: list[str]
    identifiers: list[PersonIdentifier]
    identifier_count: int
    lifecycle: Lifecycle
    level: Level
    first_seen: datetime
    last_seen: datetime | None
    version: int


def person(actor: Actor, profile_id: UUID) -> Person | None:
    """Whoever holds this id now, or None when nobody ever did. Raises Gone, AccessDenied.

    The id in the answer is the live one, which differs from `profile_id` after a merge.
    """
    require(actor, Operation.PEOPLE_VIEW)
    rows = run_prepared(_BY_ID, [profile_id])
    reason = None if rows else reason_for_absence(profile_id)
    found = _seen(actor, "person.read", rows, {})  # one that finds nobody is a read too
    if isinstance(reason, Gone):
        raise reason
    return found[0] if found else None


def people_identified(actor: Actor, identifier: str, *, in_address: bool = False) -> list[Person]:
    """Whoever has this identifier, written `namespace:value`: one person, or nobody.

    With `in_address` the identifier must not be contact data. Raises UnreadableIdentifier, AccessDenied.
    """
    require(actor, Operation.PEOPLE_SEARCH)
    require(actor, Operation.PEOPLE_VIEW)
    written = read_identifier(identifier)
    if in_address:
        refuse_contact_data(written.namespace, written.value)
    if masked(actor, category_of_namespace(written.namespace)):
        raise AccessDenied(f"Looking people up by {written.namespace} takes the right to see such data.")
    return _seen(actor, "person.lookup", _rows_of(identifier), {"namespace": written.namespace})


def _rows_of(identifier: str) -> list[Row]:
    """The row of whoever has the identifier, by the rules as they are now."""
    for _ in range(2):
        written = read_identifier(identifier)
        rows = run_prepared(_BY_IDENTIFIER, [written.value, written.value, written.namespace])
        if rows and rows[0][0] == written.normaliser:
            break
        forget_normalisers()
    return [row[1:] for row in rows if row[1] is not None]


def people(actor: Actor, *, cursor: str | None = None, limit: int = 50) -> Page[Person]:
    """All people, those that came first first. Raises InvalidCursor, AccessDenied."""
    require(actor, Operation.PEOPLE_VIEW)
    start = read_cursor(cursor, _LISTING)
    limit = bounded(limit)
    position = start.position[0] if start else 0
    rows = fetch(_BEFORE if start and start.backwards else _AFTER, [position, limit + 1])
    page = page_of(rows, limit=limit, cursor=start, listing=_LISTING, position=lambda row: (row[0],))
    return Page(_seen(actor, "people.list", page.items, {}), page.next, page.previous)


def people_of_rows(actor: Actor, rows: Sequence[int], action: str, detail: dict[str, Any]) -> list[Person]:
    """The people of these rows, in the given order; the read is recorded as `action`."""
    found = {row[0]: row for row in fetch(_BY_ROWS, [list(rows)])}
    return _seen(actor, action, [found[row] for row in rows if row in found], detail)


def _seen(actor: Actor, action: str, rows: Sequence[Row], detail: dict[str, Any]) -> list[Person]:
    """The people of the rows under the actor's mask; recorded before anybody sees them."""
    mask = Mask(actor)
    found = [_person(row, mask) for row in rows]
    record_read(
        actor,
        action=action,
        subjects=[each.id for each in found],
        categories=sorted(mask.seen),
        detail={**detail, "found": len(found)},
    )
    return found


def _person(row: Row, mask: Mask) -> Person:
    identity, public_id, traits, provenance, lifecycle, first_seen, version, last_seen, identifiers, count = (
        row
    )
    visible, hidden = mask.traits(orjson.loads(traits), orjson.loads(provenance))
    return Person(
        row=identity,
        id=public_id,
        name=name_of(visible),
        traits=visible,
        masked=hidden,
        identifiers=[_identifier(each, mask) for each in orjson.loads(identifiers or "[]")],
        identifier_count=count,
        lifecycle=Lifecycle(lifecycle),
        level=Level.DEVICE if lifecycle == Lifecycle.VISITOR else Level.PERSON,
        first_seen=first_seen,
        last_seen=last_seen,
        version=version,
    )


def _identifier(each: list[str], mask: Mask) -> PersonIdentifier:
    namespace, name, normaliser, value, level, first_seen = each
    shown = None if mask.hides(category_of_namespace(namespace)) else value
    written = as_people_write(normaliser, shown)
    return PersonIdentifier(namespace, name, shown, written, Level(level), datetime.fromisoformat(first_seen))
