"""Mending an event by a few steps: rename, cast, default, drop. Pure; what cannot be cast stays as it is.

    [{"do": "rename", "key": "totl", "to": "total"}, {"do": "cast", "key": "total", "to": "number"},
     {"do": "default", "key": "currency", "value": "EUR"}, {"do": "drop", "key": "debug"},
     {"do": "rename_event", "to": "Order Completed"}]

Keys are those of the properties, of the traits for identify and group.
"""

from collections.abc import Callable, Sequence
from typing import Any

from ingestion.domain.events.limits import MAX_EVENT_NAME, MAX_KEY
from ingestion.domain.events.repair import repaired
from ingestion.domain.values import read_boolean, read_number
from streaming.contracts.events import WireEvent

MAX_STEPS = 20
Step = dict[str, Any]
_TRAITS = frozenset({"identify", "group"})
_EXACT = 2**53


class MendingError(ValueError):
    """The steps cannot be used; the message says which and why."""


def read_steps(document: object) -> list[Step]:
    """The steps of a document. Raises MendingError."""
    if not isinstance(document, list) or len(document) > MAX_STEPS:
        raise MendingError(f"the steps are a list of at most {MAX_STEPS}")
    return [_read(step, number) for number, step in enumerate(document, 1)]


def _read(step: object, number: int) -> Step:
    if not isinstance(step, dict) or step.get("do") not in _FIELDS:
        raise MendingError(f"step {number}: `do` should be one of {', '.join(_FIELDS)}")
    do = step["do"]
    kept: Step = {"do": do}
    for name, longest in _FIELDS[do].items():
        value = step.get(name)
        if not isinstance(value, str) or not 0 < len(value) <= longest:
            raise MendingError(f"step {number}: {do} needs `{name}`, a text of 1 to {longest} characters")
        kept[name] = repaired(value)
    if do == "default":
        value = step.get("value")
        if value is None or isinstance(value, dict | list):
            raise MendingError(f"step {number}: the value of a default is a text, a number, or true or false")
        kept["value"] = repaired(value)
    if do == "cast" and kept["to"] not in CASTS:
        raise MendingError(f"step {number}: a value can be cast to {', '.join(CASTS)}")
    return kept


def mend(event: WireEvent, steps: Sequence[Step]) -> None:
    """Apply the steps to the event, in order."""
    document = event["traits"] if event["type"] in _TRAITS else event["properties"]
    for step in steps:
        _DO[step["do"]](event, document, step)


def _rename(_: WireEvent, document: dict[str, Any], step: Step) -> None:
    if step["key"] in document and step["to"] not in document:
        document[step["to"]] = document.pop(step["key"])


def _cast(_: WireEvent, document: dict[str, Any], step: Step) -> None:
    value = document.get(step["key"])
    if value is not None and not isinstance(value, dict | list):
        document[step["key"]] = CASTS[step["to"]](value)


def _default(_: WireEvent, document: dict[str, Any], step: Step) -> None:
    if document.get(step["key"]) is None:
        document[step["key"]] = step["value"]


def _drop(_: WireEvent, document: dict[str, Any], step: Step) -> None:
    document.pop(step["key"], None)


def _rename_event(event: WireEvent, _: dict[str, Any], step: Step) -> None:
    if event["type"] == "track":
        event["event"] = step["to"]


def _number(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    try:
        return read_number(value.strip()) if isinstance(value, str) else value
    except ValueError:
        return value


def _integer(value: Any) -> Any:
    number = _number(value)
    whole = isinstance(number, float) and number.is_integer() and abs(number) < _EXACT
    return int(number) if whole else number


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)


def _boolean(value: Any) -> Any:
    try:
        return read_boolean(_text(value).strip())
    except ValueError:
        return value


CASTS: dict[str, Callable[[Any], Any]] = {
    "number": _number, "integer": _integer, "text": _text, "boolean": _boolean,
}  # fmt: skip
_DO: dict[str, Callable[[WireEvent, dict[str, Any], Step], None]] = {
    "rename": _rename, "cast": _cast, "default": _default, "drop": _drop, "rename_event": _rename_event,
}  # fmt: skip
_FIELDS: dict[str, dict[str, int]] = {
    "rename": {"key": MAX_KEY, "to": MAX_KEY},
    "cast": {"key": MAX_KEY, "to": 16},
    "default": {"key": MAX_KEY},
    "drop": {"key": MAX_KEY},
    "rename_event": {"to": MAX_EVENT_NAME},
}
