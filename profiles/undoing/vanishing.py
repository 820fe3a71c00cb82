"""Who and what came with an import alone: gone once its facts are, as if they had never been named."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import psycopg

from profiles.builder import binary, person
from profiles.builder.anchors import Moved
from profiles.builder.attempt import Restart
from profiles.builder.cause import Cause
from profiles.builder.outcome import Resolution, Split
from profiles.builder.person import Person
from profiles.builder.renewing import Renewal
from profiles.builder.rules import RuleBook
from streaming.contracts.records import NewRecord

Connection = psycopg.Connection[Any]

_HOLDERS = """
SELECT DISTINCT profile_id FROM profiles_identifier WHERE id = ANY(%s) AND profile_id IS NOT NULL ORDER BY 1
"""
_FACTS = """
EXISTS (SELECT FROM profiles_daily_counter f WHERE f.anchor_id = {anchor})
OR EXISTS (SELECT FROM profiles_trait_version f WHERE f.anchor_id = {anchor})
OR EXISTS (SELECT FROM profiles_consent f WHERE f.anchor_id = {anchor})
OR EXISTS (SELECT FROM profiles_declaration f WHERE f.anchor_id = {anchor})
OR EXISTS (SELECT FROM profiles_timeline f WHERE f.anchor_id = {anchor})
"""
_OF_A = _FACTS.format(anchor="a.id")
# Whoever else names one of their identifiers, or has it in an anchor, keeps them.
_NAMED_ELSEWHERE = """
EXISTS (SELECT FROM profiles_evidence e WHERE e.a_id = i.id AND (e.import_id <> %(import)s {or_beyond_b}))
OR EXISTS (SELECT FROM profiles_evidence e WHERE e.b_id = i.id AND (e.import_id <> %(import)s {or_beyond_a}))
OR EXISTS (SELECT FROM profiles_evidence e WHERE e.via_id = i.id AND e.import_id <> %(import)s
    AND (e.a_id = i.id OR e.b_id = i.id))
OR EXISTS (
    SELECT FROM profiles_anchor a WHERE a.user_id = i.id AND a.profile_id IS DISTINCT FROM i.profile_id AND ({facts})
)
OR EXISTS (
    SELECT FROM profiles_anchor a WHERE a.anonymous_id = i.id AND a.profile_id IS DISTINCT FROM i.profile_id AND ({facts})
)
"""
_BEYOND = """
    OR (e.state <> 'withdrawn' AND NOT EXISTS (
        SELECT FROM profiles_identifier o WHERE o.id = e.{end} AND o.profile_id = i.profile_id
    ))
"""
_ALONE = f"""
SELECT p.id FROM profiles_profile p WHERE p.id = ANY(%(rows)s) AND p.cluster_id IS NULL
AND NOT EXISTS (
    SELECT FROM profiles_identifier i WHERE i.profile_id = p.id AND (
        NOT EXISTS (
            SELECT FROM profiles_undo_item k WHERE k.import_id = %(import)s AND NOT k.is_anchor AND k.item = i.id
        ) OR {_NAMED_ELSEWHERE.format(or_beyond_b=_BEYOND.format(end="b_id"), or_beyond_a=_BEYOND.format(end="a_id"), facts=_OF_A)}
    )
)
AND NOT EXISTS (
    SELECT FROM profiles_anchor a WHERE a.profile_id = p.id AND ({_OF_A})
)
"""
_OF_NOBODY = f"""
SELECT i.id FROM profiles_identifier i WHERE i.id = ANY(%(items)s) AND i.profile_id IS NULL
AND NOT ({_NAMED_ELSEWHERE.format(or_beyond_b="", or_beyond_a="", facts=_OF_A)})
AND NOT EXISTS (
    SELECT FROM profiles_anchor a WHERE i.id IN (a.user_id, a.anonymous_id, a.home_id)
        AND (a.user_id = i.id OR a.anonymous_id = i.id OR a.home_id = i.id) AND ({_OF_A})
)
AND NOT EXISTS (SELECT FROM profiles_group_trait_version g WHERE g.identifier_id = i.id)
ORDER BY i.id FOR UPDATE
"""
_LEAVE_OUT = """
DELETE FROM profiles_undo_item k WHERE k.import_id = %s AND NOT k.is_anchor AND k.item = ANY(%s)
    AND NOT EXISTS (SELECT FROM profiles_identifier i WHERE i.id = k.item)
"""
_ANCHORS = (
    "SELECT id, birth_id::text, mapping_version, profile_id FROM profiles_anchor WHERE profile_id = ANY(%s)"
)
_IDENTIFIERS = "SELECT id FROM profiles_identifier WHERE profile_id = ANY(%s)"
_FORGET_ANCHORS = (
    "DELETE FROM profiles_session_lock WHERE anchor_id = ANY(%s)",
    "DELETE FROM profiles_behaviour_lock b USING profiles_anchor a WHERE a.id = ANY(%s) AND b.anchor = a.birth_id",
    "DELETE FROM profiles_anchor WHERE id = ANY(%s)",
)
# An anchor without facts may still carry an id that was given to somebody: it stays, and stands for no pair any more.
_DETACH = """
UPDATE profiles_anchor SET {end} = NULL, key = convert_to('undone ' || id, 'UTF8') WHERE {end} = ANY(%s)
"""
_FORGET_IDENTIFIERS = (
    _DETACH.format(end="anonymous_id"),
    _DETACH.format(end="user_id"),
    "DELETE FROM profiles_review r USING profiles_evidence e WHERE e.id = r.evidence_id AND e.a_id = ANY(%s)",
    "DELETE FROM profiles_review r USING profiles_evidence e WHERE e.id = r.evidence_id AND e.b_id = ANY(%s)",
    "DELETE FROM profiles_evidence WHERE a_id = ANY(%s)",
    "DELETE FROM profiles_evidence WHERE b_id = ANY(%s)",
    "DELETE FROM profiles_household WHERE identifier_id = ANY(%s)",
    "DELETE FROM profiles_identifier WHERE id = ANY(%s)",
)


def vanish(
    connection: Connection,
    items: Sequence[int],
    import_id: int,
    *,
    book: RuleBook,
    cause: Cause,
    now: datetime,
) -> tuple[int, list[NewRecord]]:
    """Let those go, of the people who have these identifiers, who came with the import alone.

    Returns how many people went, and what to publish. Raises Restart when others changed them meanwhile.
    """
    rows = [row for (row,) in connection.execute(_HOLDERS, (list(items),)).fetchall()]
    asked = {"rows": rows, "import": import_id}
    alone = [row for (row,) in connection.execute(_ALONE, asked).fetchall()] if rows else []
    if not alone:
        return 0, []
    people = person.lock(connection, alone, ())
    if {row for (row,) in connection.execute(_ALONE, asked | {"rows": alone}).fetchall()} != set(alone):
        raise Restart
    return len(alone), _without(connection, people, book, cause, now)


def leave_out_vanished(connection: Connection, items: Sequence[int], import_id: int) -> int:
    """Look no more at those of these identifiers that are gone; returns how many they are."""
    return connection.execute(_LEAVE_OUT, (import_id, list(items))).rowcount


def _without(
    connection: Connection, people: dict[int, Person], book: RuleBook, cause: Cause, now: datetime
) -> list[NewRecord]:
    rows = sorted(people)
    resolution = Resolution(people=people, gone=set(rows))
    held: dict[int, list[tuple[Moved, Person | None]]] = {row: [] for row in rows}
    for anchor, birth_id, version, row in connection.execute(_ANCHORS, (rows,)).fetchall():
        held[row].append((Moved(anchor, birth_id, version + 1), None))
    for row, anchors in held.items():
        each = people[row]
        resolution.splits.append(Split(each.public_id, each.version, None, [], anchors, []))
    anchors_gone = [moved.id for anchors in held.values() for moved, _ in anchors]
    identifiers = [row for (row,) in connection.execute(_IDENTIFIERS, (rows,)).fetchall()]
    for statement in _FORGET_ANCHORS:
        connection.execute(statement, (anchors_gone,))
    forget(connection, identifiers)
    renewal = Renewal(connection, resolution, book, cause, now)
    renewal.store()
    return renewal.records


def forget(connection: Connection, identifiers: Sequence[int]) -> None:
    """Delete identifiers that nothing names any more, and what the import said of them."""
    if identifiers:
        for statement in _FORGET_IDENTIFIERS:
            connection.execute(statement, (binary.bigints(sorted(identifiers)),))


def vanish_of_nobody(connection: Connection, items: Sequence[int], import_id: int) -> None:
    """Let those of these identifiers go that nobody has (groups, shared values) and that only the import named."""
    found = connection.execute(_OF_NOBODY, {"items": list(items), "import": import_id}).fetchall()
    forget(connection, [row for (row,) in found])
