"""People as the API and the screens show them: one by id, those of an identifier, and all of them by page."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from compliance.access import AccessDenied, Actor, category_of_namespace, masked, require
from compliance.audit import record_denied_use, record_read
from compliance.consent import ANY_USE
from compliance.enums import Category, Operation
from compliance.gate import bound_to
from compliance.sources import sees_all_sources
from profiles.domain.names import name_of
from profiles.domain.namespaces import (
    WrittenIdentifier,
    forget_normalisers,
    read_identifier,
    refuse_contact_data,
    rules,
)
from profiles.domain.queries.finding import Gone, reason_for_absence
from profiles.domain.queries.masking import Mask, as_people_write
from profiles.domain.queries.of_sources import known_to, listed
from profiles.domain.queries.paging import Page, bounded, read_cursor
from profiles.domain.queries.permission import Admission, deny_use, usable_page
from profiles.domain.queries.statements import Row, fetch
from profiles.enums import Level, Lifecycle
from profiles.identity.values import plain
from streaming.prepared import run_prepared

MAX_IDENTIFIERS = 100  # of a person in one answer; the list of identifiers has all
_LISTING = "profiles.people"

# One statement, because a profile is read hundreds of times a second; each part of it is an index look-up.
_SELECT = f"""
SELECT p.id, p.public_id, p.traits, p.provenance, p.lifecycle, p.first_seen, p.version,
    (SELECT max(c.last_at) FROM (
        SELECT a.id, last_day.day, max(last_day.day) OVER () AS newest FROM profiles_anchor a CROSS JOIN LATERAL (
            SELECT d.day FROM profiles_daily_counter d WHERE d.anchor_id = a.id ORDER BY d.day DESC LIMIT 1
        ) last_day WHERE a.profile_id = p.id
    ) a JOIN profiles_daily_counter c ON c.anchor_id = a.id AND c.day = a.newest WHERE a.day = a.newest),
    (SELECT jsonb_agg(jsonb_build_array(i.key, i.name, i.normaliser, i.value, i.level, i.first_seen)) FROM (
        SELECT n.key, n.name, n.normaliser, i.value, n.level, i.first_seen
        FROM profiles_identifier i JOIN profiles_namespace n ON n.id = i.namespace_id
        WHERE i.profile_id = p.id ORDER BY n.priority, i.id LIMIT {MAX_IDENTIFIERS}
    ) i),
    (SELECT count(*) FROM profiles_identifier i WHERE i.profile_id = p.id),
    EXISTS (
        SELECT FROM profiles_anchor a CROSS JOIN LATERAL (
            SELECT d.holds FROM profiles_declaration d WHERE d.anchor_id = a.id AND d.kind = 'restriction'
            ORDER BY d.kind, d.purpose, d.id DESC LIMIT 1
        ) d WHERE a.profile_id = p.id AND d.holds
    )
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
_COUNT = (
    "SELECT count(*) FROM profiles_identifier WHERE profile_id = %s AND namespace_id = ANY(%s::smallint[])"
)
_AFTER = "SELECT p.id FROM profiles_profile p WHERE p.id > %(last)s {known} ORDER BY p.id LIMIT %(most)s"
_BEFORE = (
    "SELECT p.id FROM profiles_profile p WHERE p.id < %(last)s {known} ORDER BY p.id DESC LIMIT %(most)s"
)


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
    hidden from this actor or purpose (inner ones as `address.street`), `hashed` of those that are shown as pseudonyms.
    `identifiers` are the strongest ones, of `identifier_count` in all. What not even may be told to be there is in none.
    `last_seen` is None while they have no events, and where behaviour is hidden, `name` is empty when nobody told it or it is hidden.
    `is_restricted`: their data are stored and not used (GDPR Art. 18).
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
    is_restricted: bool
    hashed: list[str] = field(default_factory=list)


def person(actor: Actor, profile_id: UUID) -> Person | None:
    """Whoever holds this id now, or None when nobody ever did. Raises Gone, UseDenied, AccessDenied.

    The id in the answer is the live one, which differs from `profile_id` after a merge.
    """
    require(actor, Operation.PEOPLE_VIEW)
    admission, rows = Admission(actor), _known(actor, run_prepared(_BY_ID, [profile_id]))
    for row in rows:
        _require_use(admission, row)
    reason = None if rows else reason_for_absence(profile_id)
    found = _seen(admission, "person.read", rows, {})  # one that finds nobody is a read too
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
    admission = Admission(actor)
    found = _told_to(admission, _rows_of(identifier), written)
    rows = _usable(admission, found)
    if denied := [row[1] for row in found if row not in rows]:  # the answer is that for nobody
        record_denied_use(actor, subjects=denied, purposes=sorted(bound_to(actor)))
    return _seen(admission, "person.lookup", rows, {"namespace": written.namespace})


def _told_to(admission: Admission, rows: Sequence[Row], written: WrittenIdentifier) -> Sequence[Row]:
    """Of these people those whom a source that the actor may see knows, and of whom one told the identifier."""
    told = admission.told([row[0] for row in rows])
    if told is None:
        return rows
    sought = (written.namespace, written.value)
    return [
        row
        for row in rows
        if row[0] in told.known
        and any((key, plain(value)) == sought for key, value in told.identifiers[row[0]])
    ]


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
    query = _BEFORE if start and start.backwards else _AFTER
    admission = Admission(actor)
    page, _ = usable_page(
        admission, start, limit, _LISTING,
        lambda last, most: listed(actor, query, {"last": last or 0, "most": most}, person="p.id"),
    )  # fmt: skip
    return Page(admitted_people(admission, page.items, "people.list", {}), page.next, page.previous)


def people_of_rows(actor: Actor, rows: Sequence[int], action: str, detail: dict[str, Any]) -> list[Person]:
    """The people of these rows, in the given order, of those that may be used; the read is recorded as `action`."""
    admission = Admission(actor)
    fetched = fetch(_BY_ROWS, [list(rows)])
    return _in_order(admission, rows, _usable(admission, _known(actor, fetched)), action, detail)


def admitted_people(
    admission: Admission, rows: Sequence[int], action: str, detail: dict[str, Any]
) -> list[Person]:
    """The same of people who were admitted for this answer, as those of `usable_page` are: nothing is asked again."""
    return _in_order(admission, rows, fetch(_BY_ROWS, [list(rows)]) if rows else (), action, detail)


def _in_order(
    admission: Admission, rows: Sequence[int], fetched: Sequence[Row], action: str, detail: dict[str, Any]
) -> list[Person]:
    found = {row[0]: row for row in fetched}
    return _seen(admission, action, [found[row] for row in rows if row in found], detail)


def _known(actor: Actor, rows: Sequence[Row]) -> Sequence[Row]:
    """Of these people those whom a source that the actor may see knows."""
    if sees_all_sources(actor) or not rows:
        return rows
    may = known_to(actor, [row[0] for row in rows])
    return [row for row in rows if row[0] in may]


def _require_use(admission: Admission, row: Row) -> None:
    """Raise UseDenied unless the actor may use the person. Who is bound to no purpose costs no statement of its own."""
    if not _usable(admission, [row]):
        deny_use(admission.actor, [row[1]])


def _usable(admission: Admission, rows: Sequence[Row]) -> list[Row]:
    gate = admission.gate
    if not gate.is_bound:
        return [row for row in rows if gate.is_open or not row[-1]]
    may = admission.usable([row[0] for row in rows])
    return [row for row in rows if row[0] in may]


def _seen(admission: Admission, action: str, rows: Sequence[Row], detail: dict[str, Any]) -> list[Person]:
    """The people of the rows under the actor's mask; recorded before anybody sees them."""
    actor = admission.actor
    mask = Mask(actor, admission.use if rows else ANY_USE)
    told = admission.told([row[0] for row in rows])
    found = [_person(row, mask, None if told is None else told.identifiers[row[0]]) for row in rows]
    record_read(
        actor,
        action=action,
        subjects=[each.id for each in found],
        categories=sorted(mask.seen),
        detail={**detail, "found": len(found)},
    )
    return found


def _person(row: Row, mask: Mask, known: AbstractSet[tuple[str, str]] | None) -> Person:
    identity, public_id, traits, provenance, lifecycle, first_seen, version, last_seen, *more = row
    identifiers, count, is_restricted = more
    visible, hidden = mask.traits(orjson.loads(traits), orjson.loads(provenance))
    told = _told(orjson.loads(identifiers or "[]"), mask)
    if known is not None:  # with this source's alone
        told = [each for each in told if (each[0], each[3]) in known]
        count = sum(not mask.omits_identifier(key) for key, _ in known)
    elif not mask.omits_nothing:
        count = _count(identity, count, told, mask)
    return Person(
        row=identity,
        id=public_id,
        name=name_of(visible),
        traits=visible,
        masked=hidden,
        identifiers=[_identifier(each, mask) for each in told],
        identifier_count=count,
        lifecycle=Lifecycle(lifecycle),
        level=Level.DEVICE if lifecycle == Lifecycle.VISITOR else Level.PERSON,
        first_seen=first_seen,
        last_seen=None if mask.omits(Category.BEHAVIOUR) or known is not None else last_seen,
        version=version,
        is_restricted=is_restricted,
        hashed=mask.pseudonyms(visible),
    )


def _told(identifiers: list[list[str]], mask: Mask) -> list[list[str]]:
    if mask.omits_nothing:
        return identifiers
    return [each for each in identifiers if not mask.omits_identifier(each[0])]


def _count(row: int, count: int, told: Sequence[list[str]], mask: Mask) -> int:
    """How many identifiers there are without those of which nothing may be told."""
    if count <= MAX_IDENTIFIERS:
        return len(told)
    kept = [rule.id for rule in rules().namespaces if not mask.omits_identifier(rule.key)]
    ((found,),) = fetch(_COUNT, [row, kept])
    return int(found)


def _identifier(each: list[str], mask: Mask) -> PersonIdentifier:
    namespace, name, normaliser, value, level, first_seen = each
    shown = mask.value(category_of_namespace(namespace), value)
    written = as_people_write(normaliser, shown)
    return PersonIdentifier(namespace, name, shown, written, Level(level), datetime.fromisoformat(first_seen))
