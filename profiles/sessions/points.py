"""What of an event counts for visits: when it was, whether it marks a beginning or an end, and which page it shows."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import IntEnum
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from compliance.consent import narrowed, recorded_with_keys
from profiles.builder.binary import microseconds
from streaming.contracts.events import event_slug

_FAR_FUTURE = timedelta(
    days=1
)  # as the builder has it: beyond its arrival, an event's time is a fault of a clock
_LONGEST = 200
_INSTEAD_OF_NUL = "\ufffd"  # as the builder has it
_STARTS = frozenset({"session_started", "session_start", "application_opened"})
_ENDS = frozenset({"session_ended", "session_end"})
_VIEWS = frozenset({"page", "screen"})
_READ = ("properties.path", "properties.url", "properties.name")


class Mark(IntEnum):
    """What an event says of its visit. The values are stored, and order the events of one instant."""

    START = 0
    NONE = 1
    END = 2


class Point(NamedTuple):
    """One event. `time` is in microseconds since 2000; `purposes` is what it says of them, as one text."""

    time: int
    mark: int
    page: str | None
    purposes: str


IN_ORDER = itemgetter(0, 1)  # what sorts points: time, then mark


class Keyed(NamedTuple):
    """A point, and the id that the SDK gave its visit, if it gave one."""

    key: str | None
    point: Point


def point_of(event: Mapping[str, Any]) -> Keyed:
    """The point of an event of `profiles.events`. Raises KeyError, TypeError, ValueError when its fields are wrong."""
    time = datetime.fromisoformat(event["timestamp"])
    received = datetime.fromisoformat(event["received_at"])
    if time - received > _FAR_FUTURE:
        time = received
    return read(event["type"], event["event"], microseconds(time), event, recorded_with_keys(event))


def read(type_: str, name: str | None, time: int, content: Mapping[str, Any], purposes: list[str]) -> Keyed:
    """The point of an event of which the time is known; `content` has its properties and its context.

    It follows from what both the record and the timeline have of an event, or visits made anew would be others.
    Limits of single properties limit the visit where it has something of them.
    """
    properties, context = content["properties"] or {}, content["context"] or {}
    page = _page(type_, properties, context) if type_ in _VIEWS else None
    mark = Mark.NONE
    if type_ == "track" and name:
        mark = _mark(name)
        if mark is Mark.START and properties.get("from_background") is True:
            mark = Mark.NONE
    if context.get("sessionStart") is True:
        mark = Mark.START
    said = " ".join(sorted(narrowed(purposes, _READ if page else ()))) if purposes else ""
    return Keyed(visit_key(context), Point(time, mark, page, said))


def visit_key(context: Mapping[str, Any]) -> str | None:
    """The id that an SDK gave the visit of an event: a text or a number. Anything else is none."""
    value = context.get("sessionId")
    is_id = isinstance(value, str | int | float) and not isinstance(value, bool)
    return _text(value) if value and is_id else None


@lru_cache(maxsize=4096)
def _mark(name: str) -> Mark:
    slug = event_slug(name)
    return Mark.START if slug in _STARTS else Mark.END if slug in _ENDS else Mark.NONE


def _page(type_: str, properties: Mapping[str, Any], context: Mapping[str, Any]) -> str | None:
    """The path of a page, else its name; the name of a screen. Never the query of an address: it may name people."""
    if type_ == "page":
        about = context.get("page")
        for document in (properties, about if isinstance(about, dict) else {}):
            for field in ("path", "url"):
                if isinstance(value := document.get(field), str) and value:
                    return _text(_path(value))
    called = properties.get("name")
    return _text(called) if isinstance(called, str) and called else None


def _path(address: str) -> str:
    try:
        return urlsplit(address.replace("\0", _INSTEAD_OF_NUL)).path or "/"
    except ValueError:
        return "/"


def _text(value: Any) -> str:
    return str(value).replace("\0", _INSTEAD_OF_NUL)[:_LONGEST]
