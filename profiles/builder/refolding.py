"""People whose facts went to other anchors: what follows from facts is folded in anew."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import psycopg

from profiles.builder import anchors, binary, person, purchases, traits
from profiles.builder.cause import Cause
from profiles.builder.outcome import Resolution
from profiles.builder.renewing import Renewal
from profiles.builder.rules import RuleBook
from profiles.enums import Level
from streaming.contracts.records import NewRecord

_HAS = """
SELECT i.profile_id, min(i.first_seen), bool_or(n.level = %s)
FROM profiles_identifier i JOIN profiles_namespace n ON n.id = i.namespace_id WHERE i.profile_id = ANY(%s) GROUP BY 1
"""


def refold(
    connection: psycopg.Connection[Any], book: RuleBook, rows: Collection[int], now: datetime, cause: Cause
) -> list[NewRecord]:
    """Fold the facts of these people (by row) anew; returns what to publish. Raises Restart when one is gone."""
    people = person.lock(connection, rows, ())
    held = anchors.of_profiles(connection, people)
    for row, first_seen, is_identified in connection.execute(
        _HAS, (Level.PERSON.value, binary.bigints(sorted(people))), binary=True
    ):
        times = [each.first_seen for each in held if each.profile == row]
        people[row].restart(min([binary.microseconds(first_seen), *times]))
        people[row].gained = False
        people[row].identified = is_identified
    owners = {each.id: people[each.profile] for each in held if each.profile is not None}
    traits.fold_stored(connection, owners)
    purchases.fold_stored(connection, owners, book.lifecycle)
    renewal = Renewal(connection, Resolution(people=people), book, cause, now)
    renewal.store()
    return renewal.records
