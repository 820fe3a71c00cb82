"""What becomes of an event that breaks the rules of one property: its own word, else that of what it stands within.

A property says it in its schema with the keyword ON_VIOLATION; the policy of the plan holds for all others.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from ingestion.domain.plans.paths import EACH, ITEMS, Steps, path_of

ON_VIOLATION = "x-on-violation"


class PlanError(ValueError):
    """The plan cannot be kept; the message says what in it and why."""


class Action(StrEnum):
    """What becomes of an event that breaks a rule."""

    ALLOW = "allow"
    TAG = "tag"
    STRIP = "strip"
    QUARANTINE = "quarantine"


ActionsOf = Mapping[Steps, Action]


def actions_of(schema: Mapping[str, Any], name: str) -> ActionsOf:
    """What single properties of an event say, by their paths. Raises PlanError naming the event."""
    return dict(_within(schema, name, ()))


def action_at(actions: ActionsOf, steps: Steps) -> Action | None:
    """What holds for a property, if it or what it stands within says anything."""
    for length in range(len(steps), 0, -1):
        if (said := actions.get(steps[:length])) is not None:
            return said
    return None


def _within(schema: Any, name: str, above: Steps) -> Iterator[tuple[Steps, Action]]:
    properties = schema.get("properties")
    for key, node in properties.items() if isinstance(properties, dict) else ():
        if isinstance(node, dict):
            yield from _of(node, name, (*above, key))
    if above and isinstance(node := schema.get("additionalProperties"), dict):
        yield from _of(node, name, (*above, EACH))


def _of(node: Mapping[str, Any], name: str, steps: Steps) -> Iterator[tuple[Steps, Action]]:
    if (said := node.get(ON_VIOLATION)) is not None:
        yield steps, _action(said, name, path_of(steps))
    yield from _within(node, name, steps)
    if isinstance(items := node.get("items"), dict):
        yield from _within(items, name, (*steps, ITEMS))


def _action(said: object, name: str, key: str) -> Action:
    try:
        return Action(said)  # type: ignore[arg-type]  # anything may stand there
    except ValueError:
        raise PlanError(
            f"{name[:80]}: {ON_VIOLATION} of `{key[:80]}` is one of {', '.join(Action)}, not {str(said)[:40]!r}"
        ) from None
