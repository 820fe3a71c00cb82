"""Which topics there are, and since when each must hold what it was given: by topic, and by the name of an event."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from cdp_site.reconciliation import cutoffs
from cdp_site.reconciliation.cutoffs import EVER, Held
from cdp_site.reconciliation.extents import Extent
from cdp_site.reconciliation.staging import Connection
from streaming.contracts.events import OTHER_EVENTS_TOPIC
from streaming.contracts.log import EventLog

_NAMES = """
SELECT own.id, coalesce(named.topic, '') FROM profiles_eventname own
LEFT JOIN ingestion_eventname named ON named.type = own.type AND named.name = own.name
"""

Identities = dict[str, dict[str, str | None]]
"""Each topic's `identity`, and `since` when it counts, if it was made anew since a reconciliation before.

A topic that is gone stays, so that it is recognised as another when it is made anew.
"""


def identities(log: EventLog, topics: Sequence[str], known: Identities, now: datetime) -> Identities:
    """Those of the topics that exist, and of those that did; `known` are those of the reconciliation before."""
    found = dict(known)
    for name in set(topics) & log.topics().keys():
        identity, before = log.identity(name), known.get(name)
        since = before["since"] if before else None
        if before and before["identity"] != identity:
            since = now.isoformat()
        found[name] = {"identity": identity, "since": since}
    return found


def held_since(
    log: EventLog, extents: Mapping[str, Sequence[Extent]], topics: Identities, now: datetime
) -> dict[str, Held]:
    """What the reading of each topic proves."""
    specs = log.describe(sorted(extents))
    found = {}
    for topic, each in extents.items():
        seconds = specs[topic].retention_seconds if topic in specs else None
        known = topics.get(topic, {}).get("since")
        found[topic] = cutoffs.held(
            each,
            retention=None if seconds is None else timedelta(seconds=seconds),
            known=datetime.fromisoformat(known) if known else EVER,
            now=now,
        )
    return found


def must_be_held(connection: Connection, held: Mapping[str, Held]) -> list[tuple[int, str, datetime]]:
    """Since when the events of each name that was ever applied must be in the log, and in which topic."""
    other, everything = held.get(OTHER_EVENTS_TOPIC), list(held.values())
    names = connection.execute(_NAMES).fetchall()
    return [(event, topic, cutoffs.since_for(held.get(topic), other, everything)) for event, topic in names]
