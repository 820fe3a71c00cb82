"""What a kind of source is: it checks a login, says which streams there are, and reads one since a state.

A state is a JSON object that only its kind understands. Reading from a state gives every row after it, in the same order
whenever it is read, each with the same identity; so a state that is committed after its rows loses and doubles nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

State = dict[str, Any]
Settings = Mapping[str, str]
"""What a person typed into the form, the secrets among it."""


class SourceError(Exception):
    """The source cannot be used; the message is a sentence for people, without secrets."""


class SourceUnavailable(SourceError):
    """Not now: it is down, too busy or too slow. The same call may succeed later."""


class SourceRefused(SourceError):
    """Not until somebody changes something: a login, a permission, a name, a setting."""


class StreamChanged(SourceRefused):
    """What is read no longer has the shape that was chosen; the message says what changed and where."""


class DataType(StrEnum):
    """What the values of a column are."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIME = "time"
    DATE = "date"
    JSON = "json"
    BINARY = "binary"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class FormField:
    """A setting that a person fills in. A secret one is encrypted, and never shown again."""

    name: str
    label: str
    help: str = ""
    is_secret: bool = False
    is_required: bool = True
    choices: tuple[tuple[str, str], ...] = ()
    default: str = ""
    placeholder: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a stream; `declared` is its type in the words of the source."""

    name: str
    type: DataType
    declared: str = ""
    is_nullable: bool = True

    def to_json(self) -> dict[str, Any]:
        """For storing."""
        return {
            "name": self.name,
            "type": self.type.value,
            "declared": self.declared,
            "nullable": self.is_nullable,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Column":
        """As it was stored."""
        return cls(stored["name"], DataType(stored["type"]), stored["declared"], stored["nullable"])


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """A stream that can be read. `key` are the columns that tell its rows apart, as far as the source says so."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()

    @property
    def cursors(self) -> tuple[str, ...]:
        """The columns that may say what is new."""
        usable = (DataType.TIME, DataType.DATE, DataType.INTEGER, DataType.NUMBER, DataType.TEXT)
        return tuple(column.name for column in self.columns if column.type in usable)


class Mode(StrEnum):
    """What a run reads."""

    INCREMENTAL = "incremental"
    """Rows that are new since the last run, by a cursor column."""
    FULL = "full"
    """All rows, each run."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What is read of a stream, and how. The cursor and the key are among the columns.

    `look_back` (seconds of a time, else a number) has rows read again that were committed late with an older cursor.
    """

    stream: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    mode: Mode = Mode.INCREMENTAL
    cursor: str = ""
    look_back: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column of this name. Raises KeyError."""
        return {column.name: column for column in self.columns}[name]


class Row(NamedTuple):
    """A row: what tells it and this version of it from all others of the stream for ever, and its values by column."""

    identity: str
    values: dict[str, Any]


class RefusedRow(NamedTuple):
    """A row that cannot be told apart or placed, and why; `values` are what is known of it."""

    reason: str
    values: Mapping[str, Any]


@dataclass(slots=True)
class Batch:
    """Some rows, and the state after them. `notes` are sentences for the report of the run.

    After one that `is_last` comes nothing; a run that is out of time still ends with it.
    """

    state: State
    rows: list[Row] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    is_last: bool = False


class SourceKind(Protocol):
    """A kind of source. One object serves all connections and threads; every call has a time-out of its own.

    All calls raise SourceUnavailable or SourceRefused.
    """

    key: str
    title: str
    fields: tuple[FormField, ...]

    def check(self, settings: Settings) -> str:
        """Try the login; a sentence that says what was found."""

    def discover(self, settings: Settings) -> list[StreamInfo]:
        """The streams that this login can read."""

    def describe(self, settings: Settings, stream: str) -> StreamInfo:
        """How a stream is now."""

    def begin(self, selection: Selection, former: State | None) -> State:
        """The state with which a run begins when `former` ended at the end of the stream; None: there was none."""

    def first(self, selection: Selection, cursor: str) -> State:
        """The state of which the rows from this cursor on come, as a person typed it. Raises SourceRefused."""

    def read(self, settings: Settings, selection: Selection, state: State, *, rows: int) -> Iterator[Batch]:
        """The rows after the state, in batches of so many, until there are no more. Raises StreamChanged too.

        Blocks while the source works, for a bounded time. Closing the iterator frees what it holds.
        """

    def remaining(self, settings: Settings, selection: Selection, state: State) -> int | None:
        """About how many rows there are after the state; None when that cannot be told cheaply."""
