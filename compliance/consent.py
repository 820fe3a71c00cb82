"""For which purposes data may be used.

What an event says of purposes is recorded beside its facts in one short list:

- `only`, then keys: the event's `purposes` field limits its data to these purposes;
- `key`: its consent signals (`compliance.signals`) grant this purpose; `-key`: they refuse it;
- `properties.total=key`: its `key_purposes` limit this property to these purposes, whatever else is granted (a trait is
  `traits.email`, what stands within another value `properties.items[].sku`); `=key`: the same of the fact that has the
  list, such as the value of one trait; `=` alone: of nothing that is common to all that it was made of;
- nothing: it says nothing. That is no consent, and no objection either.

A purpose that needs consent permits data only where it is granted: beside the data (`permits`), or by the person, which
`compliance.gate` asks at the moment of use (`use_by`). One that rests on another ground (a contract, a legal duty) permits
data unless it is refused, or limited to other purposes.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from compliance.actors import Actor
from compliance.key_paths import shared_path
from compliance.models import Purpose
from compliance.signals import SPOKEN_IN, Meanings, named_consents, proof_of, understood
from compliance.signals.keys import ONLY, key_of
from streaming.prepared import run_prepared

UNDERSTOOD = "understood"  # in `context.consent`: what the collector made of the signals
REFUSED = "-"
LIMIT = "="
MOST_VERSION = 40  # characters of the version of a text
_PURPOSES = "SELECT key, needs_consent, aliases FROM compliance_purpose WHERE key = ANY(%s)"


class UnknownPurpose(ValueError):
    """There is no purpose of this key."""


def recorded_purposes(event: Mapping[str, Any], stated: Mapping[str, bool] | None = None) -> list[str]:
    """What the event says of purposes, as it is recorded; never fails, whatever a source sent.

    `stated` are its `stated_consents`, for who has asked for them already.
    """
    limits = event.get("purposes")
    stated = stated_consents(event) if stated is None else stated
    if not limits and not stated:
        return []
    recorded: list[str] = []
    if isinstance(limits, list):
        recorded += [ONLY, *filter(None, map(key_of, limits))] if limits else []
    recorded += [key if granted else REFUSED + key for key, granted in stated.items()]
    return list(dict.fromkeys(recorded))


def stated_consents(event: Mapping[str, Any]) -> dict[str, bool]:
    """Which purposes the event grants or refuses; never fails, whatever a source sent.

    What the collector understood by the meanings that its source gives to names is all of it; without that each name
    stands for itself. Of names that mean the same purpose a refusal counts.
    """
    context, stated = event.get("context") or {}, dict[str, bool]()
    if SPOKEN_IN.isdisjoint(context):
        return stated
    consent = context.get("consent")
    told = consent.get(UNDERSTOOD) if isinstance(consent, dict) else None
    said = told.items() if isinstance(told, dict) else named_consents(context)
    for name, granted in said:
        if granted is not None and (key := key_of(name)):
            stated[key] = granted is True and stated.get(key, True)
    return stated


def with_understood(context: Mapping[str, Any], meanings: Meanings) -> dict[str, Any]:
    """The context with what its signals say of purposes by the meanings of its source, instead of what it claims to."""
    consent = context.get("consent")
    own = consent if isinstance(consent, dict) else {}
    stated = understood(context, meanings)
    if not stated and UNDERSTOOD not in own:
        return dict(context)
    return {**context, "consent": {**own, UNDERSTOOD: stated}}


def text_version(event: Mapping[str, Any]) -> str:
    """The version of the text that was shown when the event's consents were asked for, where the source tells it."""
    consent = (event.get("context") or {}).get("consent")
    version = consent.get("version") if isinstance(consent, dict) else None
    return version[:MOST_VERSION] if isinstance(version, str) else ""


def proof(event: Mapping[str, Any]) -> str:
    """What proves the event's consents beyond itself, such as a TC string as it came."""
    return proof_of(event.get("context") or {})


def recorded_with_keys(event: Mapping[str, Any], stated: Mapping[str, bool] | None = None) -> list[str]:
    """What `recorded_purposes` says, with what limits its single keys; never fails, whatever a source sent."""
    recorded = recorded_purposes(event, stated)
    limits = event.get("key_purposes")
    if isinstance(limits, dict):
        for path, purposes in limits.items():
            if isinstance(path, str) and isinstance(purposes, list):
                recorded += [f"{path}{LIMIT}{key}" for key in filter(None, map(key_of, purposes))]
    return recorded


def narrowed(recorded: Sequence[str], paths: Collection[str]) -> list[str]:
    """What is recorded of a fact that was made of these keys of an event, by what is recorded of the event.

    What limits a key limits the fact; of several limits only what they have in common is left. A limit of what stands
    within a key is one of the key.
    """
    if not any(LIMIT in each for each in recorded):
        return list(recorded)
    kept, limits = [], dict[str, set[str]]()
    for each in recorded:
        path, is_limit, purpose = each.rpartition(LIMIT)
        if not is_limit:
            kept.append(each)
        elif not path or any(_is_within(path, key) or _is_within(shared_path(path), key) for key in paths):
            limits.setdefault(path, set()).add(purpose)
    if limits:
        common = set.intersection(*limits.values())
        kept += [LIMIT + purpose for purpose in sorted(common)] or [LIMIT]
    return kept


def in_words(recorded: Sequence[str]) -> str:
    """What is recorded of a fact, for people to read: `only for service; not for marketing`; an empty text for nothing."""
    said = [each for each in recorded if LIMIT not in each and each != ONLY]
    granted = [each for each in said if not each.startswith(REFUSED)]
    refused = [each.removeprefix(REFUSED) for each in said if each.startswith(REFUSED)]
    limits = [each[1:] for each in recorded if each.startswith(LIMIT)]
    parts = [f"only for {', '.join(granted) or 'nothing'}"] if ONLY in recorded else []
    parts += [f"consented to {', '.join(granted)}"] if granted and ONLY not in recorded else []
    parts += [f"not for {', '.join(refused)}"] if refused else []
    parts += [f"limited by the catalogue to {', '.join(filter(None, limits)) or 'nothing'}"] if limits else []
    return "; ".join(parts)


def limits_of_keys(recorded: Sequence[str]) -> dict[str, list[str]]:
    """The purposes to which keys of an event are limited, by path, as `key_purposes` has them."""
    limits: dict[str, list[str]] = {}
    for each in recorded:
        path, _, purpose = each.rpartition(LIMIT)
        if path:
            limits.setdefault(path, []).append(purpose)
    return limits


def _is_within(path: str, key: str) -> bool:
    return path == key or (path.startswith(key) and path[len(key)] in ".[")


@dataclass(frozen=True, slots=True)
class Use:
    """The use of data for one purpose. Ask it for every value: `permits(recorded)`."""

    key: str
    needs_consent: bool
    names: frozenset[str]

    def permits(self, recorded: Sequence[str]) -> bool:
        """Whether data with this record may be used."""
        if any(REFUSED + name in recorded for name in self.names) or self._is_beyond(recorded):
            return False
        granted = any(name in recorded for name in self.names)
        return granted or not (self.needs_consent or ONLY in recorded)

    def refused_keys(self, recorded: Sequence[str]) -> frozenset[str]:
        """The paths of what may not be used of an event with this record that may be used as such."""
        limits = limits_of_keys(recorded)
        refused = [path for path, purposes in limits.items() if self.names.isdisjoint(purposes)]
        return frozenset((*refused, *map(shared_path, refused)))

    def _is_beyond(self, recorded: Sequence[str]) -> bool:
        """Whether the fact is limited to other purposes."""
        limits = {each[1:] for each in recorded if each.startswith(LIMIT)}
        return bool(limits) and self.names.isdisjoint(limits)


class _AnyUse(Use):
    """Use that is bound to no purpose, such as a look at a person's page: the audit trail answers for it."""

    def permits(self, recorded: Sequence[str]) -> bool:
        del recorded
        return True

    def refused_keys(self, recorded: Sequence[str]) -> frozenset[str]:
        del recorded
        return frozenset()


@dataclass(frozen=True, slots=True)
class _AnyOf(Use):
    """Use for any of these purposes, as that of staff whose roles are bound to them.

    The gate let the person through for one of them, and which is not known here. So a fact that says nothing of a purpose
    that needs consent is used only where its event refused none of them: the person may have consented to that one alone.
    """

    uses: tuple[Use, ...]

    def permits(self, recorded: Sequence[str]) -> bool:
        return any(use.permits(recorded) for use in self.uses) or self._is_open_to_all(recorded)

    def refused_keys(self, recorded: Sequence[str]) -> frozenset[str]:
        """The paths that none of those uses that the event as such is permitted for may have."""
        refused = [use.refused_keys(recorded) for use in self.uses if use.permits(recorded)]
        if refused:
            return frozenset.intersection(*refused)
        return frozenset().union(*(use.refused_keys(recorded) for use in self.uses))

    def _is_open_to_all(self, recorded: Sequence[str]) -> bool:
        return bool(self.uses) and all(_after_the_gate(use).permits(recorded) for use in self.uses)


ANY_USE: Use = _AnyUse("", needs_consent=False, names=frozenset())


def use_for(purpose: str) -> Use:
    """The use of data for the purpose of this key. Raises UnknownPurpose."""
    rows = run_prepared(_PURPOSES, [[purpose]])
    if not rows:
        known = ", ".join(Purpose.objects.order_by("key").values_list("key", flat=True))
        raise UnknownPurpose(f"there is no purpose {purpose!r}: choose one of {known}")
    return _use(rows[0])


def names_of(key: str, aliases: Sequence[str]) -> frozenset[str]:
    """The names by which events may speak of a purpose, as they are recorded."""
    return frozenset(filter(None, map(key_of, [key, *aliases])))


@dataclass(frozen=True, slots=True)
class KnownPurpose:
    """A purpose of the installation; `names` are those by which events may speak of it, as they are recorded."""

    key: str
    name: str
    needs_consent: bool
    names: frozenset[str]


def known_purposes() -> list[KnownPurpose]:
    """All purposes of the installation, by key."""
    return [
        KnownPurpose(each.key, each.name, each.needs_consent, names_of(each.key, each.aliases))
        for each in Purpose.objects.order_by("key")
    ]


def use_by(actor: Actor) -> Use:
    """The use that this actor makes of data: for the purpose of the token, or for any of those of their roles.

    Whether the person consented is for the gate to say, who is asked before: a fact needs no record of it, but must not
    be refused or limited to other purposes. Of purposes that there are not nothing is permitted.
    """
    keys = sorted(actor.purposes) or [actor.purpose] * bool(actor.purpose)
    if not keys:
        return ANY_USE
    return use_for_any(map(_use, run_prepared(_PURPOSES, [keys])))


def use_for_any(known: Iterable[Use]) -> Use:
    """The use for any of these purposes, behind the gate: whether people consented was asked there; of none, for nothing."""
    uses = tuple(known)
    if len(uses) == 1:
        return _after_the_gate(uses[0])
    return _AnyOf("", needs_consent=False, names=frozenset(), uses=uses)


def _use(row: tuple[Any, ...]) -> Use:
    key, needs_consent, known_as = row
    return Use(key, needs_consent, names_of(key, known_as))


def _after_the_gate(use: Use) -> Use:
    return replace(use, needs_consent=False)


def permits(purpose: str, recorded: Sequence[str]) -> bool:
    """Whether data with this record may be used for the purpose. For many values take `use_for` once."""
    return use_for(purpose).permits(recorded)
