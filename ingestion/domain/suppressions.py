"""Whether an event must not be kept, because someone it names is suppressed."""

from compliance.suppression import Suppressions
from streaming.contracts.events import WireEvent

_CONTACTS = ("email", "phone")


def is_suppressed(
    event: WireEvent, suppressions: Suppressions, verdicts: dict[str, bool] | None = None
) -> bool:
    """Whether nothing of this event may be stored.

    An identifier of a device or an address stops only events that name no user: erasing one user of a shared
    tablet must not make the others vanish. `verdicts` spares hashing a user anew; it belongs to one snapshot.
    """
    user_id, previous_id = event["user_id"], event["previous_id"]
    if previous_id is not None and suppressions.is_suppressed("user_id", previous_id):
        return True
    if user_id is not None:
        return _verdict(user_id, suppressions, {} if verdicts is None else verdicts)
    anonymous_id = event["anonymous_id"]
    if anonymous_id is not None and suppressions.is_suppressed("anonymous_id", anonymous_id):
        return True
    return any(
        _has_suppressed_contact(traits, suppressions)
        for traits in (event["traits"], event["context"].get("traits"))
    )


def _verdict(user_id: str, suppressions: Suppressions, verdicts: dict[str, bool]) -> bool:
    verdict = verdicts.get(user_id)
    if verdict is None:
        verdict = verdicts[user_id] = suppressions.is_suppressed("user_id", user_id)
    return verdict


def _has_suppressed_contact(traits: object, suppressions: Suppressions) -> bool:
    if not isinstance(traits, dict):
        return False
    return any(
        isinstance(value := traits.get(namespace), str) and suppressions.is_suppressed(namespace, value)
        for namespace in _CONTACTS
    )
