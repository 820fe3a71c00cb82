"""A schema as rows that people fill in, one a property, and back: what rows cannot say stays as it was written.

A property whose schema is `true` or `false` has no row; it stays with what it stands within.
"""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ingestion.domain.plans.document import JsonObject, PlanError
from ingestion.domain.plans.field_values import BOUNDS, bound_of, listed, read_bound, read_listed, type_text
from ingestion.domain.plans.paths import EACH, ITEMS, PathError, Step, Steps, path_of, steps_of
from ingestion.domain.plans.violations import ON_VIOLATION

MAX_ROWS = 300
_PLAIN = frozenset(
    {"type", "enum", "pattern", ON_VIOLATION, *(word for pair in BOUNDS.values() for word in pair)}
)
_STRUCTURE = frozenset({"properties", "required", "items"})
_OTHERS = "additionalProperties"


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One property as texts. `was` is its path in the schema that is changed, `more` says that it has rules beyond these."""

    path: str
    type: str = ""
    is_required: bool = False
    values: str = ""
    pattern: str = ""
    low: str = ""
    high: str = ""
    action: str = ""
    was: str = ""
    more: bool = False


def rows_of(schema: Mapping[str, Any]) -> list[FieldRow]:
    """The rows of a schema, what stands within a value right behind it."""
    return list(_within(schema, ()))


def with_rows(schema: Mapping[str, Any], rows: Sequence[FieldRow]) -> JsonObject:
    """The schema with these rows instead of its own. Raises PlanError naming the row."""
    if len(rows) > MAX_ROWS:
        raise PlanError(f"an event has at most {MAX_ROWS} planned properties here; write more as JSON Schema")
    made = without_rows({key: value for key, value in schema.items() if key not in ("items", _OTHERS)})
    if _OTHERS in schema:  # the policy of the plan says what holds of other keys of an event
        made[_OTHERS] = schema[_OTHERS]
    made.setdefault("type", "object")
    made.setdefault("properties", {})
    seen: set[Steps] = set()
    for row in rows:
        steps = _steps(row.path)
        if steps in seen:
            raise PlanError(f"`{row.path}` stands there twice")
        if row.is_required and steps[-1] is EACH:
            raise PlanError(f"`{row.path}` stands for every key there may be, and cannot be required")
        seen.add(steps)
        put(made, steps, _node(schema, row), is_required=row.is_required)
    return made


def _steps(path: str) -> Steps:
    try:
        steps = steps_of(path)
    except PathError as wrong:
        raise PlanError(str(wrong)) from wrong
    if steps[-1] is ITEMS:
        raise PlanError(f"`{path}` is no property: write what stands in each item, as `{path}.price`")
    if steps[0] is EACH:
        raise PlanError(
            f"`{path}` is no property: what holds of all others, the plan says under what becomes of them"
        )
    return steps


def _within(schema: Mapping[str, Any], above: Steps) -> Iterator[FieldRow]:
    required = _required(schema)
    properties = _properties(schema)
    for key, node in {**properties, **{key: {} for key in required if key not in properties}}.items():
        if not isinstance(node, dict):
            continue
        yield from _rows_at((*above, key), node, is_required=key in required)
    if above and isinstance(node := schema.get(_OTHERS), dict):
        yield from _rows_at((*above, EACH), node, is_required=False)


def _rows_at(steps: Steps, node: Mapping[str, Any], *, is_required: bool) -> Iterator[FieldRow]:
    yield _row(steps, node, is_required=is_required)
    yield from _within(node, steps)
    if isinstance(items := node.get("items"), dict):
        yield from _within(items, (*steps, ITEMS))


def _row(steps: Steps, node: Mapping[str, Any], *, is_required: bool) -> FieldRow:
    path = path_of(steps)
    low, high = bound_of(node)
    return FieldRow(
        path, type_text(node.get("type")), is_required, listed(node.get("enum")), _text(node.get("pattern")), low, high,
        _text(node.get(ON_VIOLATION)), path, bool(_rest(node)),
    )  # fmt: skip


def _rest(node: Mapping[str, Any]) -> set[str]:
    """What a row does not show of a property."""
    rest = _beside(node) - _PLAIN
    items = node.get("items")
    if items is not None and (not isinstance(items, dict) or _beside(items) - {"type"}):
        rest = rest | {"items"}
    return rest


def _beside(node: Mapping[str, Any]) -> set[str]:
    """What a schema says beside what stands within."""
    return node.keys() - _STRUCTURE - ({_OTHERS} if isinstance(node.get(_OTHERS), dict) else set())


def _node(schema: Mapping[str, Any], row: FieldRow) -> JsonObject:
    """The property as the row has it: what the row shows unchanged stays as it was, down to its form."""
    was = (find(schema, steps_of(row.was)) if row.was else None) or {}
    node = without_rows(was)
    shown = _row(("x",), was, is_required=False)
    if row.type != shown.type:
        _set(node, "type", row.type.split("|") if "|" in row.type else row.type)
    if row.values != shown.values or (row.values and row.type != shown.type):
        _set(node, "enum", read_listed(row.values, node.get("type"), row.path, was.get("enum")))
    if row.pattern != shown.pattern:
        _set(node, "pattern", row.pattern)
    if row.action != shown.action:
        _set(node, ON_VIOLATION, row.action)
    if (row.low, row.high, row.type) != (shown.low, shown.high, shown.type):
        _bound(node, row)
    return node


def _bound(node: JsonObject, row: FieldRow) -> None:
    for words in BOUNDS.values():
        for word in words:
            node.pop(word, None)
    for text, place in ((row.low, 0), (row.high, 1)):
        if text:
            word, value = read_bound(text, place, row.type, row.path)
            node[word] = value


def _set(node: JsonObject, word: str, value: Any) -> None:
    if value in ("", []):
        node.pop(word, None)
    else:
        node[word] = value


def put(schema: JsonObject, steps: Steps, node: JsonObject, *, is_required: bool) -> None:
    """Have the property stand there, with the objects and lists that lead to it."""
    place = schema
    for step, following in pairwise(steps):
        within, word = _named(place, step)
        place = _object(within, word)
        place.setdefault("type", "array" if following is ITEMS else "object")
    within, word = _named(place, steps[-1])
    within[word] = _together(_object(within, word), node)
    if is_required:
        place["required"] = sorted({*_required(place), word})


def _named(place: JsonObject, step: Step) -> tuple[JsonObject, str]:
    """The object that has what a step leads to, and by which word."""
    if step is ITEMS:
        return place, "items"
    return (place, _OTHERS) if step is EACH else (_object(place, "properties"), step)


def _object(place: JsonObject, word: str) -> JsonObject:
    """The object that stands there; what is none gives way."""
    if not isinstance(place.get(word), dict):
        place[word] = {}
    found: JsonObject = place[word]
    return found


def _together(known: JsonObject, node: JsonObject) -> JsonObject:
    """What rows within a property made of it already, and what its own row says. Objects win over `true` and `false`."""
    made = {**known, **node}
    if "properties" in known and "properties" in node:
        rest = {key: value for key, value in node["properties"].items() if key not in known["properties"]}
        made["properties"] = {**known["properties"], **rest}
    if required := {*_required(known), *_required(node)}:
        made["required"] = sorted(required)
    for word in ("items", _OTHERS):
        if isinstance(known.get(word), dict):
            own = node.get(word)
            made[word] = _together(known[word], own if isinstance(own, dict) else {})
    return made


def without_rows(node: Mapping[str, Any]) -> JsonObject:
    """A property without what stands within it and has rows of its own."""
    made = _without_properties(node)
    if isinstance(items := made.get("items"), dict):
        made["items"] = _without_properties(items)
    return made


def _without_properties(node: Mapping[str, Any]) -> JsonObject:
    made = {
        key: deepcopy(value)
        for key, value in node.items()
        if key not in ("properties", "required") and not (key == _OTHERS and isinstance(value, dict))
    }
    bare = {key: value for key, value in _properties(node).items() if not isinstance(value, dict)}
    if bare:
        made["properties"] = bare
    if required := [key for key in _required(node) if key in bare]:
        made["required"] = required
    return made


def find(schema: Mapping[str, Any], steps: Steps) -> Mapping[str, Any] | None:
    """The schema of a property; None when it is not planned."""
    node: Any = schema
    for step in steps:
        if step is ITEMS:
            node = node.get("items")
        else:
            node = node.get(_OTHERS) if step is EACH else _properties(node).get(step)
        if not isinstance(node, dict):
            return None
    return dict(node)


def _properties(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    properties = schema.get("properties")
    return properties if isinstance(properties, dict) else {}


def _required(schema: Mapping[str, Any]) -> list[str]:
    required = schema.get("required")
    return [each for each in required if isinstance(each, str)] if isinstance(required, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
