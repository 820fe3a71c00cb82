"""Whether what arrives must not be kept, because someone it names is suppressed."""

from collections.abc import Iterator
from enum import Enum, auto
from typing import Any

from compliance.suppression import Suppressions
from ingestion.domain.events import Envelope
from streaming.contracts.events import WireEvent

_CONTACTS = ("email", "phone")


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

    A suppressed person stops an event, by user id or contact. A suppressed device stops only events without a
    usable user id: erasing one user of a shared tablet must not make the others vanish. `verdicts` spares hashing
    a user anew; it belongs to one snapshot.
    """
    user_id, previous_id = event["user_id"], event["previous_id"]
    verdict = Verdict.NOBODY
    if user_id is not None:
        known = None if verdicts is None else verdicts.get(user_id)
        verdict = known or _verdict(user_id, suppressions, {} if verdicts is None else verdicts)
        if verdict is Verdict.SUPPRESSED:
            return True
    if previous_id is not None and suppressions.is_suppressed("user_id", previous_id):
        return True
    if (event["traits"] or "traits" in event["context"]) and _has_suppressed_contact(event, suppressions):
        return True
    return verdict is Verdict.NOBODY and any(
        device is not None and suppressions.is_suppressed("anonymous_id", device)
        for device in (event["anonymous_id"], previous_id)
    )


def _verdict(user_id: str, suppressions: Suppressions, verdicts: dict[str, Verdict]) -> Verdict:
    verdict = verdicts[user_id] = _judged(user_id, suppressions)
    return verdict


def _judged(user_id: str, suppressions: Suppressions) -> Verdict:
    if suppressions.is_suppressed("user_id", user_id):
        return Verdict.SUPPRESSED
    return Verdict.SOMEBODY if suppressions.identifies("user_id", user_id) else Verdict.NOBODY


def _has_suppressed_contact(event: WireEvent, suppressions: Suppressions) -> bool:
    """The traits of a group call are not the person's."""
    own = None if event["type"] == "group" else event["traits"]
    for traits in (own, event["context"].get("traits")):
        if traits and isinstance(traits, dict):
            for namespace in _CONTACTS:
                value = traits.get(namespace)
                if _is_text(value) and suppressions.is_suppressed(namespace, str(value)):
                    return True
    return False


def may_name_suppressed(item: object, envelope: Envelope, suppressions: Suppressions) -> bool:
    """Whether a rejected item must not be kept as it was received.

    Any suppressed identifier in it counts, a device's too: what was broken tells nobody whose it is. So does a
    place for identifiers that cannot be looked through.
    """
    if not isinstance(item, dict) or not isinstance(context := item.get("context") or {}, dict):
        return True
    return any(
        str(value) != "" and suppressions.is_suppressed(namespace, str(value))
        if _is_text(value)
        else isinstance(value, dict | list) and bool(value)
        for namespace, value in _named(item, context, envelope)
    )


def _named(item: dict[str, Any], context: dict[str, Any], envelope: Envelope) -> Iterator[tuple[str, object]]:
    yield "user_id", item.get("userId")
    yield "anonymous_id", item.get("anonymousId")
    yield "anonymous_id", envelope.anonymous_id
    for namespace in ("user_id", "anonymous_id"):
        yield namespace, item.get("previousId")
    for traits in (item.get("traits"), context.get("traits"), (envelope.context or {}).get("traits")):
        for namespace in _CONTACTS:
            yield namespace, traits.get(namespace) if isinstance(traits, dict) else traits and [traits]


def _is_text(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)
