"""Answers for dead letters: who sees why messages were refused, who decides on them; both go into the audit trail."""

from collections.abc import Mapping
from typing import Any

from compliance import audit
from compliance.access import actor_of, require
from compliance.actors import COMMAND_LINE, Actor
from compliance.enums import Category, Operation
from compliance.payloads import sees_everything


class AuditedOversight:
    """See streaming.domain.oversight. Actors are ours, requests, or None. Raises AccessDenied."""

    def look(self, actor: Any, action: str, target: str, found: int) -> bool:
        """See Oversight."""
        viewer = _actor(actor)
        require(viewer, Operation.PIPELINE_VIEW)
        shows = sees_everything(viewer)
        seen = [Category.UNCLASSIFIED] if shows else []
        audit.record_read(viewer, action=action, target=target, categories=seen, detail={"found": found})
        return shows

    def require_decider(self, actor: Any) -> None:
        """See Oversight."""
        require(_actor(actor), Operation.PIPELINE_OPERATE)

    def record_decision(self, actor: Any, action: str, target: str, detail: Mapping[str, Any]) -> None:
        """See Oversight."""
        audit.record_change(_actor(actor), action=action, target=target, detail=detail)


def _actor(given: Any) -> Actor:
    if given is None:
        return COMMAND_LINE
    return given if isinstance(given, Actor) else actor_of(given)
