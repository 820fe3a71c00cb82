"""A person as far as an actor may see them: the columns that are read, and what is shown of them."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from compliance.access import category_of_namespace
from compliance.enums import Category
from profiles.domain.names import name_of
from profiles.domain.namespaces import rules
from profiles.domain.queries.masking import Mask, as_people_write
from profiles.enums import Level, Lifecycle
from streaming.database import Row, fetch

MAX_IDENTIFIERS = 100  # of a person in one answer; the list of identifiers has all

# One statement, because a profile is read hundreds of times a second; each part of it is an index look-up.
PEOPLE = f"""
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
_COUNT = (
    "SELECT count(*) FROM profiles_identifier WHERE profile_id = %s AND namespace_id = ANY(%s::smallint[])"
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


def shown_person(row: Row, mask: Mask, known: AbstractSet[tuple[str, str]] | None) -> Person:
    """The person of a row of PEOPLE under the mask; of their identifiers the `known` ones alone, unless it is None."""
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
