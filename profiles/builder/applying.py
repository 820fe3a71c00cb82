"""Applying the events of a batch: who is who, then facts by key, then people, then what to publish."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import psycopg

from profiles.builder import counters, merging, people, publishing, purchases, timeline, traits
from profiles.builder.arrival import Arrival
from profiles.builder.event_names import EventNames
from profiles.builder.person import Person
from profiles.builder.resolving import Resolved, changes_lifecycle, resolve
from profiles.builder.rules import RuleBook
from streaming.contracts.records import NewRecord


def apply(
    connection: psycopg.Connection[Any],
    book: RuleBook,
    arrivals: Sequence[Arrival],
    names: EventNames,
    now: datetime,
) -> list[NewRecord]:
    """Have the effects of these events, each of them applied for the first time; returns what to publish."""
    resolved = resolve(connection, book, arrivals)
    _fold(resolved, book)
    found = resolved.places
    traits.store(connection, [(found[each.anchor_key].anchor, each) for each in resolved.telling])
    places = [found[each.anchor_key] for each in arrivals]
    kinds = names.ids(connection, {arrival.kind for arrival in arrivals})
    counters.store(connection, arrivals, places, kinds)
    timeline.store(connection, arrivals, places, kinds, resolved.evidence)
    records = _store_people(connection, resolved, book, now)
    return records + publishing.events(arrivals, places)


def _fold(resolved: Resolved, book: RuleBook) -> None:
    """Let people know what the events say of them."""
    for arrival in resolved.telling:
        person = resolved.places[arrival.anchor_key].person
        if person is not None:
            traits.fold_event(person, arrival)
            if changes_lifecycle(arrival, book):
                purchases.fold(person, arrival.time)


def _store_people(
    connection: psycopg.Connection[Any], resolved: Resolved, book: RuleBook, now: datetime
) -> list[NewRecord]:
    resolution = resolved.resolution
    changed = [
        person for row, person in resolution.people.items() if row not in resolution.gone and _changed(person)
    ]
    for person in changed:
        person.lifecycle = purchases.lifecycle(person, book.lifecycle, now)
    changes = publishing.Changes(connection, resolution, now).records(changed) if changed else []
    merging.store(connection, resolution.merges, now)
    people.store(connection, changed, resolution.gone)
    return changes


def _changed(person: Person) -> bool:
    return person.is_new or person.touched or person.gained
