"""What events would do to people: they are resolved as the builder would, looked at, and undone (as in ADR 0088)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from django.db import OperationalError, transaction

from compliance.access import MASK, Actor, allows, category_of_trait
from compliance.audit import record_read
from compliance.enums import Operation
from compliance.identifiers import normalise
from compliance.suppression import snapshot_within
from profiles.builder.applying import fold
from profiles.builder.arrival import Arrival, Reader
from profiles.builder.extraction import Extractor
from profiles.builder.person import Person
from profiles.builder.reading import read
from profiles.builder.resolving import Resolved, resolve
from profiles.builder.rules import RuleReader
from profiles.builder.screening import screen
from profiles.domain.database import session
from profiles.domain.names import name_of
from profiles.domain.queries.masking import Mask
from profiles.models import Profile
from streaming.contracts.records import NewRecord, Record
from streaming.runtime.consumer import MessageRejected

MOST_EVENTS = 5000
MOST_EXAMPLES = 10
_BOUNDS = "SELECT set_config('lock_timeout', '2s', true), set_config('statement_timeout', '20s', true)"


class Busy(Exception):
    """Others were changing the same people; nothing was found out, and nothing done."""


class Overwriting(NamedTuple):
    """A trait of a person that would get another value; values that the actor may not see are masked."""

    person: UUID
    name: str
    key: str
    before: Any
    after: Any


class Merging(NamedTuple):
    """Two people who would become one."""

    stays: UUID
    goes: UUID


@dataclass(slots=True)
class Rehearsed:
    """What the events would do. `overwritten` counts people by trait; `named` are events that name nobody usable."""

    events: int = 0
    created: int = 0
    known: int = 0
    merged: int = 0
    refused: int = 0
    nobody: int = 0
    suppressed: int = 0
    changed: int = 0
    overwritten: Counter[str] = field(default_factory=Counter)
    overwritings: list[Overwriting] = field(default_factory=list)
    mergings: list[Merging] = field(default_factory=list)


def rehearse(actor: Actor, events: Sequence[NewRecord], *, now: datetime) -> Rehearsed:
    """What these events (at most MOST_EVENTS, as they would go to the log) would do to people as they are now. Nothing is kept.

    The people whom they touch are locked meanwhile, for some seconds at most. Raises Busy.
    """
    records = [
        Record(each.topic, 0, number, each.key, each.value, (), now)
        for number, each in enumerate(events[:MOST_EVENTS])
    ]
    try:
        with transaction.atomic(), session() as connection:
            connection.execute(_BOUNDS)
            found = _rehearsed(connection, records, Mask(actor))
            transaction.set_rollback(True)
    except (OperationalError, psycopg.OperationalError, MessageRejected) as error:
        raise Busy("Others are changing the same people. Try again in a moment.") from error
    if not allows(actor, Operation.PEOPLE_VIEW):
        found.overwritings, found.mergings = [], []
    shown = {each.person for each in found.overwritings} | {id_ for pair in found.mergings for id_ in pair}
    if shown:
        record_read(actor, action="people.rehearse", subjects=shown, detail={"events": found.events})
    return found


def _rehearsed(connection: psycopg.Connection[Any], records: Sequence[Record], mask: Mask) -> Rehearsed:
    book = RuleReader().read(connection)
    reader = Reader(book, Extractor(book.namespaces, normalise))
    arrivals = read(reader, records).arrivals
    admitted = screen(arrivals, reader, snapshot_within(connection))
    found = Rehearsed(events=len(admitted), suppressed=len(arrivals) - len(admitted))
    if admitted:
        resolved = resolve(connection, book, admitted)
        fold(resolved, book)
        _count(found, resolved, admitted, mask)
    return found


def _count(found: Rehearsed, resolved: Resolved, arrivals: Sequence[Arrival], mask: Mask) -> None:
    resolution = resolved.resolution
    living = [person for row, person in resolution.people.items() if row not in resolution.gone]
    new = {person.public_id for person in living if person.is_new}
    held = {resolved.places[arrival.anchor_key].profile for arrival in arrivals}
    found.nobody = sum(resolved.places[arrival.anchor_key].profile is None for arrival in arrivals)
    found.created = len(new & held)
    found.known = len(held - new - {None})
    found.merged, found.refused = len(resolution.merges), resolution.refused
    found.mergings = [
        Merging(UUID(merge.target.public_id), UUID(merge.source))
        for merge in resolution.merges[:MOST_EXAMPLES]
    ]
    _compare(found, [person for person in living if not person.is_new], mask)


def _compare(found: Rehearsed, people: Sequence[Person], mask: Mask) -> None:
    """Of people who are there already, the traits that would be others than before."""
    stored: Mapping[int, dict[str, Any]] = dict(
        Profile.objects.filter(pk__in=[person.row for person in people]).values_list("pk", "traits")
    )
    for person in people:
        before = stored.get(person.row, {})
        keys = [
            key
            for key in before
            if person.traits.get(key) != before[key] and not mask.omits(category_of_trait(key))
        ]
        found.changed += bool(keys)
        found.overwritten.update(keys)
        for key in keys:
            if len(found.overwritings) < MOST_EXAMPLES:
                found.overwritings.append(_overwriting(person, key, before, mask))


def _overwriting(person: Person, key: str, before: Mapping[str, Any], mask: Mask) -> Overwriting:
    named, _ = mask.traits(before, {each: {} for each in before})
    hidden = mask.hides(category_of_trait(key))
    values = (MASK, MASK) if hidden else (before[key], person.traits.get(key))
    return Overwriting(UUID(person.public_id), name_of(named), key, *values)
