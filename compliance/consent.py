"""For which purposes data may be used.

What an event says of purposes is recorded beside its facts in one short list:

- `only`, then keys: the event's `purposes` field limits its data to these purposes;
- `key`: its `context.consent.categoryPreferences` grant this purpose; `-key`: they refuse it;
- nothing: it says nothing. That is no consent, and no objection either.

A purpose that needs consent permits data only where it is granted. One that rests on another ground (a contract, a
legal duty) permits data unless it is refused, or limited to other purposes.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from compliance.actors import Actor
from compliance.models import Purpose
from streaming.prepared import run_prepared

ONLY = "only"
REFUSED = "-"
_PURPOSE = "SELECT key, needs_consent, aliases FROM compliance_purpose WHERE key = %s"
_NOT_KEY = re.compile(r"[^a-z0-9]+")


class UnknownPurpose(ValueError):
    """There is no purpose of this key."""


def recorded_purposes(event: Mapping[str, Any]) -> list[str]:
    """What the event says of purposes, as it is recorded; never fails, whatever a source sent."""
    limits = event.get("purposes")
    stated = stated_consents(event)
    if not limits and not stated:
        return []
    recorded: list[str] = []
    if isinstance(limits, list):
        recorded += [ONLY, *filter(None, map(_key, limits))] if limits else []
    recorded += [key if granted else REFUSED + key for key, granted in stated.items()]
    return list(dict.fromkeys(recorded))


def stated_consents(event: Mapping[str, Any]) -> dict[str, bool]:
    """Which purposes the event grants or refuses; never fails, whatever a source sent.

    Of names that mean the same purpose a refusal counts.
    """
    consent = (event.get("context") or {}).get("consent")
    preferences = consent.get("categoryPreferences") if isinstance(consent, dict) else None
    stated: dict[str, bool] = {}
    if isinstance(preferences, dict):
        for name, granted in preferences.items():
            if key := _key(name):
                stated[key] = granted is True and stated.get(key, True)
    return stated


def _key(name: Any) -> str:
    key = _NOT_KEY.sub("_", name.lower()).strip("_") if isinstance(name, str) else ""
    return "" if key == ONLY else key


@dataclass(frozen=True, slots=True)
class Use:
    """The use of data for one purpose. Ask it for every value: `permits(recorded)`."""

    key: str
    needs_consent: bool
    names: frozenset[str]

    def permits(self, recorded: Sequence[str]) -> bool:
        """Whether data with this record may be used."""
        if any(REFUSED + name in recorded for name in self.names):
            return False
        granted = any(name in recorded for name in self.names)
        return granted or not (self.needs_consent or ONLY in recorded)


class _AnyUse(Use):
    """Use that is bound to no purpose, such as a look at a person's page: the audit trail answers for it."""

    def permits(self, recorded: Sequence[str]) -> bool:
        del recorded
        return True


ANY_USE: Use = _AnyUse("", needs_consent=False, names=frozenset())


def use_for(purpose: str) -> Use:
    """The use of data for the purpose of this key. Raises UnknownPurpose."""
    rows = run_prepared(_PURPOSE, [purpose])  # asked with each request of a token that is bound to one
    if not rows:
        known = ", ".join(Purpose.objects.order_by("key").values_list("key", flat=True))
        raise UnknownPurpose(f"there is no purpose {purpose!r}: choose one of {known}")
    [(key, needs_consent, aliases)] = rows
    return Use(key, needs_consent, frozenset(filter(None, map(_key, [key, *aliases]))))


def use_by(actor: Actor) -> Use:
    """The use that this actor makes of data: for the purpose of the token, where it names one."""
    return use_for(actor.purpose) if actor.purpose else ANY_USE


def permits(purpose: str, recorded: Sequence[str]) -> bool:
    """Whether data with this record may be used for the purpose. For many values take `use_for` once."""
    return use_for(purpose).permits(recorded)


def permitted_keys(use: Use, provenance: Mapping[str, Mapping[str, Any]]) -> Iterable[str]:
    """The keys of traits, by their provenance, that may be used."""
    return (key for key, origin in provenance.items() if use.permits(origin.get("purposes") or ()))
