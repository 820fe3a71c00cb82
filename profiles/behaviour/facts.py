"""What one event says of a visit: all that is kept of it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from compliance.consent import narrowed
from profiles.behaviour.kinds import Kind, kind_of
from profiles.combining.properties import first_of
from profiles.moments import Moment
from profiles.sessions.points import Mark

MAX_TEXT = 100

_ELEMENT = ("element_id", "selector", "css_selector", "element", "target", "id")
_LABEL = ("text", "element_text", "label", "button", "link", "name", "title")
_DEPTH = ("depth", "scroll_depth", "percent", "percentage", "max_depth")
_ERROR = ("code", "error_code", "error", "message", "error_message", "type", "reason")
_SUBJECT = ("topic", "subject", "category", "reason")
_DEAD = ("dead", "is_dead")
_TELLING = (*_DEAD, "effect", "complaint", "$event_type")  # the kind, where the name does not
_CLICKS = ("clicks", "click_count", "count")
_READ = tuple(
    f"properties.{name}"
    for name in {
        *_ELEMENT,
        *_LABEL,
        "$el_text",
        *_DEPTH,
        *_ERROR,
        *_SUBJECT,
        *_CLICKS,
        *_TELLING,
        "path",
        "url",
    }
)
_FULL = 100
_MOST_CLICKS = 1000


class Fact(NamedTuple):
    """One event, at a time in microseconds since 2000. Facts sort in the order in which they count.

    `mark` says whether it begins or ends a visit (profiles.sessions.points), and `message` which event it is.
    `element` tells elements apart and `label` is what people read on it.

    `element` of an error is which one it was, of a complaint what it is about. `number` is the depth of a scroll in
    percent, and the clicks of a reported rage click. `page` is a path without its query. `purposes` is what the event
    says of them (compliance.consent), as one text.
    """

    time: int
    mark: int
    message: bytes
    kind: Kind
    element: str = ""
    label: str = ""
    page: str = ""
    number: int = 0
    purposes: str = ""


def fact_of(
    event: Mapping[str, Any], moment: Moment, mark: int = Mark.NONE, recorded: Sequence[str] = ()
) -> Fact:
    """What this event says, of which this is `recorded`. Never fails for what a source put into it."""
    properties = _object(event.get("properties"))
    name = event.get("event")
    kind = kind_of(event["type"], name if isinstance(name, str) else None)
    if kind in (Kind.OTHER, Kind.CLICK):
        kind = _told(kind, name, properties)
    if kind is Kind.OTHER:
        return Fact(moment.time, mark, moment.message, kind, purposes=_said(recorded, ()))
    read = _READERS.get(kind)
    element, label, number = read(properties) if read else ("", "", 0)
    page = _page(event, properties)
    return Fact(moment.time, mark, moment.message, kind, element, label, page, number, _said(recorded, _READ))


def _said(recorded: Sequence[str], paths: Collection[str]) -> str:
    return " ".join(sorted(narrowed(recorded, paths))) if recorded else ""


def _told(kind: Kind, name: Any, properties: Mapping[str, Any]) -> Kind:
    """The kind by what the properties tell: a click without effect, a complaint by another name."""
    if kind is Kind.CLICK:
        is_dead = any(properties.get(each) is True for each in _DEAD) or properties.get("effect") is False
        return Kind.DEAD_CLICK if is_dead else kind
    if properties.get("complaint") is True:
        return Kind.COMPLAINT
    if any(
        isinstance(said := properties.get(each), str) and said.lower() == "complaint" for each in _SUBJECT
    ):
        return Kind.COMPLAINT
    if name == "$autocapture" and properties.get("$event_type") == "click":
        return Kind.CLICK
    return kind


def _click(properties: Mapping[str, Any]) -> tuple[str, str, int]:
    label = first_of(properties, (*_LABEL, "$el_text"), _text) or ""
    element = first_of(properties, _ELEMENT, _text) or label
    return element, label or element, 0


def _rage_click(properties: Mapping[str, Any]) -> tuple[str, str, int]:
    element, label, _ = _click(properties)
    clicks = first_of(properties, _CLICKS, _whole)
    return element, label, min(clicks or 0, _MOST_CLICKS)


def _scroll(properties: Mapping[str, Any]) -> tuple[str, str, int]:
    return "", "", first_of(properties, _DEPTH, _percent) or 0


def _error(properties: Mapping[str, Any]) -> tuple[str, str, int]:
    return first_of(properties, _ERROR, _text) or "", "", 0


def _complaint(properties: Mapping[str, Any]) -> tuple[str, str, int]:
    subject = first_of(properties, _SUBJECT, _text) or ""
    return "" if subject.lower() == "complaint" else subject, "", 0


_READERS: Mapping[Kind, Callable[[Mapping[str, Any]], tuple[str, str, int]]] = {
    Kind.CLICK: _click,
    Kind.DEAD_CLICK: _click,
    Kind.HOVER: _click,
    Kind.RAGE_CLICK: _rage_click,
    Kind.SCROLL: _scroll,
    Kind.ERROR: _error,
    Kind.COMPLAINT: _complaint,
}


def _page(event: Mapping[str, Any], properties: Mapping[str, Any]) -> str:
    """Where it happened: a path, or the name of a screen."""
    context = _object(event.get("context"))
    for place in (properties, _object(context.get("page"))):
        path = _text(place.get("path")) or _path(place.get("url"))
        if path:
            return path.partition("?")[0].partition("#")[0]
    return (_text(event.get("event")) or "") if event["type"] == "screen" else ""


def _path(url: Any) -> str | None:
    if not isinstance(url, str):
        return None
    try:
        return _text(urlsplit(url).path)
    except ValueError:
        return None


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)[:MAX_TEXT]
    if not isinstance(value, str):
        return None
    return " ".join(value.replace("\0", "").split())[:MAX_TEXT] or None


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _percent(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _FULL:
        return None
    return round(value * _FULL) if isinstance(value, float) and value <= 1 else round(value)
