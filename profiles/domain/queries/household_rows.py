"""Groups, households and shared values as the database tells them: who belongs to one is derived, never stored (ADR 0086)."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson

from compliance.access import category_of_namespace
from profiles.domain.names import name_of
from profiles.domain.queries.masking import Mask, as_people_write
from profiles.enums import Level
from streaming.database import Row, fetch

COUNTED_IN_LISTS = 1_000  # links of a household from which its members are counted
COUNTED = 10_000  # the same where it is shown alone

# What makes an identifier at one end a member of what is at the other: a link that attaches them, or one beside a
# stronger identifier that is shared, and so is nobody's. Proposed and withdrawn links make no members, and neither does
# any link between what staff keep apart.
ATTACHES = """
(e.state = 'attached' OR e.state = 'beside'
    AND EXISTS (SELECT FROM profiles_identifier via WHERE via.id = e.via_id AND via.shared))
AND NOT EXISTS (
    SELECT FROM profiles_evidence k WHERE k.a_id = e.a_id AND k.b_id = e.b_id AND {apart}
) AND NOT EXISTS (
    SELECT FROM profiles_evidence k WHERE k.a_id = e.b_id AND k.b_id = e.a_id AND {apart}
)
""".format(apart="k.rule = 'keep_apart' AND k.state <> 'withdrawn'")
LINKED = f"""
SELECT e.b_id AS id, e.event_time FROM profiles_evidence e WHERE e.a_id = {{household}} AND {ATTACHES}
UNION ALL SELECT e.a_id, e.event_time FROM profiles_evidence e WHERE e.b_id = {{household}} AND {ATTACHES}
"""
_SHOWN = f"""
SELECT h.identifier_id, h.public_id, n.key, i.value, n.level, h.traits, h.provenance, i.first_seen,
    counted.members, counted.links, h.since, n.name, n.normaliser
FROM ({{households}}) h
JOIN profiles_identifier i ON i.id = h.identifier_id JOIN profiles_namespace n ON n.id = i.namespace_id
CROSS JOIN LATERAL (
    SELECT count(DISTINCT m.profile_id) AS members, count(*) AS links
    FROM ({LINKED.format(household="h.identifier_id")} LIMIT %(counted)s) e
    LEFT JOIN profiles_identifier m ON m.id = e.id
) counted
ORDER BY h.identifier_id {{direction}}
"""
_ONE = """
SELECT h.*, i.first_seen AS since FROM profiles_household h
JOIN profiles_identifier i ON i.id = h.identifier_id WHERE h.public_id = %(id)s
"""


class HouseholdKind(StrEnum):
    """What people belong to."""

    GROUP = "group"
    HOUSEHOLD = "household"
    SHARED = "shared"  # a value that several people have, as the e-mail of a family


class UnknownHousehold(LookupError):
    """No group or household has this id."""

    def __init__(self) -> None:
        super().__init__("No group or household has this id.")


@dataclass(frozen=True, slots=True)
class Household:
    """A group, a household or a shared value, as far as the actor may see it.

    `row` is its key inside the database, never shown. `value` is None when it is masked, `written` is how
    people write it, `kept_as` what staff call its namespace. `name` is empty when its own traits tell none. `members` are exact unless `has_more_members`. `since` is when this person was first seen with
    it, where it is one of a person's, else when anybody was. `masked` are the keys of traits that are hidden.
    """

    row: int
    id: UUID
    kind: HouseholdKind
    namespace: str
    kept_as: str
    value: str | None
    written: str | None
    name: str
    members: int
    has_more_members: bool
    first_seen: datetime
    since: datetime
    traits: dict[str, Any] = field(default_factory=dict)
    masked: list[str] = field(default_factory=list)


def household_rows(households: str, parameters: dict[str, Any], *, direction: str = "ASC") -> list[Row]:
    """The rows of the households that a statement gives (those of their table, and `since`), with their members."""
    query = _SHOWN.format(households=households, direction=direction)
    return fetch(query, {"counted": COUNTED_IN_LISTS + 1, **parameters})


def household_row(household_id: UUID) -> Row:
    """The row of the one of this id. Raises UnknownHousehold."""
    rows = household_rows(_ONE, {"id": household_id, "counted": COUNTED + 1})
    if not rows:
        raise UnknownHousehold
    return rows[0]


def shown_household(row: Row, mask: Mask, *, counted: int = COUNTED_IN_LISTS) -> Household:
    """What may be seen of a row."""
    identity, public_id, namespace, value, level, traits, provenance, first_seen, *rest = row
    members, links, since, kept_as, normaliser = rest
    shown = mask.value(category_of_namespace(namespace), value)
    visible, hidden = mask.traits(orjson.loads(traits), orjson.loads(provenance))
    return Household(
        row=identity,
        id=public_id,
        kind=_kind_of(Level(level)),
        namespace=namespace,
        kept_as=kept_as,
        value=shown,
        written=as_people_write(normaliser, shown),
        name=name_of(visible),
        members=members,
        has_more_members=links > counted,
        first_seen=first_seen,
        since=since,
        traits=visible,
        masked=hidden,
    )


def _kind_of(level: Level) -> HouseholdKind:
    return HouseholdKind.SHARED if level.resolves else HouseholdKind(level.value)
