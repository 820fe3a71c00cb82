"""Dead letters: looking at them, sending them back to the consumer that refused them, discarding them."""

from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet
from django.db.models.functions import Coalesce, Length

from streaming.contracts.records import Headers, NewRecord, Record
from streaming.domain.payloads import require_payload
from streaming.domain.publishing import publish
from streaming.enums import DeadLetterState
from streaming.event_log import event_log
from streaming.models import DeadLetter
from streaming.runtime.dead_letters import DEAD_LETTER_HEADER, original_headers
from streaming.runtime.discovery import own_topics, retry_topic

MAX_PAGE = 500
_AT_ONCE = 100


class UnknownDeadLetter(LookupError):
    """There is no such dead letter."""


@dataclass(frozen=True, slots=True)
class DeadLetterRow:
    """A dead letter without its payload."""

    id: int
    consumer: str
    topic: str
    partition: int
    offset: int
    reason: str
    size: int
    appended_at: datetime
    created_at: datetime
    state: str
    decided_at: datetime | None
    decided_by: str


@dataclass(frozen=True, slots=True)
class Payload:
    """What the message carries, as it stood in the log."""

    key: bytes | None
    value: bytes | None
    headers: Headers


def page(
    *,
    consumer: str | None = None,
    topic: str | None = None,
    reason: str | None = None,
    state: str | None = DeadLetterState.OPEN,
    before: int | None = None,
    size: int = 50,
) -> list[DeadLetterRow]:
    """Dead letters, the newest first, from below the id `before` on; None as a filter lets all pass."""
    wanted = {"consumer": consumer, "topic": topic, "reason": reason, "state": state, "id__lt": before}
    found = DeadLetter.objects.filter(
        **{field: value for field, value in wanted.items() if value is not None}
    )
    return _rows(found.order_by("-id")[: min(size, MAX_PAGE)])


def get(dead_letter_id: int) -> DeadLetterRow:
    """One of them. Raises UnknownDeadLetter."""
    rows = _rows(DeadLetter.objects.filter(pk=dead_letter_id))
    if not rows:
        raise UnknownDeadLetter(f"there is no dead letter {dead_letter_id}")
    return rows[0]


def _rows(found: QuerySet[DeadLetter]) -> list[DeadLetterRow]:
    sized = found.annotate(size=Coalesce(Length("key"), 0) + Coalesce(Length("value"), 0))
    fields = DeadLetterRow.__dataclass_fields__
    return [DeadLetterRow(**row) for row in sized.values(*fields)]


def payload(dead_letter_id: int, *, actor: Any) -> Payload:
    """The bytes of one. Raises UnknownDeadLetter, and PayloadDenied unless the actor may see payloads."""
    letter = DeadLetter.objects.filter(pk=dead_letter_id).first()
    if letter is None:
        raise UnknownDeadLetter(f"there is no dead letter {dead_letter_id}")
    require_payload(actor, f"dead letter {dead_letter_id}")
    record = _record(letter)
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


def resubmit(ids: Sequence[int], *, by_name: str, now: datetime) -> int:
    """Send open ones back to the consumer that refused them, and to it alone; returns how many were open.

    Each is published in the transaction that says so: it arrives once, after what the topic already holds.
    """
    parts = [ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE)]
    return sum(_resubmit(part, by_name, now) for part in parts)


def _resubmit(ids: Sequence[int], by_name: str, now: datetime) -> int:
    consumers = DeadLetter.objects.filter(pk__in=ids).order_by().values_list("consumer", flat=True).distinct()
    event_log().create_topics([spec for consumer in consumers for spec in own_topics(consumer)])
    with transaction.atomic():
        letters = list(_open(ids).select_for_update())
        _decide(ids, DeadLetterState.RESUBMITTED, by_name, now)
        publish([_again(letter) for letter in letters], writer="dead_letters")
    return len(letters)


def discard(ids: Sequence[int], *, by_name: str, now: datetime) -> int:
    """Put open ones aside for good; returns how many were open."""
    return _decide(ids, DeadLetterState.DISCARDED, by_name, now)


def _open(ids: Sequence[int]) -> QuerySet[DeadLetter]:
    return DeadLetter.objects.filter(pk__in=ids, state=DeadLetterState.OPEN).order_by("id")


def _decide(ids: Sequence[int], state: DeadLetterState, by_name: str, now: datetime) -> int:
    return _open(ids).order_by().update(state=state, decided_at=now, decided_by=by_name)


def _record(letter: DeadLetter) -> Record:
    key, value = (None if part is None else bytes(part) for part in (letter.key, letter.value))
    headers = tuple((name, b64decode(content)) for name, content in letter.headers)
    return Record(letter.topic, letter.partition, letter.offset, key, value, headers, letter.appended_at)


def _again(letter: DeadLetter) -> NewRecord:
    record = _record(letter)
    headers = (*original_headers(record), (DEAD_LETTER_HEADER, b"%d" % letter.pk))
    return NewRecord(retry_topic(letter.consumer), record.key, record.value, headers)
