"""Since when a topic must hold whatever it was given: what its own records prove, never what its settings promise.

Retention by time, by size and by hand leave the same trace: everything they deleted stood before what is there.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from cdp_site.reconciliation.extents import Extent

EVER = datetime.min.replace(tzinfo=UTC)
NEVER = datetime.max.replace(tzinfo=UTC)
CLOCKS = timedelta(minutes=5)
"""How far the clock that a collector receives by may be ahead of the one that the log appends by."""
SETTLING = timedelta(minutes=10)
"""How long after a topic was made collectors may still send its events to `events.other`."""


class Held(NamedTuple):
    """Since when a topic must hold what it was given (by `received_at`), and its first record that is there."""

    since: datetime
    first_at: datetime | None


def held(extents: Sequence[Extent], *, retention: timedelta | None, known: datetime, now: datetime) -> Held:
    """Of a topic's partitions; a record may stand in any. `known`: since when the topic is the one that it is."""
    expired = EVER if retention is None else now - retention
    first = min((each.first_at for each in extents if each.first_at), default=None)
    return Held(max([known, *(_since(each, expired) for each in extents)]), first)


def _since(extent: Extent, expired: datetime) -> datetime:
    if extent.whole:
        return EVER
    if extent.first_at is None:  # all of it is gone: only the settings tell when
        return NEVER if expired == EVER else expired + CLOCKS
    if extent.moved or extent.first == extent.begin:
        return extent.first_at + CLOCKS
    # Retention leaves no gap where a partition begins: what is missing there was deleted one by one.
    return min(extent.first_at, expired) + CLOCKS if expired > EVER else EVER


def since_for(own: Held | None, other: Held | None, all_of: Sequence[Held]) -> datetime:
    """Since when an event must be in the log whose topic is `own`, or unknown.

    While its topic did not exist, or had only just been made, its events went to `events.other`.
    """
    if own is None:
        return max((each.since for each in all_of), default=NEVER)
    begun = NEVER if own.first_at is None else own.first_at + SETTLING
    return max(own.since, min(begun, other.since if other else EVER))
