"""What people declare otherwise than by events: consent and its withdrawal, objection, restriction. Kept at once.

A declaration is kept with each anchor that the person has, so that it stays with what it was said of, and the gate
(`compliance.gate`) knows it from the same moment on. docs/adr/0125-declarations-are-rows.md says why it is no event.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.db import connection, transaction

from compliance.access import AccessDenied, Actor, category_of_namespace, masked, require
from compliance.audit import record_change, record_denial
from compliance.consent import names_of
from compliance.domain.purposes import versions_of
from compliance.enums import ActorKind, Category, Operation
from compliance.gate import EVERYTHING, PurposeRule, purpose_rules
from profiles.domain.namespaces import WrittenIdentifier, read_identifier
from profiles.domain.queries.of_sources import known_to
from profiles.domain.queries.permission import known_holder
from profiles.domain.queries.statements import fetch
from profiles.enums import DeclarationKind, DeclarationOrigin

MOST = 500  # at once
MOST_PROOF = 2000  # characters
MOST_REASON = 200
MOST_VERSION = 40
_AHEAD = timedelta(minutes=5)  # by which the clock of a sender may be ahead

_WHO = """
SELECT k.place, p.id, p.public_id
FROM unnest(%s::int[], %s::text[], %s::text[]) AS k(place, namespace, value)
JOIN profiles_namespace n ON n.key = k.namespace
JOIN profiles_identifier i ON i.namespace_id = n.id AND i.value = coalesce((
    SELECT h.label FROM profiles_handover h WHERE h.namespace_id = n.id AND h.value = k.value
        AND h.taken_back_at IS NULL AND h.day <= (now() AT TIME ZONE 'UTC')::date ORDER BY h.day DESC LIMIT 1
), k.value)
JOIN profiles_profile p ON p.id = i.profile_id
"""
_GIVEN = """
unnest(%(acts)s::uuid[], %(rows)s::bigint[], %(kinds)s::text[], %(purposes)s::text[], %(names)s::text[],
    %(holds)s::boolean[], %(versions)s::text[], %(reasons)s::text[], %(proofs)s::text[], %(said)s::timestamptz[])
    WITH ORDINALITY AS k(act, row, kind, purpose, name, holds, version, reason, proof, said_at, place)
JOIN profiles_anchor a ON a.profile_id = k.row
"""
_DECLARE = f"""
INSERT INTO profiles_declaration
    (act, anchor_id, kind, purpose, holds, origin, by, text_version, reason, proof, said_at, received_at)
SELECT k.act, a.id, k.kind, k.purpose, k.holds, %(origin)s, %(by)s, k.version, k.reason, k.proof, k.said_at, %(now)s
FROM {_GIVEN} ORDER BY k.place, a.id
"""
# Of what was said at the same moment a refusal counts.
_CONSENT = f"""
INSERT INTO profiles_consent AS c (anchor_id, purpose, source_id, import_id, granted, timestamp, message_id)
SELECT DISTINCT ON (a.id, k.name) a.id, k.name, 0, 0, k.holds, k.said_at, k.act::text
FROM {_GIVEN} WHERE k.kind = 'consent' ORDER BY a.id, k.name, k.said_at DESC, k.holds
ON CONFLICT (anchor_id, purpose, source_id, import_id) DO UPDATE SET
    granted = excluded.granted, timestamp = excluded.timestamp, message_id = excluded.message_id
WHERE c.timestamp < excluded.timestamp OR (c.timestamp = excluded.timestamp AND c.granted AND NOT excluded.granted)
"""
_ACTIONS = {
    (DeclarationKind.CONSENT, True): "consent.give",
    (DeclarationKind.CONSENT, False): "consent.withdraw",
    (DeclarationKind.OBJECTION, True): "objection.make",
    (DeclarationKind.OBJECTION, False): "objection.lift",
    (DeclarationKind.RESTRICTION, True): "restriction.set",
    (DeclarationKind.RESTRICTION, False): "restriction.lift",
}


class UnusableDeclaration(ValueError):
    """It cannot be kept; the message says why, and repeats nothing of the person."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What somebody declares. `holds` is False for a consent that is refused or withdrawn, and for what is lifted."""

    kind: DeclarationKind
    purpose: str
    holds: bool
    said_at: datetime
    text_version: str = ""
    reason: str = ""
    proof: str = ""
    act: UUID = field(default_factory=uuid4)


class _Person(NamedTuple):
    row: int
    id: UUID


def declare(actor: Actor, profile_id: UUID, declared: Declared, *, now: datetime) -> None:
    """Keep it of whoever holds this id. Raises UnusableDeclaration, UnknownPerson, Gone, AccessDenied."""
    require(actor, Operation.CONSENTS_MANAGE)
    checked = _checked([declared], now)
    held = known_holder(actor, profile_id)
    _keep(actor, [(_Person(held.row, held.id), declared)], checked, now)


def declare_all(actor: Actor, declared: Sequence[tuple[str, Declared]], *, now: datetime) -> list[bool]:
    """Keep each of those who have the identifier (`namespace:value`) beside it; whether there is such a person.

    All of them or none. The answer tells that somebody has an identifier: those of a category that is not clear to the
    actor are refused. Raises UnusableDeclaration, UnreadableIdentifier, AccessDenied.
    """
    require(actor, Operation.CONSENTS_MANAGE)
    checked = _checked([each for _, each in declared], now)
    written = [read_identifier(identifier) for identifier, _ in declared]
    _require_sight(actor, {each.namespace for each in written})
    people = _people(written)
    may = known_to(actor, {each.row for each in people.values()})
    found = {place: each for place, each in people.items() if each.row in may}
    known = [(found[place], each) for place, (_, each) in enumerate(declared) if place in found]
    if known:
        _keep(actor, known, checked, now)
    return [place in found for place in range(len(declared))]


def _require_sight(actor: Actor, namespaces: Collection[str]) -> None:
    """Raise AccessDenied, which is audited, if identifiers of one of these namespaces are not clear to the actor."""
    closed = {each: category_of_namespace(each) for each in sorted(namespaces)}
    closed = {each: category for each, category in closed.items() if masked(actor, category)}
    if closed:
        record_denial(actor, operation=Operation.CONSENTS_MANAGE, categories=sorted(set(closed.values())))
        raise AccessDenied(
            f"{actor.name} may not see identifiers of {', '.join(closed)}, so nothing was recorded: the answer would tell "
            "who has them. Send identifiers that they may see, or ask an administrator to show them the "
            f"category {', '.join(sorted(set(closed.values())))}"
        )


def _people(written: Sequence[WrittenIdentifier]) -> dict[int, _Person]:
    """Who has these identifiers, by their place in the list."""
    places = list(range(len(written)))
    rows = fetch(_WHO, [places, [each.namespace for each in written], [each.value for each in written]])
    return {place: _Person(row, public_id) for place, row, public_id in rows}


def _checked(declared: Collection[Declared], now: datetime) -> Mapping[str, PurposeRule]:
    """The rules of the purposes. Raises UnusableDeclaration."""
    rules = {rule.key: rule for rule in purpose_rules({each.purpose for each in declared})}
    versions = versions_of({each.purpose for each in declared if each.text_version})
    for each in declared:
        _check_purpose(each, rules)
        if each.said_at > now + _AHEAD:
            raise UnusableDeclaration("said_at lies in the future: send when the person said it.")
        known = versions.get(each.purpose)
        if each.text_version and known and each.text_version not in known:
            raise UnusableDeclaration(
                f"the purpose {each.purpose!r} has no text of this version: it has {', '.join(sorted(known))}"
            )
    return rules


def _check_purpose(declared: Declared, rules: Mapping[str, PurposeRule]) -> None:
    rule = rules.get(declared.purpose)
    if declared.kind is DeclarationKind.RESTRICTION:
        if declared.purpose:
            raise UnusableDeclaration("a restriction is of all purposes: leave the purpose out")
    elif rule is None and (declared.purpose or declared.kind is DeclarationKind.CONSENT):
        raise UnusableDeclaration("there is no such purpose: GET purposes/ lists them")
    elif declared.kind is DeclarationKind.OBJECTION and rule is not None and not rule.can_be_objected_to:
        raise UnusableDeclaration(
            f"the purpose {rule.key!r} rests on a ground that nobody can object to (GDPR Art. 21(1))"
        )


def _keep(
    actor: Actor,
    declared: Sequence[tuple[_Person, Declared]],
    rules: Mapping[str, PurposeRule],
    now: datetime,
) -> None:
    is_staff = actor.kind is ActorKind.STAFF
    given: dict[str, Any] = _columns(declared, rules) | {
        "origin": DeclarationOrigin.STAFF if is_staff else DeclarationOrigin.API,
        "by": actor.name,
        "now": now,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_DECLARE, given)
        cursor.execute(_CONSENT, given)
        _record(actor, declared)


def _columns(
    declared: Sequence[tuple[_Person, Declared]], rules: Mapping[str, PurposeRule]
) -> dict[str, list[Any]]:
    said = [each for _, each in declared]
    return {
        "acts": [each.act for each in said],
        "rows": [person.row for person, _ in declared],
        "kinds": [each.kind.value for each in said],
        "purposes": [each.purpose for each in said],
        "names": ["".join(names_of(each.purpose, ())) if each.purpose in rules else "" for each in said],
        "holds": [each.holds for each in said],
        "versions": [each.text_version for each in said],
        "reasons": [each.reason for each in said],
        "proofs": [each.proof for each in said],
        "said": [each.said_at for each in said],
    }


def _record(actor: Actor, declared: Sequence[tuple[_Person, Declared]]) -> None:
    """One row of the trail for what was said of the same purpose."""
    subjects: dict[tuple[str, str], set[UUID]] = defaultdict(set)
    for person, each in declared:
        subjects[_ACTIONS[each.kind, each.holds], each.purpose].add(person.id)
    for (action, purpose), people in sorted(subjects.items()):
        target = f"purpose:{purpose}" if purpose != EVERYTHING else "every purpose"
        record_change(
            actor, action=action, target=target, subjects=people, categories=[Category.BEHAVIOUR],
            detail={"people": len(people)},
        )  # fmt: skip
