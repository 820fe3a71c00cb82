"""Why a record cannot be applied, in words that a person can act on and that repeat nothing of what came.

Reasons are the same for the same fault, so that dead letters group by them.
"""

from collections.abc import Mapping
from typing import Any, Final

from streaming.contracts.events import UndecodableEvent, WireEvent

WRONG_KEY: Final = (
    "the record's key is not the event's anonymous_id, else its user_id: events of one person would lose their order. "
    "Have the producer set it; edit the key of this one"
)
FROM_THE_FUTURE: Final = (
    "received_at lies more than two days ahead of this machine's clock: the clock of the host that received it was "
    "wrong, or this one is. Set it right; edit received_at of this one"
)
MAX_EVENT_BYTES: Final = (
    1024 * 1024
)  # the collector takes 32 KB; what is made of it must still fit into the log
TOO_LARGE: Final = (
    f"the event is more than the {MAX_EVENT_BYTES:,} bytes that an event may have: have its producer keep what is large "
    "elsewhere and send where it is; make this one smaller, or discard it"
)
_KINDS: Final = {
    dict: "an object",
    list: "a list",
    str: "a string",
    bool: "a boolean",
    int: "a number",
    float: "a number",
}
_TEXT, _DOCUMENT = (str,), (dict,)
_SHAPES: Final[Mapping[str, tuple[type, ...]]] = {
    **dict.fromkeys(("message_id", "type", "received_at", "timestamp"), _TEXT),
    **dict.fromkeys(("event", "anonymous_id", "user_id", "group_id", "previous_id", "client_time"), _TEXT),
    **dict.fromkeys(("properties", "traits", "context"), _DOCUMENT),
}
_MOST: Final = {"source_id": 2**31 - 1, "import_id": 2**63 - 1}


def reason_of(error: Exception, event: Mapping[str, Any] | None) -> str:
    """Why an event could not be read, as far as its fields tell; `event` is None when there is none."""
    if isinstance(error, UndecodableEvent):
        return str(error)
    if isinstance(error, KeyError) and error.args[0] in WireEvent.__annotations__:
        return f"the event cannot be read: it lacks {error.args[0]}"
    return f"the event cannot be read: {_fault_of(event or {}) or type(error).__name__}"


def _fault_of(event: Mapping[str, Any]) -> str | None:
    """The first field that is not what it should be."""
    for name, wanted in _SHAPES.items():
        if (value := event.get(name)) is not None and type(value) not in wanted:
            return f"{name} is {_KINDS[type(value)]} where {_KINDS[wanted[0]]} belongs"
    for name, most in _MOST.items():
        if type(value := event.get(name)) is int and not 0 <= value <= most:
            return f"{name} is out of range"
    return None
