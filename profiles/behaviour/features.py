"""The features of a visit: the numbers that churn models learn from."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from profiles.behaviour.annoyances import SECOND, Annoyance, Annoyed
from profiles.behaviour.facts import Fact
from profiles.behaviour.kinds import Kind

IDLE = 30 * SECOND  # of a longer pause only so much counts as active
_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Features:
    """`clicks` are all clicks, dead ones too. Seconds are whole; `scroll_depth` is the deepest, in percent.

    `active_seconds` leaves out pauses beyond half a minute. `clicks_per_minute` is of active time, and
    `seconds_per_page` of the whole visit; both are None where there is nothing to divide by.
    """

    events: int
    pages: int
    distinct_pages: int
    clicks: int
    distinct_elements: int
    hovers: int
    scrolls: int
    scroll_depth: int
    errors: int
    complaints: int
    rage_clicks: int
    dead_clicks: int
    repeated_errors: int
    duration_seconds: int
    active_seconds: int
    clicks_per_minute: float | None
    seconds_per_page: float | None


def features(facts: Sequence[Fact], annoyed: Sequence[Annoyance]) -> Features:
    """The features of these facts (sorted, at least one), of which `annoyed` is what annoyed."""
    kinds = Counter(fact.kind for fact in facts)
    times = Counter[Annoyed]()
    for each in annoyed:
        times[each.kind] += each.times if each.kind is Annoyed.DEAD_CLICKS else 1
    clicked = [fact for fact in facts if fact.kind in {Kind.CLICK, Kind.DEAD_CLICK}]
    moments = [fact.time for fact in facts]
    duration = (moments[-1] - moments[0]) // SECOND
    active = sum(min(after - before, IDLE) for before, after in pairwise(moments)) // SECOND
    pages = kinds[Kind.VIEW]
    return Features(
        events=len(facts),
        pages=pages,
        distinct_pages=len({fact.page for fact in facts if fact.page}),
        clicks=len(clicked),
        distinct_elements=len({(fact.page, fact.element) for fact in clicked if fact.element}),
        hovers=kinds[Kind.HOVER],
        scrolls=kinds[Kind.SCROLL],
        scroll_depth=max(fact.number if fact.kind is Kind.SCROLL else 0 for fact in facts),
        errors=kinds[Kind.ERROR],
        complaints=kinds[Kind.COMPLAINT],
        rage_clicks=times[Annoyed.RAGE_CLICKS],
        dead_clicks=times[Annoyed.DEAD_CLICKS],
        repeated_errors=times[Annoyed.REPEATED_ERRORS],
        duration_seconds=duration,
        active_seconds=active,
        clicks_per_minute=round(len(clicked) * _MINUTE / active, 1) if active else None,
        seconds_per_page=round(duration / pages, 1) if pages else None,
    )
