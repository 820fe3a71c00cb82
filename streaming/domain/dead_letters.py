"""Dead letters: looking at them, sending them back to the consumer that refused them, discarding them.

Who looks and who decides is asked and recorded through `streaming.domain.oversight`; `actor` is as it says there.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet, Subquery
from django.db.models.functions import Coalesce, Length

from streaming.contracts.records import Headers
from streaming.domain.oversight import look, record_decision, require_decider
from streaming.domain.payloads import require_payload
from streaming.domain.queries.letters import LetterGroup, letter_groups
from streaming.domain.returning import ORIGINAL_ORDER, original, send
from streaming.domain.running import consumer_names
from streaming.enums import DeadLetterState
from streaming.event_log import event_log
from streaming.models import DeadLetter
from streaming.runtime.discovery import own_topics

MAX_PAGE = 500
_AT_ONCE = 100


class UnknownDeadLetter(LookupError):
    """There is no such dead letter."""


@dataclass(frozen=True, slots=True)
class DeadLetterRow:
    """A dead letter without its payload. `reason` is None when the actor may not see it."""

    id: int
    consumer: str
    topic: str
    partition: int
    offset: int
    reason: str | None
    size: int
    appended_at: datetime
    created_at: datetime
    state: str
    decided_at: datetime | None
    decided_by: str
    former: int | None
    resubmission_id: int | None


@dataclass(frozen=True, slots=True)
class Payload:
    """What the message carries, as it stood in the log."""

    key: bytes | None
    value: bytes | None
    headers: Headers


@dataclass(frozen=True, slots=True)
class _Decision:
    verb: str
    state: DeadLetterState
    actor: Any
    by_name: str
    now: datetime

    def mark(self, ids: Sequence[int]) -> None:
        """Have the letters say what was decided."""
        DeadLetter.objects.filter(pk__in=ids).update(
            state=self.state, decided_at=self.now, decided_by=self.by_name
        )

    def record(self, asked: Sequence[int], done: Sequence[int]) -> None:
        """Have the trail say it."""
        record_decision(
            self.actor,
            action=f"dead_letters.{self.verb}",
            target=f"dead letter {asked[0]}" if len(asked) == 1 else "dead letters",
            detail={"asked": len(asked), "done": len(done), "ids": done},
        )


def page(
    *,
    actor: Any,
    consumer: str | None = None,
    topic: str | None = None,
    like: int | None = None,
    state: str | None = DeadLetterState.OPEN,
    before: int | None = None,
    size: int = 50,
) -> list[DeadLetterRow]:
    """Dead letters, the newest first, from below the id `before` on; None as a filter lets all pass.

    At most MAX_PAGE and the one that says whether there are more.

    `like` is the id of one: those of the same consumer and reason.
    """
    wanted = {"consumer": consumer, "topic": topic, "state": state, "id__lt": before}
    found = DeadLetter.objects.filter(
        **{field: value for field, value in wanted.items() if value is not None}
    )
    if like is not None:
        model = DeadLetter.objects.filter(pk=like)
        found = found.filter(
            consumer=Subquery(model.values("consumer")), reason=Subquery(model.values("reason"))
        )
    rows = _rows(found.order_by("-id")[: min(size, MAX_PAGE + 1)])
    shows = look(actor, action="dead_letters.list", target="dead letters", found=len(rows))
    return rows if shows else [replace(row, reason=None) for row in rows]


def groups(*, actor: Any, state: str | None, consumer: str | None = None) -> list[LetterGroup]:
    """Dead letters by consumer and reason, the largest groups first; reasons are hidden as in `page`."""
    found = letter_groups(state=state, consumer=consumer)
    shows = look(actor, action="dead_letters.list", target="dead letters", found=len(found))
    return found if shows else [replace(group, reason="reason hidden") for group in found]


def get(dead_letter_id: int, *, actor: Any) -> DeadLetterRow:
    """One of them. Raises UnknownDeadLetter."""
    rows = _rows(DeadLetter.objects.filter(pk=dead_letter_id))
    shows = look(actor, action="dead_letters.show", target=f"dead letter {dead_letter_id}", found=len(rows))
    if not rows:
        raise UnknownDeadLetter(f"there is no dead letter {dead_letter_id}")
    return rows[0] if shows else replace(rows[0], reason=None)


def _rows(found: QuerySet[DeadLetter]) -> list[DeadLetterRow]:
    sized = found.annotate(size=Coalesce(Length("key"), 0) + Coalesce(Length("value"), 0))
    fields = DeadLetterRow.__dataclass_fields__
    return [DeadLetterRow(**row) for row in sized.values(*fields)]


def payload(dead_letter_id: int, *, actor: Any) -> Payload:
    """The bytes of one. Raises UnknownDeadLetter, and PayloadDenied unless the actor may see payloads."""
    letter = DeadLetter.objects.filter(pk=dead_letter_id).first()
    if letter is None:
        raise UnknownDeadLetter(f"there is no dead letter {dead_letter_id}")
    record = original(letter)
    require_payload(actor, f"dead letter {dead_letter_id}", record.value)
    return Payload(record.key, record.value, record.headers)


def counts() -> dict[str, int]:
    """How many are open, by consumer."""
    found = (
        DeadLetter.objects.filter(state=DeadLetterState.OPEN).values("consumer").annotate(open=Count("id"))
    )
    return {row["consumer"]: row["open"] for row in found.order_by("consumer")}


def open_ids(consumer: str) -> list[int]:
    """The open ones of a consumer, the oldest first."""
    found = DeadLetter.objects.filter(consumer=consumer, state=DeadLetterState.OPEN)
    return list(found.order_by("id").values_list("id", flat=True))


def resubmit(ids: Sequence[int], *, actor: Any, by_name: str, now: datetime) -> int:
    """Send open ones back to the consumer that refused them, and to it alone; returns how many were open.

    Each is published in the transaction that says so: it arrives once, after what the topic already holds, and those
    of one partition arrive in the order in which they stood there. Many are several transactions, so call it outside
    one; those before an error stay done. Raises Unsendable, and UnknownConsumer for letters of a consumer that is no more:
    nobody would read them. For great numbers there are `resubmissions`.
    """
    require_decider(actor)
    _make_retry_topics(ids)
    decision = _Decision("resubmit", DeadLetterState.RESUBMITTED, actor, by_name, now)
    ordered = list(
        DeadLetter.objects.filter(pk__in=ids).order_by(*ORIGINAL_ORDER).values_list("id", flat=True)
    )
    return sum(_decide(part, decision, then=send) for part in _parts(ordered or ids))


def discard(ids: Sequence[int], *, actor: Any, by_name: str, now: datetime) -> int:
    """Put open ones aside for good; returns how many were open. Call it as `resubmit`."""
    require_decider(actor)
    decision = _Decision("discard", DeadLetterState.DISCARDED, actor, by_name, now)
    return sum(_decide(part, decision) for part in _parts(ids))


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))


def _decide(ids: Sequence[int], decision: _Decision, then: Callable[[list[int]], None] | None = None) -> int:
    """Decide on those that are open, and say who did; `then` gets them as the last step of the transaction."""
    with transaction.atomic(durable=True):
        letters = DeadLetter.objects.filter(pk__in=ids, state=DeadLetterState.OPEN).order_by("id")
        found = list(letters.select_for_update().values_list("id", flat=True))
        decision.mark(found)
        decision.record(ids, found)
        if then:
            then(found)
    return len(found)


def _make_retry_topics(ids: Sequence[int]) -> None:
    found = DeadLetter.objects.filter(pk__in=ids).order_by().values_list("consumer", flat=True).distinct()
    if consumers := sorted(found):
        known = consumer_names(consumers)
        event_log().create_topics([spec for consumer in known for spec in own_topics(consumer)])
