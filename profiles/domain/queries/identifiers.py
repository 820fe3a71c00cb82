"""The identifiers of a person: those that are theirs, and those that only attach them to others."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Self
from uuid import UUID

from compliance.access import Actor, category_of_namespace, require
from compliance.audit import record_read
from compliance.enums import Operation
from compliance.identifiers.text import mixes_scripts
from profiles.domain.namespaces import rules
from profiles.domain.queries.masking import Mask, as_people_write
from profiles.domain.queries.of_sources import identifiers_among
from profiles.domain.queries.paging import Page, bounded, page_of, read_cursor
from profiles.domain.queries.permission import holder_for
from profiles.enums import Level
from profiles.identity.rules import NamespaceRule, Rules
from streaming.database import Row, fetch

_LISTING = "profiles.identifiers"
_SELECT = """
WITH own AS (SELECT id FROM profiles_identifier WHERE profile_id = %(row)s),
attached AS (
    SELECT e.b_id AS id FROM own JOIN profiles_evidence e ON e.a_id = own.id
    WHERE e.state IN ('attached', 'ignored')
    UNION
    SELECT e.a_id FROM own JOIN profiles_evidence e ON e.b_id = own.id WHERE e.state IN ('attached', 'ignored')
)
SELECT i.id, n.id, n.key, n.name, i.value, i.profile_id IS NOT NULL, i.shared, i.first_seen, n.priority, h.public_id
FROM (
    SELECT id, true AS is_own FROM own
    UNION ALL SELECT id, false FROM attached WHERE id NOT IN (SELECT id FROM own)
) held
JOIN profiles_identifier i ON i.id = held.id
JOIN profiles_namespace n ON n.id = i.namespace_id
LEFT JOIN profiles_household h ON h.identifier_id = i.id AND i.profile_id IS NULL
WHERE (held.is_own OR i.profile_id IS NULL)
"""
_AFTER = _SELECT + "AND (n.priority, i.id) > (%(priority)s, %(id)s) ORDER BY n.priority, i.id LIMIT %(limit)s"
_BEFORE = (
    _SELECT
    + "AND (n.priority, i.id) < (%(priority)s, %(id)s) ORDER BY n.priority DESC, i.id DESC LIMIT %(limit)s"
)


class Standing(StrEnum):
    """What an identifier does for its person."""

    JOINS = "joins"  # it is theirs
    SHARED = "shared"  # seen with several people: joins nobody
    BLOCKED = "blocked"  # a value that identifies nobody
    ATTACHES = "attaches"  # a group or household, or a former id that has no events

    @classmethod
    def of(cls, rule: NamespaceRule, value: str, *, is_shared: bool, is_persons: bool) -> Self:
        """What a value does: that of a blocked one comes first, then that of a shared one."""
        if rule.blocks(value):
            return cls.BLOCKED
        if is_shared:
            return cls.SHARED
        return cls.JOINS if is_persons else cls.ATTACHES


@dataclass(frozen=True, slots=True)
class HeldIdentifier:
    """An identifier of the list. `id` is that of its row; `value` is None when it is masked.

    `name` is what staff call its namespace, `written` the value as people write it.
    `household` is the id of the group, household or shared value that it names, if it does.
    """

    id: int
    namespace: str
    name: str
    value: str | None
    written: str | None
    level: Level
    first_seen: datetime
    standing: Standing
    household: UUID | None = None

    @property
    def is_masked(self) -> bool:
        """Whether the actor may not see the value."""
        return self.value is None

    @property
    def mixes_scripts(self) -> bool:
        """Whether letters that look alike stand side by side in it: it may imitate another. Never when masked."""
        return self.value is not None and mixes_scripts(self.value)


def identifiers(
    actor: Actor, profile_id: UUID, *, cursor: str | None = None, limit: int = 50
) -> Page[HeldIdentifier]:
    """The identifiers of whoever holds this id, strongest namespace first.

    A page is shorter by those of which nothing may be told, and still has a next one. Raises UnknownPerson, Gone, InvalidCursor, AccessDenied.
    """
    require(actor, Operation.PEOPLE_VIEW)
    start = read_cursor(cursor, _LISTING)
    limit = bounded(limit)
    priority, last = start.position if start else (-1, 0)
    held = holder_for(actor, profile_id)
    parameters = {"row": held.row, "priority": priority, "id": last, "limit": limit + 1}
    rows = fetch(_BEFORE if start and start.backwards else _AFTER, parameters)
    page = page_of(rows, limit=limit, cursor=start, listing=_LISTING, position=lambda row: (row[8], row[0]))
    mask, now = Mask(actor), rules()
    known = identifiers_among(actor, [row[0] for row in page.items])
    told = [row for row in page.items if row[0] in known and not mask.omits_identifier(row[2])]
    items = [_held(row, mask, now) for row in told]
    record_read(
        actor, action="person.identifiers", subjects=[held.id], categories=sorted(mask.seen), detail={}
    )
    return Page(items, page.next, page.previous)


class Unmasked(NamedTuple):
    """An identifier as it is shown, and what it is, whatever the actor may see."""

    shown: HeldIdentifier
    namespace_id: int
    value: str


def all_identifiers(row: int, mask: Mask) -> Iterator[Unmasked]:
    """All of the person of this row, strongest namespace first.

    Whoever asks has asked for access, records the read, and gives nobody a `value` that `shown` hides.
    """
    now = rules()
    for found in fetch(_AFTER, {"row": row, "priority": -1, "id": 0, "limit": None}):
        yield Unmasked(_held(found, mask, now), found[1], found[4])


def _held(row: Row, mask: Mask, now: Rules) -> HeldIdentifier:
    identity, namespace, key, name, value, is_own, shared, first_seen, _, household = row
    rule = now.by_id[namespace]
    standing = Standing.of(rule, value, is_shared=shared, is_persons=is_own)
    shown = mask.value(category_of_namespace(key), value)
    written = as_people_write(rule.normaliser, shown)
    household = None if standing is Standing.BLOCKED else household
    return HeldIdentifier(identity, key, name, shown, written, rule.level, first_seen, standing, household)
