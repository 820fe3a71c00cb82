"""Checking an event against a plan, where it is accepted. Hot: see benchmarks/plans.py. Knows no Django.

An event that keeps to its plan costs one validation; see `finding` for the others.
"""

from typing import Any, NamedTuple

from ingestion.domain.plans.document import Action, Kind, Plan, Validator, compiled, split_name
from ingestion.domain.plans.finding import Finder, Found
from ingestion.domain.plans.violations import ActionsOf, action_at, actions_of
from streaming.contracts.events import Violation, WireEvent

MAX_VIOLATIONS = 10  # told of one event; all are acted on
_MAX_REASON = 300
_TRAITS = frozenset({"identify", "group"})


class _Planned(NamedTuple):
    """How an event is checked."""

    validator: Validator
    finder: Finder
    actions: ActionsOf


class CompiledPlan:
    """A published version of a plan, ready to check with. Immutable, so that threads may share it."""

    __slots__ = ("_is_closed", "_policy", "_tracks", "_types", "version")

    def __init__(self, plan: Plan, version: int) -> None:
        self.version = str(version)
        self._policy = plan.policy
        self._is_closed = plan.policy[Kind.UNPLANNED_KEY] is not Action.ALLOW
        self._tracks: dict[str, _Planned] = {}
        self._types: dict[str, _Planned] = {}
        for name, schema in plan.events.items():
            kind, text = split_name(name)
            known = self._tracks if kind == "track" else self._types
            validator = compiled(schema, name, closed=self._is_closed)
            finder = Finder(schema, validator, closed=self._is_closed)
            known[text] = _Planned(validator, finder, actions_of(schema, name))

    def check(self, event: WireEvent) -> None:
        """Note in the event what it breaks, take out what the policy takes out, or mark it for quarantine."""
        kind = event["type"]
        planned = self._tracks.get(event["event"]) if kind == "track" else self._types.get(kind)  # type: ignore[arg-type]
        event["schema_version"] = self.version
        if planned is None:
            if self._policy[Kind.UNPLANNED_EVENT] is not Action.ALLOW:
                unplanned = Found(Kind.UNPLANNED_EVENT, "the event is not in the plan", None)
                _apply(event, {}, [(unplanned, self._policy[Kind.UNPLANNED_EVENT])])
            return
        document = event["traits"] if kind in _TRAITS else event["properties"]
        if not planned.validator.is_valid(document):
            broken = planned.finder.found(document)
            _apply(event, document, [(each, self._action(planned, each)) for each in broken])

    def _action(self, planned: _Planned, each: Found) -> Action:
        said = action_at(planned.actions, each.steps) if planned.actions else None
        return self._policy[each.kind] if said is None else said


def _apply(event: WireEvent, document: dict[str, Any], broken: list[tuple[Found, Action]]) -> None:
    acted = [(each, action) for each, action in broken if action is not Action.ALLOW]
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
