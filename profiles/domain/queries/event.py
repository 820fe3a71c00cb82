"""One event of a person in full: its content, its times, and the links between identifiers that it showed."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from compliance.access import Actor, require, require_shown
from compliance.audit import record_read
from compliance.enums import Category, Operation
from profiles.domain.queries.links import Link, links_named
from profiles.domain.queries.masking import Mask
from profiles.domain.queries.paging import MAX_PAGE
from profiles.domain.queries.permission import holder_for
from profiles.domain.queries.timeline import TimelineFilter, TimelineItem, timeline
from profiles.models import TimelineEvent

_MOMENT = timedelta(microseconds=1)


class UnknownEvent(LookupError):
    """The person has no such event (any more)."""

    def __init__(self) -> None:
        super().__init__("This person has no such event: it may belong to somebody else by now.")


@dataclass(frozen=True, slots=True)
class EventInFull:
    """An event with all its times. `client_time` is what the client said, None when it said nothing readable.

    `evidence` are the links that the event showed.
    """

    item: TimelineItem
    client_time: datetime | None
    evidence: list[Link] = field(default_factory=list)

    @property
    def correction(self) -> timedelta | None:
        """By how much the time to use differs from what the client said."""
        return self.item.timestamp - self.client_time if self.client_time else None

    @property
    def delay(self) -> timedelta:
        """From its happening to its arrival."""
        return self.item.received_at - self.item.timestamp


def event(actor: Actor, profile_id: UUID, *, event_id: int, timestamp: datetime) -> EventInFull:
    """The event of this id and time. Raises UnknownEvent, UnknownPerson, Gone, AccessDenied."""
    require(actor, Operation.EVENTS_VIEW)
    require_shown(actor, Category.BEHAVIOUR, Operation.EVENTS_VIEW)
    held = holder_for(actor, profile_id)
    at_once = TimelineFilter(since=timestamp, until=timestamp + _MOMENT)
    page = timeline(actor, profile_id, filters=at_once, limit=MAX_PAGE)
    item = next((each for each in page.items if each.id == event_id), None)
    row = TimelineEvent.objects.filter(
        id=event_id, timestamp=timestamp, anchor__profile_id=held.row
    ).values_list("client_time", "evidence").first()  # fmt: skip
    if item is None or row is None:
        raise UnknownEvent
    client_time, evidence = row
    mask = Mask(actor)
    found = links_named(evidence or (), held.row, mask).values()
    record_read(
        actor, action="person.event", subjects=[held.id], categories=sorted(mask.seen),
        detail={"event": event_id},
    )  # fmt: skip
    return EventInFull(item, client_time, sorted(found, key=lambda link: (link.at, link.id)))
