"""The gate: whether the data of people may be used for a purpose at this moment.

What is recorded beside a fact (`compliance.consent`) says what it was collected for. The gate says whether the person may
be used at all: what they granted, refused and objected to by now, and whether processing is restricted. Both must permit
a use. What is unknown is denied: the purpose, the person, and a consent that a purpose needs.

may_use("marketing", [profile_id])         # the ids that may be used: one statement, however many are asked
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from compliance.actors import Actor
from compliance.consent import names_of
from compliance.enums import ActorKind, LegalBasis
from streaming.prepared import run_prepared

EVERYTHING = ""  # an objection to this is one to each purpose that can be objected to
_PURPOSES = """
SELECT key, needs_consent, legal_basis, objection_is_absolute, aliases FROM compliance_purpose WHERE key = ANY(%s)
"""


Run = Callable[[str, list[Any]], list[tuple[Any, ...]]]


class Said(NamedTuple):
    """What holds of a person by now, each a set of keys of purposes."""

    granted: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    objected: frozenset[str] = frozenset()
    restricted: bool = False


NOTHING_SAID = Said()


class PurposeRule(NamedTuple):
    """What the gate knows of a purpose; `names` are those by which events speak of it."""

    key: str
    needs_consent: bool
    can_be_objected_to: bool
    names: frozenset[str]
    basis: LegalBasis
    objection_is_absolute: bool

    @property
    def takes_objections(self) -> bool:
        """Whether people may declare an objection to it; to what rests on consent alone they withdraw that."""
        return self.objection_is_absolute or self.basis.rests_on_interests

    @property
    def takes(self) -> str:
        """What people may declare of it, in words that go on from its name; restriction is open to everybody."""
        ground = f"rests on {self.basis.ground}"
        if self.needs_consent:
            objects = " People may also object to it." if self.objection_is_absolute else ""
            return f"{ground}: people give it and withdraw it.{objects}"
        if self.takes_objections:
            return f"{ground}: nobody is asked for consent, and people may object."
        return f"{ground}: nobody is asked for consent, and there is no right to object (GDPR Art. 21(1))."

    def permits(self, said: Said) -> bool:
        """Whether a person of whom this holds may be used. A restriction leaves nothing but storing (Art. 18(2))."""
        if said.restricted or self.key in said.refused:
            return False
        if self.can_be_objected_to and not said.objected.isdisjoint({self.key, EVERYTHING}):
            return False
        return not self.needs_consent or self.key in said.granted


def purpose_rules(keys: Collection[str], *, run: Run = run_prepared) -> list[PurposeRule]:
    """The rules of those of these purposes that exist; `run` is for callers with a session of their own."""
    return [_rule(row) for row in run(_PURPOSES, [sorted(keys)])] if keys else []


def _rule(row: tuple[Any, ...]) -> PurposeRule:
    key, needs_consent, basis, is_absolute, aliases = row
    stored = LegalBasis.stored(basis, needs_consent=needs_consent)
    names = names_of(key, aliases)
    return PurposeRule(
        key, needs_consent, is_absolute or stored.can_be_objected_to, names, stored, is_absolute
    )


class Gate(NamedTuple):
    """What one actor is let through for: any of the purposes they are bound to.

    Staff and processes that are bound to none pass, and the audit trail answers for them: somebody has to be able to
    look at a person whose data are restricted. A token that is bound to none passes but for a restriction.
    """

    rules: tuple[PurposeRule, ...]
    is_bound: bool
    minds_restriction: bool

    @property
    def is_open(self) -> bool:
        """Whether it lets everybody through, so that nothing has to be asked."""
        return not self.is_bound and not self.minds_restriction

    def lets(self, said: Said) -> bool:
        """Whether the actor may use a person of whom this holds."""
        if self.is_bound:
            return any(rule.permits(said) for rule in self.rules)
        return not (self.minds_restriction and said.restricted)


def gate_of(actor: Actor) -> Gate:
    """The gate that this actor stands before."""
    bound = bound_to(actor)
    return Gate(tuple(purpose_rules(bound)), bool(bound), actor.kind is ActorKind.TOKEN)


def bound_to(actor: Actor) -> frozenset[str]:
    """The purposes that this actor may use data for; empty: they are bound to none."""
    return frozenset({actor.purpose}) if actor.purpose else actor.purposes


People = Callable[[Collection[UUID], Sequence[PurposeRule]], Mapping[UUID, Said]]
_people: list[People] = []


def register_people(read: People) -> None:
    """Say what holds of people of these purposes, by any id of those that exist (the app that keeps people does).

    Until it is connected nobody may be used.
    """
    _people[:] = [read]


def may_use(purpose: str, people: Collection[UUID]) -> frozenset[UUID]:
    """Those of these people (ids of profiles) that may be used for the purpose now; nobody where there is no such purpose."""
    rules = purpose_rules({purpose})
    if not rules or not _people or not people:
        return frozenset()
    said = _people[0](people, rules)
    return frozenset(each for each in people if each in said and rules[0].permits(said[each]))
