"""A dead letter as the record that goes back to the consumer that refused it, and to no other."""

from base64 import b64decode
from collections.abc import Sequence
from typing import Any

from django.db.models import F
from django.db.models.functions import Coalesce

from streaming.contracts.partitioning import MAX_RECORD_BYTES, size_of
from streaming.contracts.records import NewRecord, Record
from streaming.domain.publishing import publish
from streaming.models import DeadLetter, DeadLetterEdit
from streaming.runtime.dead_letters import DEAD_LETTER_HEADER, EDIT_HEADER, original_headers
from streaming.runtime.discovery import retry_topic
from streaming.runtime.outbox.writing import LANE_HEADER_BYTES

# Of the messages of one partition, the order in which they first stood there; a letter sent back twice is one still.
ORIGINAL_ORDER = (
    Coalesce(F("origin_topic"), F("topic")),
    Coalesce(F("origin_partition"), F("partition")),
    Coalesce(F("origin_offset"), F("offset")),
    F("id"),
)


class Unsendable(ValueError):
    """The log will never take the letter; the text says what to do."""


def original(letter: DeadLetter) -> Record:
    """The message as it stood in the log."""
    key, value = (content(part) for part in (letter.key, letter.value))
    headers = tuple((name, b64decode(text)) for name, text in letter.headers)
    return Record(letter.topic, letter.partition, letter.offset, key, value, headers, letter.appended_at)


def content(part: Any) -> bytes | None:
    """What a column of bytes holds."""
    return None if part is None else bytes(part)


def returned(letter: DeadLetter, edit: DeadLetterEdit | None = None) -> NewRecord:
    """What goes back: the message, or what a person made of it."""
    record = original(letter)
    headers = (*original_headers(record), (DEAD_LETTER_HEADER, b"%d" % letter.pk))
    topic = retry_topic(letter.consumer)
    if edit is None:
        return NewRecord(topic, record.key, record.value, headers)
    return NewRecord(
        topic, content(edit.key), content(edit.value), (*headers, (EDIT_HEADER, b"%d" % edit.pk))
    )


def fits(record: NewRecord) -> bool:
    """Whether the log will take it."""
    return size_of(record) <= MAX_RECORD_BYTES - LANE_HEADER_BYTES


def send(letter_ids: Sequence[int]) -> None:
    """Publish these as they stood, as the last step of the open transaction. Raises Unsendable."""
    letters = DeadLetter.objects.filter(pk__in=letter_ids).order_by(*ORIGINAL_ORDER)
    records = [returned(letter) for letter in letters]
    for letter, record in zip(letters, records, strict=True):
        require_fit(letter.pk, record)
    publish(records, writer="dead_letters")


def require_fit(letter_id: int, record: NewRecord) -> None:
    """Raise Unsendable unless the log will take the record."""
    if not fits(record):
        raise Unsendable(
            f"dead letter {letter_id} would be {size_of(record):,} bytes, more than the {MAX_RECORD_BYTES:,} that the "
            "log takes with its headers: make it smaller (edit it), or discard it"
        )
