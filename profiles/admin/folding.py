"""Visits folded: of the events of a day those of one visit are one entry, and others stand by themselves."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from profiles.domain.queries import TimelineItem
from profiles.domain.queries.sessions import Session


class OfTimeline(Protocol):
    """An event as the timeline shows it."""

    @property
    def item(self) -> TimelineItem:
        """The event."""
        ...


E = TypeVar("E", bound=OfTimeline)


@dataclass(frozen=True, slots=True)
class Entry(Generic[E]):
    """A row of the timeline: a `visit` that opens to its `events`, newest first, or one event that is in none.

    The events are those that the page has of the visit: further ones may stand on the page before or after.
    """

    events: list[E] = field(default_factory=list)
    visit: Session | None = None

    @property
    def ended_at(self) -> datetime:
        """When the newest of the events was."""
        return self.events[0].item.timestamp

    @property
    def began_at(self) -> datetime:
        """When the oldest of the events was."""
        return self.events[-1].item.timestamp

    @property
    def total(self) -> int:
        """How many events the visit has, on whatever page; those of this one where that may not be seen."""
        return (self.visit and self.visit.events) or len(self.events)

    @property
    def is_part(self) -> bool:
        """Whether there are more events of the visit than these."""
        return self.total > len(self.events)


def folded(events: Iterable[E], visits: Mapping[int, Session]) -> list[Entry[E]]:
    """The events, newest first, with those of each visit at the place of its newest one."""
    entries: list[Entry[E]] = []
    of_visits: dict[UUID, Entry[E]] = {}
    for event in events:
        visit = visits.get(event.item.id)
        if visit is None or visit.events == 1:  # opening it would show nothing that the row does not
            entries.append(Entry([event]))
        elif visit.id in of_visits:
            of_visits[visit.id].events.append(event)
        else:
            of_visits[visit.id] = Entry([event], visit)
            entries.append(of_visits[visit.id])
    return entries
