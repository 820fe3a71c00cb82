"""The answers, and their shapes for the OpenAPI document."""

from dataclasses import asdict
from typing import Any

from rest_framework.serializers import (
    CharField,
    ChoiceField,
    DateTimeField,
    FloatField,
    IntegerField,
    ListField,
)

from streaming.api.schemas import shape
from streaming.domain.dead_letters import DeadLetterRow
from streaming.domain.queries.topics import TopicState
from streaming.enums import DeadLetterState

MAX_AT_ONCE = 1000

PARTITION = shape(
    "Partition",
    "What a partition holds: `start` is the first offset that can be read, `end` the one after the last.",
    partition=IntegerField(),
    start=IntegerField(),
    end=IntegerField(),
)
TOPIC = shape(
    "Topic",
    "A topic of the event log.",
    name=CharField(),
    partitions=PARTITION(many=True),
    records=IntegerField(),
    records_per_minute=IntegerField(),
    retention_seconds=IntegerField(allow_null=True),
    retention_bytes=IntegerField(allow_null=True),
    cleanup=CharField(),
    readers=ListField(child=CharField()),
    seconds_to_loss=FloatField(
        allow_null=True,
        help_text="until retention, by time or size, takes what a reader has not read; null: not at this pace",
    ),
)
DEAD_LETTER = shape(
    "DeadLetter",
    "A message that a consumer could not process; its payload is shown in the admin only.",
    id=IntegerField(),
    consumer=CharField(),
    topic=CharField(),
    partition=IntegerField(),
    offset=IntegerField(),
    reason=CharField(allow_null=True, help_text="null: the token may not see it"),
    size=IntegerField(help_text="bytes"),
    appended_at=DateTimeField(),
    created_at=DateTimeField(),
    state=ChoiceField([state.value for state in DeadLetterState]),
    decided_at=DateTimeField(allow_null=True),
    decided_by=CharField(allow_blank=True),
)
CHOSEN = shape(
    "ChosenDeadLetters",
    "Which dead letters to decide on.",
    ids=ListField(child=IntegerField(min_value=1), min_length=1, max_length=MAX_AT_ONCE),
)
DECIDED = shape(
    "DecidedDeadLetters", "What was done.", decided=IntegerField(help_text="how many of them were open")
)


def topic(state: TopicState) -> dict[str, Any]:
    """A topic."""
    return {
        "name": state.name,
        "partitions": [
            {"partition": each.partition, "start": each.start, "end": each.end} for each in state.partitions
        ],
        "records": state.records,
        "records_per_minute": state.records_per_minute,
        "retention_seconds": state.retention_seconds,
        "retention_bytes": state.retention_bytes,
        "cleanup": state.cleanup,
        "readers": state.readers,
        "seconds_to_loss": state.seconds_to_loss,
    }


def dead_letter(row: DeadLetterRow) -> dict[str, Any]:
    """A dead letter without its payload."""
    return asdict(row)
