"""Who may see the bytes of messages in the pipeline's screens and commands: whole events of people."""

from typing import Any

from compliance import audit
from compliance.access import allows
from compliance.actors import COMMAND_LINE, Actor
from compliance.enums import Category, Operation


def may_open(actor: Any, what: str) -> bool:
    """Whether the actor may see the payload of `what`; the look, or its denial, is in the audit trail by then.

    Without an actor it is whoever sits at the server's command line.
    """
    viewer = COMMAND_LINE if actor is None else actor
    assert isinstance(viewer, Actor)
    if not allows(viewer, Operation.PAYLOADS_VIEW):
        audit.record_denial(viewer, operation=Operation.PAYLOADS_VIEW)
        return False
    audit.record_read(viewer, action="payload.view", target=what, categories=[Category.UNCLASSIFIED])
    return True
