"""A port: who may see the bytes of messages. By default nobody may.

Whoever knows roles registers; its answer "yes" means that it has recorded the look.
"""

from collections.abc import Callable
from typing import Any

MayOpen = Callable[[Any, str, bytes], bool]
"""Whether the actor may see this payload, of what the text names; None is whoever sits at the command line."""


class PayloadDenied(PermissionError):
    """The actor may not see payloads."""


def _nobody_may(_actor: Any, _what: str, _content: bytes) -> bool:
    return False


_may_open: MayOpen = _nobody_may


def register_payload_access(may_open: MayOpen) -> None:
    """Decide from now on who may see payloads."""
    global _may_open  # noqa: PLW0603 -- one decider per installation is the point
    _may_open = may_open


def require_payload(actor: Any, what: str, content: bytes | None) -> None:
    """Raise PayloadDenied unless the actor may see this payload of `what`, such as `dead letter 17`."""
    if not _may_open(actor, what, content or b""):
        raise PayloadDenied(f"{actor or 'the command line'} may not see the payload of {what}")
