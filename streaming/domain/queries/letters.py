"""Dead letters put together by what went wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min

from streaming.domain.running import consumer_names
from streaming.enums import DeadLetterState
from streaming.models import DeadLetter

MAX_GROUPS = 100


@dataclass(frozen=True, slots=True)
class LetterGroup:
    """Dead letters of a consumer with the same reason. `newest` is the id of the newest of them: it names the group."""

    consumer: str
    reason: str
    letters: int
    newest: int
    oldest_at: datetime
    newest_at: datetime


def letter_groups(*, state: str | None, consumer: str | None = None) -> list[LetterGroup]:
    """The groups of this state (None: of any), the largest first; at most MAX_GROUPS."""
    rows = DeadLetter.objects.order_by()
    if state is not None:
        rows = rows.filter(state=state)
    if consumer is not None:
        rows = rows.filter(consumer=consumer)
    grouped = rows.values_list("consumer", "reason").annotate(
        letters=Count("id"), newest=Max("id"), oldest_at=Min("created_at"), newest_at=Max("created_at")
    )
    return [LetterGroup(*row) for row in grouped.order_by("-letters", "-newest")[:MAX_GROUPS]]


def group_of(dead_letter_id: int, *, state: str) -> LetterGroup | None:
    """The letters of this state that have the consumer and the reason of this one; None when there are none."""
    alike = DeadLetter.objects.filter(pk=dead_letter_id).values_list("consumer", "reason").first()
    if alike is None:
        return None
    rows = DeadLetter.objects.filter(consumer=alike[0], reason=alike[1], state=state)
    found = rows.aggregate(
        letters=Count("id"), newest=Max("id"), oldest_at=Min("created_at"), newest_at=Max("created_at")
    )
    return LetterGroup(*alike, **found) if found["letters"] else None


def ids_like(dead_letter_id: int, *, state: str, limit: int) -> list[int]:
    """The ids of this state that have the consumer and the reason of this one, the oldest first."""
    alike = DeadLetter.objects.filter(pk=dead_letter_id).values_list("consumer", "reason").first()
    if alike is None:
        return []
    rows = DeadLetter.objects.filter(consumer=alike[0], reason=alike[1], state=state)
    return list(rows.order_by("id").values_list("id", flat=True)[:limit])


def undecided(ids: Sequence[int]) -> Mapping[int, str]:
    """The consumer of each of these that is open, by id, the oldest first."""
    rows = DeadLetter.objects.filter(pk__in=ids, state=DeadLetterState.OPEN)
    return dict(rows.order_by("id").values_list("id", "consumer"))


def known_consumer(name: str | None) -> None:
    """Raise UnknownConsumer for a name that nobody has: no consumer, and no dead letter of a former one."""
    if name is not None and not DeadLetter.objects.filter(consumer=name).exists():
        consumer_names([name])
