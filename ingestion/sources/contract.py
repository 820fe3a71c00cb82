"""What a kind of source is: it checks a login, says which streams there are, and reads one since a state.

A state is a JSON object that only its kind understands. Reading from a state gives every row after it, in the same order
whenever it is read, each with the same identity; so a state that is committed after its rows loses and doubles nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import repeat
from typing import Any, NamedTuple, Protocol, cast

State = dict[str, Any]
Settings = Mapping[str, str]
"""What a person typed into the form of the connection, the secrets among it, and into that of the stream."""


class SourceError(Exception):
    """The source cannot be used; the message is a sentence for people, without secrets."""


class SourceUnavailable(SourceError):
    """Not now: it is down, too busy or too slow. The same call may succeed later, after so many seconds if it said so."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class SourceRefused(SourceError):
    """Not until somebody changes something: a login, a permission, a name, a setting."""


class StreamRefused(SourceRefused):
    """This stream cannot be read until somebody changes something; others of the connection can."""


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
    """A setting that a person fills in. A secret one is encrypted, and never shown again.

    `is_place`: secrets go where it says, so that another value has them typed again. `shown_if`: another field, and the
    values of it for which this one is asked for; else it is empty. `is_long`: of several lines. `goes_with`: a secret that
    means nothing without this other one, so that it is not kept when that is typed anew. `is_found`: it is needed, but a try
    of the connection without it says what it is.
    """

    name: str
    label: str
    help: str = ""
    is_secret: bool = False
    is_required: bool = True
    choices: tuple[tuple[str, str], ...] = ()
    default: str = ""
    placeholder: str = ""
    is_place: bool = False
    is_long: bool = False
    shown_if: tuple[str, tuple[str, ...]] | None = None
    goes_with: str = ""
    is_found: bool = False

    def is_asked(self, values: Settings) -> bool:
        """Whether it is asked for, as the other fields stand."""
        return self.shown_if is None or values.get(self.shown_if[0], "") in self.shown_if[1]


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
    """A stream that can be read. `key` are the columns that tell its rows apart, as far as the source says so.

    `is_identified`: its rows bring identities of their own, so that neither key nor cursor is chosen. `is_sampled`: the
    columns are those of some records; one that is missing may still come. `proposed` are values of those fields of the
    stream that were left to the kind. `about` are columns that say something about a record instead of being of it, and
    `device` is a path to what says which device it is from.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    is_identified: bool = False
    is_sampled: bool = False
    proposed: Settings = field(default_factory=dict)
    about: frozenset[str] = frozenset()
    device: str = ""

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


def rows_of(identities: Iterable[str], records: Iterable[dict[str, Any]]) -> list[Row]:
    """A row of each identity and record. Made in half the time of one call a row."""
    rows: Iterable[Row] = map(tuple.__new__, repeat(Row), zip(identities, records, strict=True))
    return list(rows)


class RefusedRow(NamedTuple):
    """A row that cannot be told apart or placed, and why; `values` are what is known of it."""

    reason: str
    values: Mapping[str, Any]


@dataclass(slots=True)
class Batch:
    """Some rows, and the state after them. `notes` are sentences for the report of the run.

    After one that `is_last` comes nothing; a run that is out of time still ends with it. `acknowledge` is called once the
    rows are durable in the log and the state after them is committed: only then may a source be told to forget them. An
    empty batch of a continuous kind says that nothing came; one that `keeps_state` has its state committed all the same.
    """

    state: State
    rows: list[Row] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    is_last: bool = False
    acknowledge: Callable[[], None] | None = None
    keeps_state: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing came."""
        return not (self.rows or self.refused or self.notes or self.keeps_state)


class SourceKind(Protocol):
    """A kind of source. One object serves all connections and threads; every call has a time-out of its own.

    With `stream_fields`, which are never secret, people name streams and say of each what the fields ask for: those
    settings come with the connection's. They may change while a state stays; the kind sees to that.
    All calls raise SourceUnavailable or SourceRefused.
    """

    key: str
    title: str
    fields: tuple[FormField, ...]
    stream_fields: tuple[FormField, ...]

    def check(self, settings: Settings) -> str:
        """Try the login; a sentence that says what was found."""

    def discover(self, settings: Settings) -> list[StreamInfo]:
        """The streams that this login can read, as far as the source lists them; `settings` are the connection's alone."""

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


class Sampling(Protocol):
    """What a kind is besides, of which the first rows can be had without reading it as a run does."""

    def sample(self, settings: Settings, selection: Selection, *, rows: int) -> list[Row]:
        """The first rows, within a few seconds."""


def as_sampling(kind: SourceKind) -> Sampling | None:
    """The kind as one that gives samples, if it does."""
    return cast("Sampling", kind) if hasattr(kind, "sample") else None


def remembered(kind: SourceKind, state: State | None) -> State:
    """What of a stream's state a backfill has to know as well, to call rows what they were called before.

    A kind names those parts in `remembered`, if it has any.
    """
    parts: tuple[str, ...] = getattr(kind, "remembered", ())
    return {part: state[part] for part in parts if part in state} if state else {}


def again_by(kind: SourceKind) -> str:
    """What of a stream without a cursor column a backfill is bounded by, in words; nothing where it cannot be.

    A kind says so in `again_by`. Its `first` then takes an empty cursor too: from the very beginning, whatever was read.
    """
    return getattr(kind, "again_by", "")


class Continuous(Protocol):
    """What a kind is besides, whose source brings rows by itself, for as long as somebody listens.

    Its `read` goes on until its iterator is closed, and yields a batch at least every second, an empty one when nothing
    came. It needs no schedule: a run is always under way.
    """

    is_continuous: bool

    def sample(self, settings: Settings, selection: Selection, *, rows: int) -> list[Row]:
        """The first rows that come within a few seconds, without taking them from a run that listens."""


def as_continuous(kind: SourceKind) -> Continuous | None:
    """The kind as a continuous one, if it is."""
    return cast("Continuous", kind) if getattr(kind, "is_continuous", False) else None
