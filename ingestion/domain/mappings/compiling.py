"""From a document to the rules of a mapping, with every problem at its field."""

from collections.abc import Callable
from typing import Any

from ingestion.domain.events.limits import MAX_EVENT_NAME, MAX_PURPOSE, MAX_PURPOSES
from ingestion.domain.mappings.containers import compile_container
from ingestion.domain.mappings.errors import FieldProblem
from ingestion.domain.mappings.expressions import BadExpression, Expression, compile_expression
from ingestion.domain.mappings.identity import CLICK, CONTACTS
from ingestion.domain.mappings.limits import MAX_PARTS
from ingestion.domain.mappings.parts import BadPart, Part, Zone, compile_part
from ingestion.domain.mappings.rule import Rule
from streaming.contracts.events import EVENT_TYPES

_FIELDS = {
    "type": "type",
    "event": "event",
    "name": "name",
    "category": "category",
    "user_id": "userId",
    "anonymous_id": "anonymousId",
    "group_id": "groupId",
    "previous_id": "previousId",
    "message_id": "messageId",
    "timestamp": "timestamp",
}
_WORDS = frozenset({"type", "event"})  # a text there is meant as it stands
_CONTAINERS = ("properties", "traits", "context")
RULE_KEYS = frozenset({*_FIELDS, *_CONTAINERS, "for_each", "when", "purposes"})
_NEEDED = {
    "track": ("event", "a track needs the name of what happened"),
    "group": ("group_id", "a group needs the id of the group"),
    "alias": ("previous_id", "an alias needs the id that the person had before"),
}


def compile_rule(written: Any, prefix: str, zone: Zone, problems: list[FieldProblem]) -> Rule | None:
    """The rule; None when it cannot be used, with the reasons added to `problems`."""
    if not isinstance(written, dict):
        problems.append(
            FieldProblem(prefix.rstrip("."), "should be an object that says how to make one event")
        )
        return None
    known = len(problems)
    problems += [
        FieldProblem(f"{prefix}{key}"[:200], "there is no such field in an event")
        for key in written
        if key not in RULE_KEYS
    ]
    _check_size(written, prefix, problems)
    containers = {
        name: compile_container(
            written.get(name, {}), f"{prefix}{name}", zone, problems, nests=name == "context"
        )
        for name in _CONTAINERS
    }
    rule = Rule(
        prefix=prefix,
        for_each=_expression(written, "for_each", prefix, problems),
        when=_expression(written, "when", prefix, problems),
        fields=_fields(written, prefix, zone, problems),
        purposes=_purposes(written.get("purposes"), prefix, problems),
        **containers,
    )
    _check_type(written, prefix, problems)
    _check_identity(written, prefix, problems)
    return rule if len(problems) == known else None


def _fields(
    written: dict[str, Any], prefix: str, zone: Zone, problems: list[FieldProblem]
) -> list[tuple[str, str, Part]]:
    fields = []
    for name, key in _FIELDS.items():
        if written.get(name) is None:
            continue
        kind = "timestamp" if name == "timestamp" else "text"
        try:
            fields.append((name, key, compile_part(written[name], zone, kind=kind, literal=name in _WORDS)))
        except BadPart as error:
            problems.append(FieldProblem(f"{prefix}{name}", str(error)))
    return fields


def _expression(
    written: dict[str, Any], name: str, prefix: str, problems: list[FieldProblem]
) -> Expression | None:
    text = written.get(name)
    if text is None:
        return None
    try:
        return compile_expression(text if isinstance(text, str) else "")
    except BadExpression as error:
        problems.append(FieldProblem(f"{prefix}{name}", str(error)))
        return None


def _purposes(given: Any, prefix: str, problems: list[FieldProblem]) -> list[str] | None:
    if given is None:
        return None
    fits = isinstance(given, list) and len(given) <= MAX_PURPOSES
    if fits and all(isinstance(each, str) and 0 < len(each) <= MAX_PURPOSE for each in given):
        return list(given)
    problems.append(
        FieldProblem(f"{prefix}purposes", f"should be a list of at most {MAX_PURPOSES} keys of purposes")
    )
    return None


def _check_size(written: dict[str, Any], prefix: str, problems: list[FieldProblem]) -> None:
    sizes = (len(written[name]) for name in _CONTAINERS if isinstance(written.get(name), dict))
    if sum(sizes) > MAX_PARTS:
        problems.append(FieldProblem(prefix.rstrip("."), f"an event is made of at most {MAX_PARTS} values"))


def _check_type(written: dict[str, Any], prefix: str, problems: list[FieldProblem]) -> None:
    event_type = written.get("type")
    if event_type is None:
        problems.append(
            FieldProblem(f"{prefix}type", f"say which type of event: {', '.join(sorted(EVENT_TYPES))}")
        )
    if not isinstance(event_type, str):
        return
    if event_type not in EVENT_TYPES:
        problems.append(FieldProblem(f"{prefix}type", f"should be one of {', '.join(sorted(EVENT_TYPES))}"))
    field, why = _NEEDED.get(event_type, ("", ""))
    if field and written.get(field) in (None, ""):
        problems.append(FieldProblem(f"{prefix}{field}", why))
    event = written.get("event")
    if isinstance(event, str) and len(event) > MAX_EVENT_NAME:
        problems.append(FieldProblem(f"{prefix}event", f"the name has at most {MAX_EVENT_NAME} characters"))


def _check_identity(written: dict[str, Any], prefix: str, problems: list[FieldProblem]) -> None:
    traits, context = written.get("traits"), written.get("context")
    says: list[Callable[[], bool]] = [
        lambda: written.get("user_id") is not None or written.get("anonymous_id") is not None,
        lambda: (
            isinstance(traits, str) or (isinstance(traits, dict) and not {*CONTACTS, "*"}.isdisjoint(traits))
        ),
        lambda: (
            isinstance(context, str)
            or (isinstance(context, dict) and not {f"campaign.{CLICK}", "campaign", "*"}.isdisjoint(context))
        ),
    ]
    if not any(check() for check in says):
        message = (
            "nothing says who the event is about: fill user_id, anonymous_id, traits.email or traits.phone"
        )
        problems.append(FieldProblem(f"{prefix}user_id", message))
