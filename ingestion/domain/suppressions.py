"""Whether what arrives must not be kept, because someone it names is suppressed."""

from collections.abc import Collection, Iterator
from enum import Enum, auto
from typing import Any

from compliance.suppression import ANONYMOUS, USER, Suppressions
from ingestion.domain.events import Envelope
from streaming.contracts.events import WireEvent


class Verdict(Enum):
    """What a user id means for the event that carries it."""

    SUPPRESSED = auto()
    SOMEBODY = auto()
    NOBODY = auto()
    """There is none, or a value that sources send when they know nobody."""


def is_suppressed(
    event: WireEvent, suppressions: Suppressions, verdicts: dict[str, Verdict] | None = None
) -> bool:
    """Whether nothing of this event may be stored; the profile builder would refuse it for the same reasons.

    A suppressed person stops an event, wherever a namespace says that its identifiers stand. A suppressed device,
    household or group stops only events without a usable user id: erasing one user of a shared tablet must not make
    the others vanish. `verdicts` spares hashing a user anew; it belongs to one snapshot.
    """
    has_user = False
    for namespace, value in suppressions.sought_persons.values(event):
        if namespace == USER and verdicts is not None:
            verdict = _verdict(value, suppressions, verdicts)
            if verdict is Verdict.SUPPRESSED:
                return True
            has_user = has_user or verdict is Verdict.SOMEBODY
        elif suppressions.is_suppressed(namespace, value):
            return True
    previous_id = event["previous_id"]
    if previous_id is not None and suppressions.is_suppressed(USER, previous_id):
        return True
    if has_user or not _names_other(event, suppressions):
        return False
    return verdicts is not None or not _has_user(event, suppressions)


def may_be_suppressed(events: Collection[WireEvent], suppressions: Suppressions) -> bool:
    """Whether `is_suppressed` has to be asked of each; False says that none of these events is suppressed."""
    persons, others = suppressions.sought_persons, suppressions.sought_others
    previous = {previous_id for event in events if (previous_id := event["previous_id"]) is not None}
    named = [
        *persons.named_in(events).items(),
        *(others.named_in(events).items() if others else ()),
        (USER, previous),
        (ANONYMOUS, previous),
    ]
    return any(suppressions.has_any_of(namespace, values) for namespace, values in named)


def _names_other(event: WireEvent, suppressions: Suppressions) -> bool:
    """Whether the event names a device, household or group that is suppressed."""
    others, previous_id = suppressions.sought_others, event["previous_id"]
    if others and any(suppressions.is_suppressed(*each) for each in others.values(event)):
        return True
    return previous_id is not None and suppressions.is_suppressed(ANONYMOUS, previous_id)


def _has_user(event: WireEvent, suppressions: Suppressions) -> bool:
    """Whether a user id of the event means somebody; none of them is suppressed."""
    found = suppressions.sought_persons.values(event)
    return any(namespace == USER and suppressions.identifies(USER, value) for namespace, value in found)


def _verdict(user_id: str, suppressions: Suppressions, verdicts: dict[str, Verdict]) -> Verdict:
    verdict = verdicts.get(user_id)
    if verdict is None:
        verdict = verdicts[user_id] = _judged(user_id, suppressions)
    return verdict


def _judged(user_id: str, suppressions: Suppressions) -> Verdict:
    if suppressions.is_suppressed(USER, user_id):
        return Verdict.SUPPRESSED
    return Verdict.SOMEBODY if suppressions.identifies(USER, user_id) else Verdict.NOBODY


def may_name_suppressed(item: object, envelope: Envelope, suppressions: Suppressions) -> bool:
    """Whether a rejected item must not be kept as it was received.

    Any suppressed identifier in it counts, a device's too: what was broken tells nobody whose it is. So does a
    place for identifiers that cannot be looked through.
    """
    if not isinstance(item, dict) or not isinstance(item.get("context") or {}, dict):
        return True
    return any(
        _is_opaque(event, suppressions)
        or any(suppressions.is_suppressed(*each) for each in _named(event, suppressions))
        for event in _as_events(item, envelope)
    )


_IDS = {
    "userId": "user_id",
    "anonymousId": "anonymous_id",
    "groupId": "group_id",
    "previousId": "previous_id",
}


def _as_events(item: dict[str, Any], envelope: Envelope) -> Iterator[dict[str, Any]]:
    """The item in the form of an event, and what its request says of all items in the same form."""
    ids = {ours: item.get(theirs) for theirs, ours in _IDS.items()}
    # Of no type: the traits of a group call count too.
    yield {**item, **ids, "context": item.get("context") or {}, "type": None}
    yield {"anonymous_id": envelope.anonymous_id, "context": envelope.context or {}, "type": None}


def _is_opaque(event: dict[str, Any], suppressions: Suppressions) -> bool:
    previous_id = event.get("previous_id")
    return (
        suppressions.persons.is_opaque(event)
        or suppressions.others.is_opaque(event)
        or (isinstance(previous_id, dict | list) and bool(previous_id))
    )


def _named(event: dict[str, Any], suppressions: Suppressions) -> Iterator[tuple[str, str]]:
    yield from suppressions.persons.values(event)
    yield from suppressions.others.values(event)
    previous_id = event.get("previous_id")
    if isinstance(previous_id, str | int) and not isinstance(previous_id, bool):
        yield USER, str(previous_id)
        yield ANONYMOUS, str(previous_id)
