"""The inbox of a member of staff: what stands in it, and what they do with it. Nobody sees another one's."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, QuerySet

from compliance.actors import Actor
from compliance.enums import ActorKind
from compliance.models import NoticeReceipt

MORNING = 8


class Show(StrEnum):
    """Which part of the inbox."""

    UNREAD = "unread"
    ALL = "all"
    SNOOZED = "snoozed"


class Snooze(StrEnum):
    """How long a notice is put away; mornings are those of the installation's zone."""

    HOUR = "hour"
    TOMORROW = "tomorrow"
    MONDAY = "monday"

    def until(self, now: datetime) -> datetime:
        """The moment at which it comes back."""
        if self is Snooze.HOUR:
            return now + timedelta(hours=1)
        local = now.astimezone(ZoneInfo(settings.TIME_ZONE))
        days = 1 if self is Snooze.TOMORROW else 7 - local.weekday()
        return (local + timedelta(days=days)).replace(hour=MORNING, minute=0, second=0, microsecond=0)


LONGEST = timedelta(days=60)


class SnoozeError(ValueError):
    """The moment cannot be chosen; the message says why."""


def chosen_moment(text: str, now: datetime) -> datetime:
    """The moment that a form names (`2026-12-24T08:00`), in the installation's zone. Raises SnoozeError."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(settings.TIME_ZONE))
        moment = moment.astimezone(UTC)  # PostgreSQL does not know every offset that Python does
    except (ValueError, OverflowError):
        raise SnoozeError("choose a day and a time for the notice to come back") from None
    if not now < moment <= now + LONGEST:
        raise SnoozeError(f"a notice can be put away until a moment of the next {LONGEST.days} days")
    return moment


def listing(
    actor: Actor, *, show: Show, now: datetime, before: int | None = None, limit: int = 50
) -> list[NoticeReceipt]:
    """A page of the actor's notices, newest first."""
    found = _own(actor).filter(_shown(show, now)).select_related("notice").order_by("-id")
    return list((found if before is None else found.filter(id__lt=before))[:limit])


def unread(actor: Actor, *, now: datetime, most: int = 100) -> int:
    """How many wait, counted up to `most`."""
    return _own(actor).filter(_shown(Show.UNREAD, now))[:most].count()


def read(actor: Actor, receipt_id: int, *, now: datetime) -> NoticeReceipt | None:
    """Mark one as read; None when it is not the actor's."""
    mine = _own(actor).filter(pk=receipt_id)
    mine.filter(read_at=None).update(read_at=now)
    return mine.select_related("notice").first()


def leave_unread(actor: Actor, receipt_id: int) -> None:
    """Mark one as unread, and no longer put away."""
    _own(actor).filter(pk=receipt_id).update(read_at=None, snoozed_until=None)


def snooze(actor: Actor, receipt_id: int, until: datetime) -> None:
    """Put one away until then; it comes back unread."""
    _own(actor).filter(pk=receipt_id).update(read_at=None, snoozed_until=until)


def read_all(actor: Actor, *, now: datetime) -> int:
    """Mark all that wait as read, but those that are put away; how many."""
    return _own(actor).filter(_shown(Show.UNREAD, now)).update(read_at=now)


def _own(actor: Actor) -> QuerySet[NoticeReceipt]:
    if actor.kind is not ActorKind.STAFF:
        return NoticeReceipt.objects.none()
    return NoticeReceipt.objects.filter(user__username=actor.name)


def _shown(show: Show, now: datetime) -> Q:
    away = Q(snoozed_until__gt=now)
    return {
        Show.UNREAD: Q(read_at=None) & (Q(snoozed_until=None) | Q(snoozed_until__lte=now)),
        Show.ALL: Q(),
        Show.SNOOZED: away,
    }[show]
