"""What giving an identifier to another person would do: it is done, looked at, and undone (docs/adr/0088)."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q, Sum

from compliance.access import Actor
from compliance.audit import record_read
from profiles.domain.decisions import people
from profiles.domain.decisions.foreseeing import Part, ShownIdentifier, parts_of, shown
from profiles.domain.handovers.deciding import holder_on, rehearse
from profiles.domain.queries.masking import Mask
from profiles.domain.queries.overview import known_person
from profiles.domain.queries.shown import Person
from profiles.models import DailyCounter, Evidence, Handover, Identifier

MOST_LOOKED_AT = 1_000  # identifiers


@dataclass(frozen=True, slots=True)
class ForeseenHandover:
    """Who would have what, were the identifier another person's from the day on.

    `before` and `since` are how many events the two would have; `parts` are the people to be of all that is concerned.
    """

    person: Person
    identifier: ShownIdentifier
    day: date
    parts: list[Part]
    before: int
    since: int
    deferred: bool


def foresee_hand_over(
    actor: Actor, profile_id: UUID, identifier: int, day: date, *, now: datetime
) -> ForeseenHandover:
    """What `hand_over` would do, looked at from this person. Raises what it raises."""
    person = known_person(actor, profile_id)
    with transaction.atomic():
        former = holder_on(identifier, day)
        own = _around(former)
        given = rehearse(actor, identifier, day, now=now)
        row = Handover.objects.get(pk=given.id)
        own.add(row.holder_id)
        after = dict(people.holders(own))
        counts = [_events(after.get(each)) for each in (row.former_id, row.holder_id)]
        mask = Mask(actor)
        parts = parts_of(sorted(own), after, mask)
        told = shown(former, mask)
        transaction.set_rollback(True)
    record_read(actor, action="person.foresee", subjects=[person.id], categories=sorted(mask.seen))
    return ForeseenHandover(person, told, day, parts, counts[0], counts[1], given.decided.deferred)


def chosen_identifier(actor: Actor, profile_id: UUID, identifier: int) -> tuple[Person, ShownIdentifier]:
    """The person, and the identifier that is to be given away. Raises UnknownLink, Undecidable, AccessDenied."""
    person = known_person(actor, profile_id)
    mask = Mask(actor)
    told = shown(holder_on(identifier, date.max), mask)
    record_read(actor, action="person.foresee", subjects=[person.id], categories=sorted(mask.seen))
    return person, told


def _around(identifier: Identifier) -> set[int]:
    """The identifier, what it is linked with, and all that its person has."""
    links = Evidence.objects.filter(Q(a=identifier.pk) | Q(b=identifier.pk)).values_list("a_id", "b_id")
    found = {end for pair in links[:MOST_LOOKED_AT] for end in pair} | {identifier.pk}
    if identifier.profile_id is not None:
        theirs = Identifier.objects.filter(profile_id=identifier.profile_id).values_list("id", flat=True)
        found |= set(theirs[:MOST_LOOKED_AT])
    return found


def _events(row: int | None) -> int:
    if row is None:
        return 0
    return DailyCounter.objects.filter(anchor__profile_id=row).aggregate(all=Sum("count"))["all"] or 0
