"""Applying the events of a batch: who is who, then facts by key, then people, then what to publish."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import psycopg

from profiles.builder import (
    consents,
    counters,
    declarations,
    households,
    publishing,
    purchases,
    sources,
    timeline,
    traits,
)
from profiles.builder.arrival import Arrival
from profiles.builder.cause import OF_EVENTS
from profiles.builder.event_names import EventNames
from profiles.builder.renewing import Renewal
from profiles.builder.resolving import Resolved, changes_lifecycle, resolve
from profiles.builder.rules import RuleBook
from profiles.builder.statistics import Tally
from streaming.contracts.records import NewRecord


class Applied(NamedTuple):
    """What is to be published of a batch, and what it did to people."""

    records: list[NewRecord]
    tally: Tally


def apply(
    connection: psycopg.Connection[Any],
    book: RuleBook,
    arrivals: Sequence[Arrival],
    names: EventNames,
    now: datetime,
) -> Applied:
    """Have the effects of these events, each of them applied for the first time."""
    resolved = resolve(connection, book, arrivals)
    fold(resolved, book)
    renewal = Renewal(connection, resolved.resolution, book, OF_EVENTS, now)
    kinds = names.ids(connection, {arrival.kind for arrival in arrivals})
    places = [resolved.places[arrival.anchor_key] for arrival in arrivals]
    # None of these has an answer to wait for: the server works on one while the next is made here.
    with connection.pipeline():
        traits.store(
            connection, [(resolved.places[each.anchor_key].anchor, each) for each in resolved.telling]
        )
        counters.store(connection, arrivals, places, kinds)
        sources.extend(connection, sources.missing(arrivals, places))
        consents.store(
            connection, [(place.anchor, each) for place, each in zip(places, arrivals, strict=True)]
        )
        declarations.store(
            connection, [(place.anchor, each) for place, each in zip(places, arrivals, strict=True)]
        )
        renewal.store()
        rows = timeline.rows(arrivals, places, kinds, resolved.evidence)
        records = renewal.records + publishing.events(arrivals, places)
    timeline.store(connection, rows)
    households.store(connection, resolved.resolution.attached, arrivals)
    tally = renewal.tally._replace(
        applied=len(arrivals), content=sum(len(arrival.found) for arrival in arrivals)
    )
    return Applied(records, tally)


def fold(resolved: Resolved, book: RuleBook) -> None:
    """Let people know what the events say of them."""
    for arrival in resolved.telling:
        person = resolved.places[arrival.anchor_key].person
        if person is not None:
            traits.fold_event(person, arrival)
            if changes_lifecycle(arrival, book):
                purchases.fold(person, arrival.time)
