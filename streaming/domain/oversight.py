"""A port: who may see why messages were refused, who may decide on them and on topics, and the record of it.

Reasons can quote what people sent. By default nobody sees them, and nobody decides: nobody would know who did.
An actor is whatever the registrar knows as one: who a request is from, or the request itself; None is whoever sits at
the command line.
"""

from collections.abc import Mapping
from typing import Any, Protocol


class Oversight(Protocol):
    """Answers for actors, and keeps what they do."""

    def look(self, actor: Any, action: str, target: str, found: int) -> bool:
        """Record that the actor is shown so many dead letters; returns whether with their reasons.

        Raises an error of the registrar's when the actor may not look at all.
        """

    def require_decider(self, actor: Any) -> None:
        """Raise, as `look` does, unless the actor may decide."""

    def record_decision(self, actor: Any, action: str, target: str, detail: Mapping[str, Any]) -> None:
        """Record the decision in the open transaction."""


class NobodyDecides(PermissionError):
    """Nobody may decide on dead letters or topics, because nobody keeps who did."""


class _Nobody:
    def look(self, _actor: Any, _action: str, _target: str, _found: int) -> bool:
        return False

    def require_decider(self, _actor: Any) -> None:
        raise NobodyDecides("nobody may decide: no app keeps a record of decisions")

    def record_decision(self, actor: Any, _action: str, _target: str, _detail: Mapping[str, Any]) -> None:
        self.require_decider(actor)


_oversight: Oversight = _Nobody()


def register_oversight(oversight: Oversight) -> None:
    """Have this one answer from now on."""
    global _oversight  # noqa: PLW0603 -- one overseer per installation is the point
    _oversight = oversight


def look(actor: Any, *, action: str, target: str, found: int) -> bool:
    """See Oversight. Call it before showing anything, outside a transaction."""
    return _oversight.look(actor, action, target, found)


def require_decider(actor: Any) -> None:
    """See Oversight."""
    _oversight.require_decider(actor)


def record_decision(actor: Any, *, action: str, target: str, detail: Mapping[str, Any]) -> None:
    """See Oversight."""
    _oversight.record_decision(actor, action, target, detail)
