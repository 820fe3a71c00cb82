"""The purpose that a source collects for, and what becomes of an event whose sender refuses it. Knows no Django."""

from typing import Any, NamedTuple

from compliance.consent import UNDERSTOOD, proof, stated_consents
from streaming.contracts.events import WireEvent

REFUSAL = "Consent Refused"  # the name of what is left of such an event
_KEPT = ("categoryPreferences", "version")  # of what an event says of consent


class CollectedFor(NamedTuple):
    """A purpose, and the names by which events speak of it."""

    key: str
    names: frozenset[str]

    def bind(self, event: WireEvent) -> None:
        """Say in the event what it is collected for: the profile builder, which knows people, decides whether it is taken.

        One that refuses the purpose itself is left with nothing but that it does: a withdrawal has to be heard.
        """
        event["collected_for"] = self.key
        stated = stated_consents(event)
        if any(not granted for name, granted in stated.items() if name in self.names):
            _leave_refusal(event, stated)


def _leave_refusal(event: WireEvent, stated: dict[str, bool]) -> None:
    """Nothing but what it says of consent, what proves it, and the version of the text."""
    consent, string = event["context"].get("consent"), proof(event)
    own = consent if isinstance(consent, dict) else {}
    kept: dict[str, Any] = {key: own[key] for key in _KEPT if key in own}
    if string:
        kept["tcString"] = string
    if stated_consents({"context": {"consent": kept}}) != stated:
        kept[UNDERSTOOD] = stated
    event["type"], event["event"] = "track", REFUSAL
    event["properties"], event["traits"], event["integrations"] = {}, {}, {}
    event["context"] = {"consent": kept}
    event["group_id"] = event["previous_id"] = None
    event["withheld"] = True
