"""What people declare otherwise than by events: consent and its withdrawal, objection, restriction. Kept at once.

A declaration is kept with each anchor that the person has, so that it stays with what it was said of, and the gate
(`compliance.gate`) knows it from the same moment on. docs/adr/0125-declarations-are-rows.md says why it is no event. What
somebody declares whom nobody knows yet is one (`profiles.domain.declaring_first`).
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from compliance.access import AccessDenied, Actor, category_of_namespace, masked, require
from compliance.audit import record_change, record_denial
from compliance.consent import names_of
from compliance.enums import ActorKind, Category, Operation
from compliance.gate import EVERYTHING
from compliance.sources import sees_all_sources
from profiles.domain.declarable import Declared, check, check_taken_back
from profiles.domain.declaring_first import First, nameable, send, suppressed_among
from profiles.domain.namespaces import WrittenIdentifier, read_identifier
from profiles.domain.queries.of_sources import known_to
from profiles.domain.queries.permission import known_holder
from profiles.enums import DeclarationKind, DeclarationOrigin
from streaming.database import fetch

MOST = 500  # at once

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


class _Person(NamedTuple):
    row: int
    id: UUID


def declare(actor: Actor, profile_id: UUID, declared: Declared, *, now: datetime) -> None:
    """Keep it of whoever holds this id. Raises UnusableDeclaration, UnknownPerson, Gone, AccessDenied."""
    require(actor, Operation.CONSENTS_MANAGE)
    rules = check([declared], now)
    held = known_holder(actor, profile_id)
    check_taken_back([(held.row, declared)], [], rules)
    _keep(actor, [(_Person(held.row, held.id), declared)], now)


class Outcome(StrEnum):
    """What became of one that was sent.

    It counts by now; or it goes through the log, and counts with the person whom it makes known; or nothing is kept of it:
    they are suppressed, or nobody becomes known by the identifier.
    """

    COUNTS = "counts"
    ON_ITS_WAY = "on_its_way"
    SUPPRESSED = "suppressed"
    UNKNOWN = "unknown"

    @property
    def is_kept(self) -> bool:
        """Whether anything is kept."""
        return self in {Outcome.COUNTS, Outcome.ON_ITS_WAY}


def declare_all(actor: Actor, declared: Sequence[tuple[str, Declared]], *, now: datetime) -> list[Outcome]:
    """Keep each of those who have the identifier (`namespace:value`) beside it, known or not; what became of each.

    All of them or none. The answer tells that somebody has an identifier: those of a category that is not clear to the
    actor are refused, and who sees some sources only reaches people whom these know. Raises UnusableDeclaration,
    UnreadableIdentifier, AccessDenied, LogUnavailable.
    """
    require(actor, Operation.CONSENTS_MANAGE)
    rules = check([each for _, each in declared], now)
    written = [read_identifier(identifier) for identifier, _ in declared]
    _require_sight(actor, {each.namespace for each in written})
    people = _people(written)
    may = known_to(actor, {each.row for each in people.values()})
    found = {place: each for place, each in people.items() if each.row in may}
    outcomes = _outcomes(actor, written, found)
    known = [(found[place], each) for place, (_, each) in enumerate(declared) if place in found]
    first = [
        (written[place], each)
        for place, (_, each) in enumerate(declared)
        if outcomes[place] is Outcome.ON_ITS_WAY
    ]
    check_taken_back(
        [(person.row, each) for person, each in known],
        [each for place, (_, each) in enumerate(declared) if place not in found],
        rules,
    )
    with transaction.atomic():
        if known:
            _keep(actor, known, now)
        if first:
            _send(actor, first, now)
    return outcomes


def _outcomes(actor: Actor, written: Sequence[WrittenIdentifier], found: Collection[int]) -> list[Outcome]:
    """What becomes of each. Of others' people a reader of some sources learns nothing, so they make nobody known either."""
    new = [each for place, each in enumerate(written) if place not in found]
    may_make = nameable(new) if new and sees_all_sources(actor) else set()
    suppressed = suppressed_among(new) if new else set()

    def outcome(place: int, each: WrittenIdentifier) -> Outcome:
        if place in found:
            return Outcome.COUNTS
        if each in suppressed and sees_all_sources(actor):
            return Outcome.SUPPRESSED
        return Outcome.ON_ITS_WAY if each in may_make else Outcome.UNKNOWN

    return [outcome(place, each) for place, each in enumerate(written)]


def _send(actor: Actor, declared: Sequence[tuple[WrittenIdentifier, Declared]], now: datetime) -> None:
    """Through the log, within the transaction of the others, so that an unusable log keeps nothing at all."""
    _record(actor, [(f"{who.namespace}:{who.value}", each) for who, each in declared])
    said = [
        (
            who,
            First(
                act=str(each.act), kind=each.kind.value, purpose=each.purpose, name=_name(each), holds=each.holds,
                text_version=each.text_version, reason=each.reason, proof=each.proof, said_at=each.said_at,
            ),
        )
        for who, each in declared
    ]  # fmt: skip
    send(said, by=actor.name, now=now)


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


def _keep(
    actor: Actor,
    declared: Sequence[tuple[_Person, Declared]],
    now: datetime,
) -> None:
    is_staff = actor.kind is ActorKind.STAFF
    given: dict[str, Any] = _columns(declared) | {
        "origin": DeclarationOrigin.STAFF if is_staff else DeclarationOrigin.API,
        "by": actor.name,
        "now": now,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_DECLARE, given)
        cursor.execute(_CONSENT, given)
        _record(actor, [(person.id, each) for person, each in declared])


def _name(declared: Declared) -> str:
    """The name by which it stands among what events say of purposes."""
    return "".join(names_of(declared.purpose, ())) if declared.purpose else ""


def _columns(declared: Sequence[tuple[_Person, Declared]]) -> dict[str, list[Any]]:
    said = [each for _, each in declared]
    return {
        "acts": [each.act for each in said],
        "rows": [person.row for person, _ in declared],
        "kinds": [each.kind.value for each in said],
        "purposes": [each.purpose for each in said],
        "names": [_name(each) for each in said],
        "holds": [each.holds for each in said],
        "versions": [each.text_version for each in said],
        "reasons": [each.reason for each in said],
        "proofs": [each.proof for each in said],
        "said": [each.said_at for each in said],
    }


def _record(actor: Actor, declared: Sequence[tuple[UUID | str, Declared]]) -> None:
    """One row of the trail for what was said of the same purpose; of whom nobody knows yet, under the identifier."""
    subjects: dict[tuple[str, str], set[UUID | str]] = defaultdict(set)
    for person, each in declared:
        subjects[_ACTIONS[each.kind, each.holds], each.purpose].add(person)
    for (action, purpose), people in sorted(subjects.items(), key=lambda item: item[0]):
        target = f"purpose:{purpose}" if purpose != EVERYTHING else "every purpose"
        record_change(
            actor, action=action, target=target, subjects=people, categories=[Category.BEHAVIOUR],
            detail={"people": len(people)},
        )  # fmt: skip
