"""Port: what is stored of an import's events is another app's to take away; until it is connected, nothing can be."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from compliance.access import Actor


@dataclass(frozen=True, slots=True)
class Undone:
    """How far an undoing is: `state` is `running`, `stopped` or `done`; figures are of events, people and links."""

    state: str
    phase: str
    fraction: float
    events: int
    people: int
    links: int
    by: str
    begun_at: datetime
    ended_at: datetime | None
    failed: str


class Undoing(Protocol):
    """Who takes away what is stored of an import's events. Refusals are ValueErrors that say why."""

    def begin(self, actor: Actor, import_id: int, since: datetime, until: datetime, now: datetime) -> None:
        """Let nobody take its events any more, and take away what is stored, in the background."""

    def stop(self, actor: Actor, import_id: int) -> None:
        """Stop it, to go on later."""

    def resume(self, actor: Actor, import_id: int) -> None:
        """Let it go on."""

    def progress(self, import_id: int) -> Undone | None:
        """How far it is; None when it was never begun."""


_undoing: list[Undoing] = []


def register_undoing(undoing: Undoing) -> None:
    """Have `undoing` take away what is stored of imports."""
    _undoing[:] = [undoing]


def connected() -> list[Undoing]:
    """Who takes away what is stored; nobody until one is registered."""
    return _undoing


def undoing_of(import_id: int) -> Undone | None:
    """How far the undoing of this import is; None when it was never begun."""
    return _undoing[0].progress(import_id) if _undoing else None
