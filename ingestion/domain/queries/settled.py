"""How far all arriving events are there: collectors write side by side, so that a higher id may show before a lower one."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from ingestion.models import LiveEvent

SETTLES = timedelta(seconds=3)  # by then a collector has committed what it numbered, or never will
_NEWEST = 500  # more than all collectors write while one of them settles


class Span(NamedTuple):
    """The ids above `after`, up to and with `mark`: none of them is missing that may still come."""

    after: int
    mark: int

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look at."""
        return self.mark <= self.after


def settled(after: int, *, now: datetime) -> Span:
    """What arrived since the event of this id and may be looked at; a next look goes on from its mark."""
    newer = LiveEvent.objects.filter(id__gt=after).order_by("-id").values_list("id", "at")
    rows = list(newer[:_NEWEST])
    if not rows:
        return settled(0, now=now) if after and _began_anew(after, now) else Span(after, after)
    if after and len(rows) < _NEWEST:
        rows.append((after, now))
    mark = rows[0][0]
    for (event, at), (below, _) in pairwise(rows):
        if event - below > 1 and abs(now - at) < SETTLES:
            mark = below
    return Span(after, mark)


def _began_anew(after: int, now: datetime) -> bool:
    """Whether ids count from one again: a crash of the database empties the table, and its sequence with it."""
    newest = LiveEvent.objects.order_by("-id").values_list("id", "at").first()
    return newest is not None and newest[0] < after and abs(now - newest[1]) < SETTLES
