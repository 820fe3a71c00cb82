"""Checking an event against a plan, where it is accepted. Hot: see benchmarks/plans.py. Knows no Django.

An event that keeps to its plan costs one validation. What is found names keys, never values.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from ingestion.domain.catalogue.shapes import like
from ingestion.domain.plans.document import Action, Kind, Plan, Validator, compiled, split_name
from streaming.contracts.events import Violation, WireEvent

MAX_VIOLATIONS = 10  # told of one event; all are acted on
_MOST = 10_000  # more than an event of 32 KB can break
_MAX_REASON = 300
_LONGEST_PATH = 80
_TRAITS = frozenset({"identify", "group"})
_NAMES = {
    "string": "a text", "number": "a number", "integer": "a whole number", "boolean": "true or false",
    "object": "an object", "array": "a list", "null": "null",
}  # fmt: skip
_WORDS = {
    "enum": "is none of the allowed values", "const": "is not the allowed value",
    "pattern": "has not the form that the plan asks for", "minimum": "is too small", "exclusiveMinimum": "is too small",
    "maximum": "is too large", "exclusiveMaximum": "is too large", "minLength": "is too short", "maxLength": "is too long",
    "minItems": "has too few items", "maxItems": "has too many items", "uniqueItems": "has an item twice",
}  # fmt: skip


class Found(NamedTuple):
    """One thing that is wrong. `key` is the key of the document that it is about, if it is about one."""

    kind: Kind
    reason: str
    key: str | None


class CompiledPlan:
    """A published version of a plan, ready to check with. Immutable, so that threads may share it."""

    __slots__ = ("_is_closed", "_policy", "_tracks", "_types", "version")

    def __init__(self, plan: Plan, version: int) -> None:
        self.version = str(version)
        self._policy = plan.policy
        self._is_closed = plan.policy[Kind.UNPLANNED_KEY] is not Action.ALLOW
        self._tracks: dict[str, Validator] = {}
        self._types: dict[str, Validator] = {}
        for name, schema in plan.events.items():
            kind, text = split_name(name)
            known = self._tracks if kind == "track" else self._types
            known[text] = compiled(schema, name, closed=self._is_closed)

    def check(self, event: WireEvent) -> None:
        """Note in the event what it breaks, take out what the policy takes out, or mark it for quarantine."""
        kind = event["type"]
        planned = self._tracks.get(event["event"]) if kind == "track" else self._types.get(kind)  # type: ignore[arg-type]
        event["schema_version"] = self.version
        if planned is None:
            if self._policy[Kind.UNPLANNED_EVENT] is not Action.ALLOW:
                _apply(
                    event,
                    {},
                    [Found(Kind.UNPLANNED_EVENT, "the event is not in the plan", None)],
                    self._policy,
                )
            return
        document = event["traits"] if kind in _TRAITS else event["properties"]
        if not planned.is_valid(document):
            _apply(event, document, list(islice(found(planned, document), _MOST)), self._policy)


def found(validator: Validator, document: dict[str, Any]) -> Iterator[Found]:
    """What is wrong with a document; many of one reason are told once."""
    told: set[tuple[str, str | None]] = set()
    for error in validator.iter_errors(document):
        for each in _read(error):
            if (each.reason, each.key) not in told:
                told.add((each.reason, each.key))
                yield each


def _read(error: Any) -> Iterator[Found]:
    path, word = error.instance_path, error.kind.name
    if word == "required":
        yield Found(Kind.MISSING, f"{_path([*path, error.kind.property])} is missing", None)
    elif word == "additionalProperties" and not path:
        for key in error.kind.unexpected:
            yield Found(Kind.UNPLANNED_KEY, f"{_path([like(key)])} is not in the plan", key)
    else:
        yield Found(Kind.WRONG, f"{_path(path)} {_what(error, word)}", path[0] if path else None)


def _what(error: Any, word: str) -> str:
    if word == "type":
        return f"should be {' or '.join(_NAMES.get(each, each) for each in error.kind.types)}"
    return _WORDS.get(word, f"breaks the rule `{word}`")


def _path(path: list[str | int]) -> str:
    """`products[].price`, so that the same mistake in different items is one."""
    text = "".join("[]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")
    return f"`{text[:_LONGEST_PATH]}`" if text else "the event"


def _apply(event: WireEvent, document: dict[str, Any], broken: list[Found], policy: Any) -> None:
    acted = [(each, policy[each.kind]) for each in broken if policy[each.kind] is not Action.ALLOW]
    if not acted:
        return
    if held := [each.reason for each, action in acted if action is Action.QUARANTINE]:
        # Kept whole: what is taken out could not be mended any more.
        event["quarantined"] = "; ".join(sorted(set(held)))[:_MAX_REASON]
        acted.sort(key=lambda each: each[1] is not Action.QUARANTINE)
        event["violations"] = [_violation(*each) for each in acted[:MAX_VIOLATIONS]]
        return
    violations: list[Violation] = []
    for each, action in acted:
        stripped = action is Action.STRIP and each.key is not None
        if stripped:
            document.pop(each.key, None)  # type: ignore[arg-type]  # it is not None
        violations.append(_violation(each, Action.STRIP if stripped else Action.TAG))
    event["violations"] = violations[:MAX_VIOLATIONS]


def _violation(each: Found, action: Action) -> Violation:
    return {"kind": each.kind.value, "reason": each.reason[:_MAX_REASON], "action": action.value}
