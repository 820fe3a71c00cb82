"""The words of a trace: a message, what became of it, and the steps of its way."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID


class Stage(StrEnum):
    """A part of the way, in the order of the way."""

    RECEIVED = "received"
    CHECKED = "checked"
    LOGGED = "logged"
    PUT_ASIDE = "put_aside"
    APPLIED = "applied"
    LINKED = "linked"
    CHANGED = "changed"
    PUBLISHED = "published"

    @property
    def place(self) -> int:
        """Where it stands on the way."""
        return tuple(Stage).index(self)


class Outcome(StrEnum):
    """What became of a message. Of several findings the strongest holds, which is the first here."""

    APPLIED = "applied"
    DEAD_LETTER = "dead_letter"
    QUARANTINED = "quarantined"
    SUPPRESSED = "suppressed"
    WAITING = "waiting"
    REJECTED = "rejected"

    @property
    def strength(self) -> int:
        """The lower, the stronger."""
        return tuple(Outcome).index(self)


class Message(NamedTuple):
    """A message is its source, its id and the client's time. `is_refused` sets apart an item that was not accepted."""

    source_id: int
    client_time: datetime | None
    is_refused: bool = False


class Lead(NamedTuple):
    """Where more stands: `kind` is `person`, `rejection`, `live_event`, `dead_letter`, `quarantined` or `import`."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way, as a sentence, with figures beside it. `at` is None when nobody wrote down when."""

    stage: Stage
    at: datetime | None
    sentence: str
    details: dict[str, Any] = field(default_factory=dict)
    lead: Lead | None = None


@dataclass(slots=True)
class Finding:
    """What one part of the system knows of a message.

    `received_at` and `names` (type and name of the event) tell where in the log to look for it. `event` is its content
    as far as the actor may see it, with `masked` for what is hidden.
    """

    message: Message
    outcome: Outcome
    steps: list[Step]
    received_at: datetime | None = None
    names: tuple[str, str] | None = None
    import_id: int = 0
    person: UUID | None = None
    event: dict[str, Any] | None = None
    masked: list[str] = field(default_factory=list)
