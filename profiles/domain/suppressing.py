"""Suppressing a person: all that is theirs alone, so that nothing new is stored of them and nobody else is silenced."""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from compliance.access import Actor, require
from compliance.audit import record_read
from compliance.domain.suppressing import suppress_together
from compliance.enums import Operation
from compliance.suppression import Suppressions, snapshot
from profiles.domain.queries.identifiers import HeldIdentifier, Standing, Unmasked, all_identifiers
from profiles.domain.queries.masking import Mask
from profiles.domain.queries.of_sources import identifiers_among
from profiles.domain.queries.overview import known_person
from profiles.domain.queries.permission import known_holder
from profiles.domain.queries.shown import Person
from profiles.identity.values import plain
from streaming.database import fetch

SHOWN = 50  # identifiers of each fate


class Fate(StrEnum):
    """What becomes of an identifier when its person is suppressed."""

    SUPPRESSED = "suppressed"  # nothing that names it is stored any more
    ALREADY = "already"  # it was suppressed before
    SHARED = "shared"  # others have it too
    BLOCKED = "blocked"  # it identifies nobody
    ATTACHES = "attaches"  # it is a group or a household
    GIVEN_AWAY = "given_away"  # it is another person's by now


# An array, for somebody may have tens of thousands of values.
_GIVEN = """
SELECT namespace_id, value, label FROM profiles_handover
WHERE value = ANY(%(values)s) AND taken_back_at IS NULL AND day <= %(day)s ORDER BY day
"""
_BY_STANDING = {
    Standing.SHARED: Fate.SHARED,
    Standing.BLOCKED: Fate.BLOCKED,
    Standing.ATTACHES: Fate.ATTACHES,
}


class ChangedMeanwhile(ValueError):
    """The person has other identifiers than when it was shown what would be suppressed."""

    def __init__(self) -> None:
        super().__init__("This person has changed since you looked. Nothing was suppressed: look again.")


class NothingToSuppress(ValueError):
    """Nothing of the person is theirs alone and not suppressed yet."""

    def __init__(self) -> None:
        super().__init__(
            "Nothing is left to suppress: all that is this person's alone is suppressed already. "
            "An identifier that others share is suppressed by itself, under Suppressions."
        )


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What suppressing a person would do: how many identifiers have each fate, and the first of each.

    `seen` names what would be suppressed: given back, nothing else is. Identifiers of which nothing may be told are
    suppressed with the others, and neither counted nor shown.
    """

    person: Person
    counts: Mapping[Fate, int]
    shown: Mapping[Fate, list[HeldIdentifier]]
    seen: str


class _Judged(NamedTuple):
    identifier: Unmasked
    fate: Fate


def foresee_suppression(actor: Actor, profile_id: UUID, *, now: datetime) -> Foreseen:
    """What `suppress_person` would do. Raises UnknownPerson, Gone, AccessDenied."""
    require(actor, Operation.SUPPRESSIONS_MANAGE)
    found, mask = known_person(actor, profile_id), Mask(actor)
    judged = list(_judged(found.row, mask, now))
    shown: dict[Fate, list[HeldIdentifier]] = {fate: [] for fate in Fate}
    known = identifiers_among(actor, [each.identifier.shown.id for each in judged])
    told = [
        each
        for each in judged
        if each.identifier.shown.id in known and not mask.omits_identifier(each.identifier.shown.namespace)
    ]
    for identifier, fate in told:
        if len(shown[fate]) < SHOWN:
            shown[fate].append(identifier.shown)
    record_read(actor, action="person.foresee", subjects=[found.id], categories=sorted(mask.seen))
    return Foreseen(found, Counter(fate for _, fate in told), shown, _named(judged))


def suppress_person(
    actor: Actor, profile_id: UUID, *, reason: str, now: datetime, seen: str | None = None
) -> int:
    """Have nothing new be stored of whoever holds this id; gives how many identifiers were suppressed.

    With `seen` it must still be those that were foreseen. What is stored stays until it is erased. Raises
    ChangedMeanwhile, NothingToSuppress, UnknownPerson, Gone, AccessDenied.
    """
    require(actor, Operation.SUPPRESSIONS_MANAGE)
    require(actor, Operation.PEOPLE_VIEW)
    held = known_holder(actor, profile_id)
    judged = list(_judged(held.row, Mask(actor), now))
    values = _values(judged)
    if values and seen is not None and seen != _named(judged):
        raise ChangedMeanwhile
    made = suppress_together(values, subject=held.id, by=actor, now=now, reason=reason) if values else 0
    if not made:
        raise NothingToSuppress
    return made


def _values(judged: Collection[_Judged]) -> list[tuple[str, str]]:
    return [(each.shown.namespace, plain(each.value)) for each, fate in judged if fate is Fate.SUPPRESSED]


def _judged(row: int, mask: Mask, now: datetime) -> Iterator[_Judged]:
    """Each identifier of the person with its fate, the strongest first."""
    found = list(all_identifiers(row, mask))
    holders = _latest_holders(found, now)
    suppressions = snapshot()
    for each in found:
        yield _Judged(each, _fate(each, holders, suppressions))


def _fate(each: Unmasked, holders: Mapping[tuple[int, str], str], suppressions: Suppressions) -> Fate:
    if each.shown.standing is not Standing.JOINS:
        return _BY_STANDING[each.shown.standing]
    value = plain(each.value)
    if holders.get((each.namespace_id, value), value) != each.value:
        return Fate.GIVEN_AWAY
    return Fate.ALREADY if suppressions.has(each.shown.namespace, value) else Fate.SUPPRESSED


def _latest_holders(found: Collection[Unmasked], now: datetime) -> dict[tuple[int, str], str]:
    """Of the values that were given to others: what they are called as those of who has them now."""
    given = fetch(_GIVEN, {"values": [plain(each.value) for each in found], "day": now.date()})
    return {(namespace, value): label for namespace, value, label in given}


def _named(judged: Collection[_Judged]) -> str:
    rows = sorted(each.shown.id for each, fate in judged if fate is Fate.SUPPRESSED)
    return hashlib.sha256(" ".join(map(str, rows)).encode()).hexdigest()
