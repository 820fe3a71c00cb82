"""The values that an event is made of: an expression, a constant or a template, read as a type."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

from ingestion.domain.mappings.errors import PartFailed
from ingestion.domain.mappings.expressions import BadExpression, Expression, compile_expression, steps_of
from ingestion.domain.mappings.finding import compile_find
from ingestion.domain.mappings.plain import plain
from ingestion.domain.mappings.types import TYPES, Cast, cast_to
from ingestion.domain.values import time_clock

Part = Callable[[Any], Any]
"""From the record to the value, None when it has none. Raises PartFailed."""

ABSENT = None
KEPT_NULL = object()
"""What a part with `keep_null` gives for null: it deletes a trait."""


@dataclass(frozen=True, slots=True)
class Named:
    """A part that is looked up by names, and places in lists, from the outside in, and then read as its kind."""

    steps: tuple[str | int, ...]
    kind: str
    cast: Cast
    read: Part

    def __call__(self, record: Any) -> Any:
        """The value. Raises PartFailed."""
        return self.read(record)


@dataclass(frozen=True, slots=True)
class Constant:
    """A part that is the same of every record."""

    value: str | float | bool | None

    def __call__(self, _record: Any) -> Any:
        """The value."""
        return self.value


_SOURCES = ("path", "value", "template", "find")
_SETTINGS = frozenset({*_SOURCES, "as", "format", "zone", "default", "required", "map", "keep_null"})
MAX_FORMAT = 100  # characters
_HOLE = re.compile(r"\{\{|\}\}|\{([^{}]+)\}")


class BadPart(ValueError):
    """The part cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Zone:
    """What times without an offset, and dates without a time, are taken as."""

    name: str = "UTC"
    time_of_day: str = "12:00"

    def clock(self, name: str | None = None) -> time:
        """The time of day with its zone. Raises BadPart."""
        try:
            return time_clock(self.time_of_day, name or self.name)
        except (ZoneInfoNotFoundError, OSError):
            raise BadPart(f"there is no time zone {name or self.name!r}") from None
        except ValueError:
            raise BadPart("a zone looks like Europe/Berlin and a time of day like 12:00") from None


def compile_part(written: Any, zone: Zone, *, kind: str = "", literal: bool = False) -> Part:
    """The part. A text is an expression (with `literal` itself), a number or a boolean a constant. Raises BadPart.

    `kind` is the type of a part that states none, "" for the value as it is.
    """
    if isinstance(written, str):
        written = {"value" if literal else "path": written}
    elif isinstance(written, int | float):
        written = {"value": written}
    if not isinstance(written, dict):
        raise BadPart("should be an expression, a constant, or an object with path, value, template or find")
    _check(written)
    read = _source_of(written)
    cast = _cast_of(written, zone, kind)
    if written.keys() <= {"path", "value", "as", "format", "zone"}:
        kind = _type_of(written, kind)
        quick = _quick(read, cast or plain, is_text=kind in ("", "text"))
        if "path" not in written:
            return _constant(quick)
        steps = steps_of(written["path"])
        return Named(steps, kind, cast or plain, quick) if steps else quick
    return _finished(read, cast or plain, written)


def _check(written: dict[str, Any]) -> None:
    unknown = [key for key in written if key not in _SETTINGS]
    if unknown:
        raise BadPart(f"there is no setting {unknown[0]!r}: use one of {', '.join(sorted(_SETTINGS))}")
    if sum(key in written for key in _SOURCES) != 1:
        raise BadPart("say where the value comes from, by one of path, value, template and find")
    for key in ("required", "keep_null"):
        if not isinstance(written.get(key, False), bool):
            raise BadPart(f"{key} should be true or false")
    if not isinstance(written.get("map", {}), dict):
        raise BadPart('map should be an object from a text to a value, such as {"1": "new"}')
    try:
        for constant in (written.get("value"), written.get("default"), written.get("map")):
            plain(constant)
    except PartFailed as failed:
        raise BadPart(failed.reason) from None


def _source_of(written: dict[str, Any]) -> Expression:
    if "value" in written:
        constant = plain(written["value"])
        return lambda _: constant
    text = written.get("path", written.get("template", ""))
    if not isinstance(text, str):
        raise BadPart("path and template should be texts")
    try:
        if "find" in written:
            return compile_find(written["find"])
        return compile_expression(text) if "path" in written else _template(text)
    except BadExpression as error:
        raise BadPart(str(error)) from None


def _template(text: str) -> Expression:
    """A text with expressions in braces; it is null when one of them is."""
    pieces: list[str | Expression] = []
    at = 0
    for hole in _HOLE.finditer(text):
        pieces.append(text[at : hole.start()])
        pieces.append(compile_expression(hole[1]) if hole[1] else hole[0][0])
        at = hole.end()
    pieces.append(text[at:])
    if any(brace in piece for piece in pieces[::2] if isinstance(piece, str) for brace in "{}"):
        raise BadExpression("a brace is not closed: a template is a text such as mastodon-{account.id}")
    to_text = cast_to("text", time_format="", clock=time())

    def fill(record: Any) -> str | None:
        filled = []
        for piece in pieces:
            value = piece if isinstance(piece, str) else piece(record)
            if value is None or (value == "" and not isinstance(piece, str)):
                return None
            filled.append(value if isinstance(piece, str) else to_text(value))
        return "".join(filled)

    return fill


def _type_of(written: dict[str, Any], kind: str) -> Any:
    return written.get("as", kind)


def _cast_of(written: dict[str, Any], zone: Zone, kind: str) -> Cast | None:
    name = _type_of(written, kind)
    time_format = written.get("format", "")
    if name and name not in TYPES:
        raise BadPart(f"as should be one of {', '.join(TYPES)}")
    if ("format" in written or "zone" in written) and name != "timestamp":
        raise BadPart('format and zone belong to a time: add "as": "timestamp"')
    if not isinstance(time_format, str) or len(time_format) > MAX_FORMAT:
        raise BadPart("format should be a text such as %d.%m.%Y %H:%M")
    if not isinstance(written.get("zone", ""), str):
        raise BadPart("zone should be a name such as Europe/Berlin")
    return cast_to(name, time_format=time_format, clock=zone.clock(written.get("zone"))) if name else None


def _quick(read: Expression, cast: Cast, *, is_text: bool) -> Part:
    """Most parts: a value, and nothing to do when it is missing. Hot: most values are texts that stay as they are."""

    def part(record: Any) -> Any:
        value = read(record)
        if is_text and value.__class__ is str and "\0" not in value:
            return value or ABSENT
        return ABSENT if value is None or value == "" else cast(value)

    return part


def _constant(part: Part) -> Part:
    """The part as a Constant, unless each record has to have a copy of the value, or the value cannot be read."""
    try:
        value = part(None)
    except PartFailed:
        return part
    return part if value.__class__ in (dict, list) else Constant(value)


def _finished(read: Expression, cast: Cast, written: dict[str, Any]) -> Part:
    default, known = written.get("default"), written.get("map")
    is_required, keeps_null = written.get("required", False), written.get("keep_null", False)
    to_text = cast_to("text", time_format="", clock=time())

    def part(record: Any) -> Any:
        value = read(record)
        if known is not None and value is not None:
            value = known.get(to_text(value))
        if value is None or value == "":
            if default is not None:
                return default
            if is_required:
                raise PartFailed("missing_value", "is required, and the record has no value for it")
            return KEPT_NULL if keeps_null else ABSENT
        return cast(value)

    return part
