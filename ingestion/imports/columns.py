"""Which column of a file becomes which part of an event."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ingestion.domain.events.limits import MAX_EVENT_NAME, MAX_KEY
from ingestion.imports.formats import FileFormat
from streaming.contracts.events import EVENT_TYPES

FIELDS = {
    "user_id": "userId",
    "anonymous_id": "anonymousId",
    "message_id": "messageId",
    "event": "event",
    "type": "type",
    "timestamp": "timestamp",
    "group_id": "groupId",
    "previous_id": "previousId",
}
"""Fields that a column can fill, with their names in the Segment protocol."""

CONTAINERS = ("properties", "traits", "context")
CONTACTS = ("email", "phone")
IGNORED = ""


class MappingError(ValueError):
    """The mapping cannot be used; the message names the column and says what to change."""


class ValueKind(StrEnum):
    """How the text of a cell is read."""

    TEXT = "text"
    NUMBER = "number"
    DECIMAL_COMMA = "decimal_comma"
    BOOLEAN = "boolean"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Column:
    """Where a column goes: a field (`user_id`), `properties.KEY`, `traits.KEY`, `context.KEY`, or nowhere.

    `prefix` stands before each value (`cdnow-`). `time_format` is one of strptime; without it, times are ISO 8601
    or seconds or milliseconds since 1970.
    """

    name: str
    target: str = IGNORED
    kind: ValueKind = ValueKind.TEXT
    prefix: str = ""
    time_format: str = ""


@dataclass(frozen=True, slots=True)
class Mapping:
    """What the rows of a file are. With `is_segment` they are Segment calls already, and nothing else matters.

    `event_type` and `event` hold where no column says otherwise. Times without an offset are of `time_zone`, and
    dates without a time get `time_of_day`: at noon UTC the date is the same nearly everywhere. `constants` are
    values that every row has, by where they go.
    """

    is_segment: bool = False
    event_type: str = "track"
    event: str = ""
    time_zone: str = "UTC"
    time_of_day: str = "12:00"
    columns: tuple[Column, ...] = field(default_factory=tuple)
    constants: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The form in which an import keeps it, and in which files of mappings are written."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Mapping":
        """The mapping that `to_json` gave, or that a person wrote. Raises MappingError."""
        try:
            columns = tuple(
                Column(**{**column, "kind": ValueKind(column.get("kind", ValueKind.TEXT))})
                for column in stored.get("columns", ())
            )
            return cls(**{**stored, "columns": columns})
        except (TypeError, ValueError, AttributeError) as error:
            raise MappingError(f"this is not a mapping: {error}") from error

    def targets(self) -> dict[str, Column]:
        """The columns that go somewhere, by where they go."""
        return {column.target: column for column in self.columns if column.target != IGNORED}

    def check(self, file_format: FileFormat) -> None:
        """Raise MappingError when rows of this format could never become events by it."""
        for problem in self._problems(file_format):
            raise MappingError(problem)

    def _problems(self, file_format: FileFormat) -> Iterator[str]:
        if self.is_segment:
            if file_format.columns:
                yield "the lines are not Segment calls (no `type`): map their keys"
            return
        yield from self._column_problems(file_format)
        targets = self.targets()
        if self.event_type not in EVENT_TYPES:
            yield f"the type should be one of {', '.join(sorted(EVENT_TYPES))}, not {self.event_type!r}"
        if self.event_type == "track" and not self.event.strip() and not {"event", "type"} & set(targets):
            yield "say which event the rows are, or which column says so"
        if len(self.event) > MAX_EVENT_NAME:
            yield f"the name of an event has at most {MAX_EVENT_NAME} characters"
        if not any(identifies(target) for target in targets):
            yield "no column says who the row is about: map one to user_id, anonymous_id, an e-mail or a phone"
        yield from self._time_problems()

    def _column_problems(self, file_format: FileFormat) -> Iterator[str]:
        known, taken = set(file_format.columns), dict.fromkeys(self.constants, "(constant)")
        for target in self.constants:
            if not _is_place(target):
                yield f"there is no {target!r} in an event"
        for column in self.columns:
            if column.name not in known:
                yield f"the file has no column {column.name!r}"
            if column.target == IGNORED:
                continue
            if not _is_place(column.target):
                yield f"column {column.name!r}: there is no {column.target!r} in an event"
            if column.target in taken:
                yield f"columns {taken[column.target]!r} and {column.name!r} both go to {column.target}"
            taken[column.target] = column.name

    def _time_problems(self) -> Iterator[str]:
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            yield f"there is no time zone {self.time_zone!r}"
        hours, _, minutes = self.time_of_day.partition(":")
        if not (hours.isdigit() and minutes.isdigit() and int(hours) < 24 and int(minutes) < 60):  # noqa: PLR2004 -- a clock
            yield "the time of day should look like 12:00"


def _is_place(target: str) -> bool:
    container, _, key = target.partition(".")
    return target in FIELDS or (container in CONTAINERS and 0 < len(key) <= MAX_KEY)


def identifies(target: str) -> bool:
    """Whether a value at this place says who a row is about."""
    return target in ("user_id", "anonymous_id", *(f"traits.{contact}" for contact in CONTACTS))
