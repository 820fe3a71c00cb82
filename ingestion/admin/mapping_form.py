"""The form in which a person says which column of a file becomes which part of an event."""

from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, replace

from ingestion.admin.addresses import typed
from ingestion.domain.events.limits import MAX_EVENT_NAME
from ingestion.imports.columns import IGNORED, Column, Mapping, ValueKind
from ingestion.imports.formats import FileFormat

KEYED = {"properties": "Property …", "traits": "Trait …", "context": "Context …"}
PLACES = (
    (IGNORED, "Leave out"),
    ("user_id", "User id"),
    ("traits.email", "E-mail of the person"),
    ("traits.phone", "Phone of the person"),
    ("anonymous_id", "Anonymous id"),
    ("timestamp", "Time of the event"),
    ("event", "Name of the event"),
    ("message_id", "Message id"),
    ("type", "Type of the event"),
    ("group_id", "Group id"),
    ("previous_id", "Previous id"),
    *KEYED.items(),
)
KINDS = (
    (ValueKind.TEXT, "Text"),
    (ValueKind.NUMBER, "Number"),
    (ValueKind.DECIMAL_COMMA, "Number with a comma"),
    (ValueKind.BOOLEAN, "Yes or no"),
    (ValueKind.TIME, "Time"),
)


@dataclass(frozen=True, slots=True)
class ColumnField:
    """What the form shows for one column. `place` is one of PLACES, `key` the name below a keyed one."""

    number: int
    name: str
    place: str
    key: str
    kind: str
    prefix: str
    time_format: str
    sample: str


def fields_of(mapping: Mapping, samples: list[str]) -> list[ColumnField]:
    """The form's state for a mapping."""
    return [
        ColumnField(
            place, column.name, *_split(column), column.kind.value, column.prefix, column.time_format,
            samples[place] if place < len(samples) else "",
        )
        for place, column in enumerate(mapping.columns)
    ]  # fmt: skip


def _split(column: Column) -> tuple[str, str]:
    if column.target in dict(PLACES):
        return column.target, column.target.partition(".")[2]
    container, _, key = column.target.partition(".")
    return container, key


def read_mapping(posted: AnyMapping[str, str], former: Mapping, file_format: FileFormat) -> Mapping:
    """The mapping that a person filled in; what the form does not have stays. `Mapping.check` says if it will do."""
    if former.is_segment:
        return former
    columns = [_column(posted, number, name) for number, name in enumerate(file_format.columns)]
    return replace(
        former,
        event_type=typed(posted, "event_type"),
        event=typed(posted, "event", limit=MAX_EVENT_NAME + 1),
        time_zone=typed(posted, "time_zone"),
        time_of_day=typed(posted, "time_of_day"),
        columns=tuple(columns),
    )


def _column(posted: AnyMapping[str, str], number: int, name: str) -> Column:
    place, kind = typed(posted, f"place-{number}"), typed(posted, f"kind-{number}")
    key = typed(posted, f"key-{number}")
    target = f"{place}.{key}" if place in KEYED else place
    if place == "timestamp":
        kind = ValueKind.TIME.value
    return Column(
        name,
        target,
        ValueKind(kind) if kind in set(ValueKind) else ValueKind.TEXT,
        prefix=typed(posted, f"prefix-{number}"),
        time_format=typed(posted, f"format-{number}") if kind == ValueKind.TIME else "",
    )
