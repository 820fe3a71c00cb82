"""In what two plans differ, in words that people read before they publish or go back."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ingestion.domain.plans.document import Kind
from ingestion.domain.plans.field_values import read_listed
from ingestion.domain.plans.fields import FieldRow, find, rows_of, without_rows
from ingestion.domain.plans.paths import steps_of
from ingestion.domain.plans.violations import PlanError

KINDS = {
    Kind.MISSING: "a required property is missing",
    Kind.WRONG: "a value is wrong",
    Kind.UNPLANNED_KEY: "a property is not in the plan",
    Kind.UNPLANNED_EVENT: "the event is not in the plan",
}
ACTIONS = {
    "": "as the plan says", "allow": "let it be", "tag": "note it", "strip": "take the property out", "quarantine": "quarantine",
}  # fmt: skip
TYPES = {
    "": "anything", "string": "text", "number": "number", "integer": "whole number", "boolean": "yes or no",
    "object": "object", "array": "list", "null": "nothing",
}  # fmt: skip
_TOLD = 10


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between two plans: in an event (`type:name`), or in the policy."""

    where: str
    what: str


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """In what two documents differ, in words."""
    return [Difference("policy", what) for what in _policy(before, after)] + _events(before, after)


def type_words(text: str) -> str:
    """A type of a form in words: `text or nothing`."""
    return " or ".join(TYPES.get(each, each) for each in text.split("|"))


def _policy(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    former = before.get("policy", {})
    for kind, action in after.get("policy", {}).items():
        if former.get(kind) != action:
            was = ACTIONS.get(former.get(kind, "-"), "—")
            yield f"when {KINDS[Kind(kind)]}: {was} → {ACTIONS[action]}"


def _events(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    old, new = before.get("events", {}), after.get("events", {})
    found = [Difference(name, "new event") for name in sorted(new.keys() - old.keys())]
    found += [Difference(name, "no longer planned") for name in sorted(old.keys() - new.keys())]
    for name in sorted(old.keys() & new.keys()):
        if old[name] != new[name]:
            found += [Difference(name, what) for what in _schema(old[name], new[name])]
    return found


def _schema(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    before, after = ({row.path: row for row in rows_of(each)} for each in (old, new))
    told = [f"`{path}` is new{_of(after[path])}" for path in after if path not in before]
    told += [f"`{path}` is no longer planned" for path in before if path not in after]
    for path in before.keys() & after.keys():
        changes = list(_row(before[path], after[path]))
        if not changes and _rest(old, path) != _rest(new, path):
            changes = ["rules change that only the JSON Schema shows"]
        told += [f"`{path}`: {what}" for what in changes]
    is_more = not told or _top(old) != _top(new)
    return sorted(told) + (["rules change that only the JSON Schema shows"] if is_more else [])


def _top(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an event says beside its lines; that it is an object goes without saying."""
    return {"type": "object", "properties": {}, **without_rows(schema)}


def _of(row: FieldRow) -> str:
    told = [type_words(row.type)] if row.type else []
    told += ["required"] if row.is_required else []
    return f": {', '.join(told)}" if told else ""


def _row(old: FieldRow, new: FieldRow) -> Iterator[str]:
    if old.type != new.type:
        yield f"{type_words(old.type)} → {type_words(new.type)}"
    if old.is_required != new.is_required:
        yield "is required" if new.is_required else "is no longer required"
    if old.values != new.values:
        yield _values(old.values, new.values)
    for name, before, after in (
        ("pattern", old.pattern, new.pattern), ("smallest", old.low, new.low), ("largest", old.high, new.high),
    ):  # fmt: skip
        if before != after:
            yield f"{name} {before or '—'} → {after or '—'}"
    if old.action != new.action:
        yield f"when it is broken: {ACTIONS.get(old.action, old.action)} → {ACTIONS.get(new.action, new.action)}"


def _values(old: str, new: str) -> str:
    if not old or not new:
        return f"allowed values: {old[:200] or 'any'} → {new[:200] or 'any'}"
    before, after = _read(old), _read(new)
    added, gone = (
        [each for each in after if each not in before],
        [each for each in before if each not in after],
    )
    parts = [f"also allowed: {', '.join(added[:_TOLD])}"] if added else []
    parts += [f"no longer allowed: {', '.join(gone[:_TOLD])}"] if gone else []
    return "; ".join(parts) or "allowed values stand in another order"


def _read(text: str) -> list[str]:
    try:
        return [str(each) for each in read_listed(text, "", "")]
    except PlanError:
        return [text]


def _rest(schema: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    """A property without what other rows tell of it."""
    return without_rows(find(schema, steps_of(path)) or {})
