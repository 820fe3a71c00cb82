"""Which events an actor who is bound to purposes may see: those that may be used for one of them, of people who may.

Both must permit it, as everywhere (docs/adr/0128): the gate says what the person said by now, and what stands in the event
says what it was collected for. Of whom nobody knows yet nothing is permitted. Who is bound to none asks nothing.
"""

from collections.abc import Collection, Hashable, Mapping
from typing import Any, TypeVar

from compliance.access import MASK, AccessDenied, Actor
from compliance.audit import record_denied_use
from compliance.consent import recorded_with_keys, use_by
from compliance.gate import bound_to
from compliance.key_paths import path_within
from compliance.subjects import named_in
from ingestion.domain.events.times import parse_time
from ingestion.domain.people import EventIds, usable_behind

K = TypeVar("K", bound=Hashable)
_KEYED = frozenset({"properties", "traits"})  # of an event: what single keys can be limited in


class EventUseDenied(AccessDenied):
    """The event may not be used for what the actor is bound to; why is not told: it would be somebody's to tell."""

    def __init__(self) -> None:
        super().__init__(
            "This event may not be used for this purpose: nobody is known behind it yet, a consent is missing or "
            "withdrawn, they object, processing is restricted, or it was collected for something else."
        )


def permitted(actor: Actor, documents: Mapping[K, Mapping[str, Any]]) -> set[K]:
    """The keys of the events, in the log's form or the protocol's, that the actor may see; an empty one is nobody's."""
    if not bound_to(actor):
        return set(documents)
    use = use_by(actor)
    fit = {
        key: ids_of(each)
        for key, each in documents.items()
        if each and use.permits(recorded_with_keys(_with_context(each)))
    }
    may = usable_behind(actor, fit.values())
    return {key for key, ids in fit.items() if ids in may}


def require_permitted(actor: Actor, document: Mapping[str, Any]) -> None:
    """Raise EventUseDenied, and record it, unless the actor may see the event."""
    if not permitted(actor, {"": document}):
        record_denied_use(actor, subjects=named_in(document), purposes=sorted(bound_to(actor)))
        raise EventUseDenied


def without_refused(actor: Actor, document: Mapping[str, Any]) -> dict[str, Any]:
    """The event with a mark for each value that is limited to other purposes than the actor is bound to."""
    if not bound_to(actor):
        return dict(document)
    refused = use_by(actor).refused_keys(recorded_with_keys(_with_context(document)))
    return {
        field: _without(value, field, refused) if refused and field in _KEYED else value
        for field, value in document.items()
    }


def _without(value: Any, path: str, refused: Collection[str]) -> Any:
    if isinstance(value, list):
        return [_without(each, f"{path}[]", refused) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        key: MASK if path_within(path, key) in refused else _without(each, path_within(path, key), refused)
        for key, each in value.items()
    }


def ids_of(document: Mapping[str, Any]) -> EventIds:
    """The ids that an event carries, and its time, which decides whose they were."""
    at = document.get("timestamp")
    user, anonymous = (
        _text(document.get(log), document.get(protocol))
        for log, protocol in (("user_id", "userId"), ("anonymous_id", "anonymousId"))
    )
    return EventIds(user, anonymous, parse_time(at) if isinstance(at, str) else None)


def _text(*values: Any) -> str | None:
    return next((each for each in values if isinstance(each, str) and each), None)


def _with_context(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """What was rejected may have anything where a context belongs."""
    return document if isinstance(document.get("context"), dict) else {**document, "context": {}}
