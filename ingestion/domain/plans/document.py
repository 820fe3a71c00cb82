"""A tracking plan as a document: bounded, and checked before it is kept. Knows no Django.

    {"policy": {"missing": "tag", "wrong": "quarantine", "unplanned_key": "allow", "unplanned_event": "allow"},
     "events": {"track:Order Completed": {"type": "object", "properties": {…}, "required": […]}}}

The schema of an event is one of its properties, of its traits for identify and group. A property may say itself what
becomes of what breaks its rules: `"x-on-violation": "quarantine"`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import jsonschema_rs
import orjson

from ingestion.domain.plans.violations import Action, PlanError, actions_of
from streaming.contracts.events import EVENT_TYPES

__all__ = [
    "POSSIBLE",
    "Action",
    "JsonObject",
    "Kind",
    "Plan",
    "PlanError",
    "Validator",
    "compiled",
    "split_name",
]

MAX_EVENTS = 500
MAX_SCHEMA_BYTES = 32 * 1024
MAX_PLAN_BYTES = 1024 * 1024
MAX_DEPTH = 12
_REGEX_BYTES = 1024 * 1024  # of a compiled pattern
_REFERENCES = frozenset(
    {"$ref", "$dynamicRef", "$recursiveRef", "$id", "$schema", "$anchor", "$dynamicAnchor"}
)
_LINEAR = jsonschema_rs.RegexOptions(size_limit=_REGEX_BYTES, dfa_size_limit=_REGEX_BYTES)

JsonObject = dict[str, Any]
Validator = Any  # jsonschema_rs has no common type of its drafts


class Kind(StrEnum):
    """How an event can break a plan."""

    MISSING = "missing"
    WRONG = "wrong"
    UNPLANNED_KEY = "unplanned_key"
    UNPLANNED_EVENT = "unplanned_event"


POSSIBLE: Mapping[Kind, tuple[Action, ...]] = {
    Kind.MISSING: (Action.ALLOW, Action.TAG, Action.QUARANTINE),
    Kind.WRONG: (Action.ALLOW, Action.TAG, Action.STRIP, Action.QUARANTINE),
    Kind.UNPLANNED_KEY: (Action.ALLOW, Action.TAG, Action.STRIP, Action.QUARANTINE),
    Kind.UNPLANNED_EVENT: (Action.ALLOW, Action.TAG, Action.QUARANTINE),
}
_AT_FIRST = {
    Kind.MISSING: Action.TAG,
    Kind.WRONG: Action.TAG,
    Kind.UNPLANNED_KEY: Action.ALLOW,
    Kind.UNPLANNED_EVENT: Action.ALLOW,
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What a source should send. `events` has the schema of each `type:name`."""

    policy: Mapping[Kind, Action] = field(default_factory=lambda: dict(_AT_FIRST))
    events: Mapping[str, JsonObject] = field(default_factory=dict)

    @classmethod
    def from_json(cls, document: object) -> "Plan":
        """The plan of a document. Raises PlanError."""
        if not isinstance(document, dict):
            raise PlanError("a plan is a JSON object")
        events = document.get("events") or {}
        if not isinstance(events, dict):
            raise PlanError("`events` should be an object with a schema for each event")
        if len(events) > MAX_EVENTS:
            raise PlanError(f"a plan has at most {MAX_EVENTS} events, this one has {len(events):,}")
        for name, schema in events.items():
            split_name(name)
            compiled(schema, name)
            actions_of(schema, name)
        plan = cls(_policy(document.get("policy") or {}), events)
        if len(orjson.dumps(plan.to_json())) > MAX_PLAN_BYTES:
            raise PlanError(f"a plan has at most {MAX_PLAN_BYTES // 1024:,} KB")
        return plan

    def to_json(self) -> JsonObject:
        """The document."""
        policy = {kind.value: action.value for kind, action in self.policy.items()}
        return {"policy": policy, "events": dict(self.events)}


def split_name(name: str) -> tuple[str, str]:
    """The type and name of an event of a plan. Raises PlanError."""
    kind, _, rest = name.partition(":")
    if kind not in EVENT_TYPES or not rest or kind not in ("track", rest):
        raise PlanError(f"{name[:80]!r} is no event: write `track:Order Completed`, or `identify:identify`")
    return kind, rest


def compiled(schema: object, name: str, *, closed: bool = False) -> Validator:
    """The validator of an event's schema; `closed` has it refuse other keys. Raises PlanError naming the event."""
    if not isinstance(schema, dict):
        raise PlanError(f"{name[:80]}: a schema is a JSON object")
    if len(orjson.dumps(schema)) > MAX_SCHEMA_BYTES:
        raise PlanError(f"{name[:80]}: a schema has at most {MAX_SCHEMA_BYTES // 1024} KB")
    for word in _words(schema, name, MAX_DEPTH):
        if word in _REFERENCES:
            raise PlanError(f"{name[:80]}: {word} is not supported; write out what it refers to")
    whole = {"type": "object", **schema}
    whole.pop("additionalProperties", None)  # the policy says what becomes of other keys
    if closed:
        whole["additionalProperties"] = False
        whole.setdefault("properties", {})  # without it the validator would name no key
    try:
        return validator_of(whole)
    except ValueError as error:  # ValidationError of the schema itself, or a pattern that cannot be compiled
        raise PlanError(f"{name[:80]}: {str(error).splitlines()[0][:200]}") from error


def validator_of(schema: JsonObject | bool) -> Validator:  # noqa: FBT001 -- both are schemas
    """The validator of a schema, or of a part of one. Raises ValueError."""
    return jsonschema_rs.Draft202012Validator(schema, pattern_options=_LINEAR, offline=True)


def _words(schema: object, name: str, levels: int) -> Iterator[str]:
    """All keys within a schema, names of properties too: a property named $ref cannot be planned."""
    if levels < 0:
        raise PlanError(f"{name[:80]}: a schema is nested at most {MAX_DEPTH} levels deep")
    if isinstance(schema, dict):
        for key, inner in schema.items():
            yield key
            yield from _words(inner, name, levels - 1)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _words(inner, name, levels - 1)


def _policy(document: object) -> dict[Kind, Action]:
    if not isinstance(document, dict):
        raise PlanError("`policy` should be an object")
    policy = dict(_AT_FIRST)
    for word, chosen in document.items():
        try:
            kind, action = Kind(word), Action(chosen)
        except ValueError:
            raise PlanError(f"the policy {str(word)[:40]}: {str(chosen)[:40]} is not known") from None
        if action not in POSSIBLE[kind]:
            raise PlanError(f"the policy for {kind} can be {', '.join(POSSIBLE[kind])}, not {action}")
        policy[kind] = action
    return policy
