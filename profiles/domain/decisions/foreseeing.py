"""What a decision would do: it is done, looked at, and undone, so that the answer is what would happen."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from compliance.access import Actor, category_of_namespace, require
from compliance.audit import record_read
from compliance.enums import Operation
from profiles.domain.decisions import evidence, people
from profiles.domain.decisions.outcome import Decided
from profiles.domain.decisions.reviewing import decide
from profiles.domain.decisions.splitting import split_off, splittable
from profiles.domain.decisions.unmerging import withdraw, withdrawable
from profiles.domain.namespaces import rules
from profiles.domain.queries.links import Link, links_named
from profiles.domain.queries.masking import Mask, as_people_write
from profiles.domain.queries.overview import known_person
from profiles.domain.queries.shown import Person
from profiles.enums import ReviewDecision
from profiles.models import Identifier

SHOWN = 20  # identifiers of each person to be


@dataclass(frozen=True, slots=True)
class ShownIdentifier:
    """An identifier of a person to be, as people write it; `written` is None when it is masked."""

    name: str
    namespace: str
    written: str | None


@dataclass(frozen=True, slots=True)
class Part:
    """One person to be: the strongest identifiers, of `count`. `is_nobody` where these join nobody any more."""

    identifiers: list[ShownIdentifier]
    count: int
    is_nobody: bool


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What would become of a person without `links`, or without `identifier` as one of theirs.

    `because` are the links that would still hold the ends together. Where it is `deferred`, nothing else is known.
    """

    person: Person
    links: list[Link]
    identifier: ShownIdentifier | None
    parts: list[Part]
    still_one: bool
    because: list[Link]
    deferred: bool


def foresee_withdrawal(actor: Actor, profile_id: UUID, links: Sequence[int], *, now: datetime) -> Foreseen:
    """What `withdraw` would do. Raises what it raises."""
    found, mask = _foresee(
        actor,
        profile_id,
        lambda: withdraw(actor, profile_id, links, why="", now=now),
        lambda _: withdrawable(profile_id, set(links)),
    )
    told = links_named(links, found.person.row, mask)
    return _recorded(actor, replace(found, links=list(told.values())), mask)


def foresee_split(actor: Actor, profile_id: UUID, identifier: int, *, now: datetime) -> Foreseen:
    """What `split_off` would do. Raises what it raises."""
    found, mask = _foresee(
        actor,
        profile_id,
        lambda: split_off(actor, profile_id, identifier, why="", now=now),
        lambda row: splittable(row, identifier),
    )
    row = Identifier.objects.select_related("namespace").get(pk=identifier)
    return _recorded(actor, replace(found, identifier=shown(row, mask)), mask)


def foresee_merge(actor: Actor, review_id: int, *, now: datetime) -> list[Part]:
    """Who would have the identifiers of the two people of a review, were they merged; and what they would gain.

    More than one part: limits would have the merged person let go of some. Raises what `decide` raises.
    """
    require(actor, Operation.PEOPLE_VIEW)
    with transaction.atomic():
        rows = {row for link in evidence.links_numbered([review_id]) for row in link.rows}
        subjects = people.live_ids(rows)
        own = set(Identifier.objects.filter(profile_id__in=rows).values_list("id", flat=True))
        decide(actor, review_id, ReviewDecision.MERGED, now=now)
        holders = set(people.holders(own).values())
        own |= set(Identifier.objects.filter(profile_id__in=holders).values_list("id", flat=True))
        after = dict(people.holders(own))
        transaction.set_rollback(True)
    mask = Mask(actor)
    parts = parts_of(sorted(own), after, mask)
    record_read(actor, action="person.foresee", subjects=subjects, categories=sorted(mask.seen))
    return parts


def _foresee(
    actor: Actor, profile_id: UUID, work: Callable[[], Decided], check: Callable[[int], object]
) -> tuple[Foreseen, Mask]:
    """What `work` would do; of what is left to the background job only that, once `check` has let it pass."""
    require(actor, Operation.IDENTITY_DECIDE)
    person = known_person(actor, profile_id)
    if people.hangs_together_with_too_much(person.row):
        check(person.row)
        return Foreseen(person, [], None, [], still_one=False, because=[], deferred=True), Mask(actor)
    with transaction.atomic():
        own = list(Identifier.objects.filter(profile_id=person.row).values_list("id", flat=True))
        decided = work()
        after = dict(people.holders(own))
        transaction.set_rollback(True)
    mask = Mask(actor)
    told = links_named(decided.because, person.row, mask)
    because = [told[each] for each in decided.because if each in told]
    parts = parts_of(own, after, mask)
    return Foreseen(person, [], None, parts, decided.still_one, because, decided.deferred), mask


def _recorded(actor: Actor, found: Foreseen, mask: Mask) -> Foreseen:
    record_read(actor, action="person.foresee", subjects=[found.person.id], categories=sorted(mask.seen))
    return found


def parts_of(own: Sequence[int], after: dict[int, int], mask: Mask) -> list[Part]:
    """The identifiers by who would have them, the largest part first."""
    omitted = [rule.id for rule in rules().namespaces if mask.omits_identifier(rule.key)]
    kept = Identifier.objects.filter(id__in=own).exclude(namespace__in=omitted)
    ordered = kept.order_by("namespace__priority", "id")
    together: dict[int | None, list[int]] = defaultdict(list)
    for row in ordered.values_list("id", flat=True):
        together[after.get(row)].append(row)
    some = {row for rows in together.values() for row in rows[:SHOWN]}
    told = {row.pk: shown(row, mask) for row in ordered.filter(id__in=some).select_related("namespace")}
    found = [
        Part([told[row] for row in rows[:SHOWN]], len(rows), is_nobody=holder is None)
        for holder, rows in together.items()
    ]
    return sorted(found, key=lambda part: (part.is_nobody, -part.count))


def shown(row: Identifier, mask: Mask) -> ShownIdentifier:
    """The identifier as the actor may see it."""
    namespace = row.namespace
    value = mask.value(category_of_namespace(namespace.key), row.value)
    return ShownIdentifier(namespace.name, namespace.key, as_people_write(namespace.normaliser, value))
