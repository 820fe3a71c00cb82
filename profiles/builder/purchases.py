"""The last event that makes a person a customer, and the lifecycle that follows from it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import psycopg

from profiles.builder import binary
from profiles.builder.person import Person
from profiles.builder.rules import LifecycleRules
from profiles.enums import Lifecycle

_OF_ANCHORS = """
SELECT c.anchor_id, max(c.last_at) FROM profiles_daily_counter c
JOIN profiles_eventname n ON n.id = c.event_id AND n.type = 'track' AND n.name = ANY(%s)
WHERE c.anchor_id = ANY(%s) GROUP BY c.anchor_id
"""


def fold(person: Person, time: int | None) -> None:
    """Let an event that makes a customer be the person's last one unless a later one is."""
    if time is not None and (person.last_purchase is None or time > person.last_purchase):
        person.last_purchase = time
        person.touched = True


def fold_stored(
    connection: psycopg.Connection[Any], owners: Mapping[int, Person], rules: LifecycleRules
) -> None:
    """Fold what the counters of anchors (by id) know into who has these anchors now."""
    if not owners or not rules.customer_events:
        return
    parameters = (list(rules.customer_events), binary.bigints(sorted(owners)))
    for anchor, time in connection.execute(_OF_ANCHORS, parameters, binary=True):
        fold(owners[anchor], binary.microseconds(time))


def lifecycle(person: Person, rules: LifecycleRules, now: datetime) -> Lifecycle:
    """Where the person stands now."""
    if person.last_purchase is not None:
        recent = binary.as_time(person.last_purchase) >= now - rules.former_after
        return Lifecycle.CUSTOMER if recent else Lifecycle.FORMER_CUSTOMER
    return Lifecycle.PROSPECT if person.identified else Lifecycle.VISITOR
