"""People as the API and the screens show them: one by id, those of an identifier, and all of them by page."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from compliance.access import AccessDenied, Actor, category_of_namespace, masked, require
from compliance.audit import record_denied_use, record_read
from compliance.consent import ANY_USE
from compliance.enums import Operation
from compliance.gate import bound_to
from compliance.sources import sees_all_sources
from profiles.domain.namespaces import (
    WrittenIdentifier,
    forget_normalisers,
    read_identifier,
    refuse_contact_data,
)
from profiles.domain.queries.finding import Gone, reason_for_absence
from profiles.domain.queries.masking import Mask
from profiles.domain.queries.of_sources import known_to, listed
from profiles.domain.queries.paging import Page, bounded, read_cursor
from profiles.domain.queries.permission import Admission, deny_use, usable_page
from profiles.domain.queries.shown import PEOPLE, Person, shown_person
from profiles.identity.values import plain
from streaming.database import Row, fetch
from streaming.prepared import run_prepared

_LISTING = "profiles.people"

_BY_ID = PEOPLE + "WHERE p.id = (SELECT a.profile_id FROM profiles_anchor a WHERE a.birth_id = %s)"
_BY_ROWS = PEOPLE + "WHERE p.id = ANY(%s) ORDER BY p.id"
_BY_IDENTIFIER = f"""
SELECT n.normaliser, found.* FROM profiles_namespace n LEFT JOIN LATERAL ({PEOPLE} WHERE p.id = (
    SELECT i.profile_id FROM profiles_identifier i WHERE i.namespace_id = n.id AND i.value = coalesce((
        SELECT h.label FROM profiles_handover h WHERE h.namespace_id = n.id AND h.value = %s
            AND h.taken_back_at IS NULL AND h.day <= (now() AT TIME ZONE 'UTC')::date ORDER BY h.day DESC LIMIT 1
    ), %s)
)) found ON true
WHERE n.key = %s
"""
_AFTER = "SELECT p.id FROM profiles_profile p WHERE p.id > %(last)s {known} ORDER BY p.id LIMIT %(most)s"
_BEFORE = (
    "SELECT p.id FROM profiles_profile p WHERE p.id < %(last)s {known} ORDER BY p.id DESC LIMIT %(most)s"
)


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
    found = [shown_person(row, mask, None if told is None else told.identifiers[row[0]]) for row in rows]
    record_read(
        actor,
        action=action,
        subjects=[each.id for each in found],
        categories=sorted(mask.seen),
        detail={**detail, "found": len(found)},
    )
    return found
