"""Who may see what nothing can be masked in: the bytes of messages, rows of files, reasons that quote them.

Names say nothing there of what stands where, so it is for those alone who see every category clear.
"""

from typing import Any

import orjson

from compliance import audit
from compliance.access import AccessDenied, allows, masked
from compliance.actors import COMMAND_LINE, Actor
from compliance.enums import Category, Operation
from compliance.subjects import named_in


def sees_everything(actor: Actor) -> bool:
    """Whether no category and no source is closed to the actor."""
    return actor.sources is None and not any(masked(actor, category) for category in Category)


def may_see_payloads(actor: Actor) -> bool:
    """Whether the actor may see whole messages: by their operation, and because no category is closed to them."""
    return allows(actor, Operation.PAYLOADS_VIEW) and sees_everything(actor)


def require_payloads(actor: Actor) -> None:
    """Raise AccessDenied, which is audited, unless the actor may see whole messages."""
    if not may_see_payloads(actor):
        audit.record_denial(actor, operation=Operation.PAYLOADS_VIEW)
        raise AccessDenied(
            f"{actor.name} may not see this: nothing can be masked in it, so it needs the permission "
            f"{Operation.PAYLOADS_VIEW.value!r} and sight of every category, which an administrator can give through "
            "a role or a token"
        )


def may_open(actor: Any, what: str, content: bytes) -> bool:
    """Whether the actor may see this payload of `what`; the look, or its denial, is in the audit trail by then.

    Without an actor it is whoever sits at the server's command line.
    """
    viewer = COMMAND_LINE if actor is None else actor
    assert isinstance(viewer, Actor)
    if not may_see_payloads(viewer):
        audit.record_denial(viewer, operation=Operation.PAYLOADS_VIEW)
        return False
    audit.record_read(
        viewer, action="payload.view", target=what, subjects=_named(content), categories=list(Category)
    )
    return True


def _named(content: bytes) -> list[str]:
    """Whom the message names; who is not told from others in it, as in none that is no JSON, is not found by it."""
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError:
        return []
    return named_in(found) if isinstance(found, dict) else []
