"""Saying that an identifier was given to another person on a day, and taking that back."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import NamedTuple, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from compliance.access import AccessDenied, Actor, category_of_namespace, masked, require
from compliance.enums import Operation
from profiles.domain.decisions.deciding import MOST_WHY, Deciding, decided
from profiles.domain.decisions.outcome import AlreadyDecided, Decided, Undecidable, UnknownLink
from profiles.domain.handovers.following import follow_within
from profiles.domain.namespaces import read_identifier
from profiles.domain.rules.applying import hold_rules
from profiles.enums import HandoverState, Level
from profiles.identity.values import plain, value_since
from profiles.models import Handover, Identifier, RulesVersion

OPEN = (HandoverState.FOLLOWING, HandoverState.DONE)

T = TypeVar("T")


class Given(NamedTuple):
    """The number of the decision, and who is who by it: of the former and the new holder those who exist by now."""

    id: int
    decided: Decided


class UnknownHandover(LookupError):
    """Nobody decided anything under this number."""

    def __init__(self) -> None:
        super().__init__("Under this number no identifier was given to another person.")


def hand_over(actor: Actor, identifier: str | int, day: date, *, why: str, now: datetime) -> Given:
    """Have an identifier be another person's from this day on (UTC), with all that was and will be seen of it since.

    It is written `namespace:value`, or named by the number of its row. New events go by it at once, whenever they
    happened; of what was stored before, so much follows at once that nobody waits for it, the rest in the background
    (then `deferred`). The two are kept apart. Raises AlreadyDecided, Undecidable, UnknownLink, UnreadableIdentifier,
    RulesBusy, Busy, AccessDenied (also for a written identifier of a kind that the actor may not see).
    """
    require(actor, Operation.IDENTITY_DECIDE)
    _check_written(actor, identifier)

    def work(deciding: Deciding) -> Given:
        return _begin(deciding, identifier, day)

    return _alone_with_rules(lambda: decided(actor, work, why=why, now=now))


def _alone_with_rules(work: Callable[[], T]) -> T:
    """No batch reads by the former rules meanwhile, so that none stores what would have to follow."""
    with transaction.atomic():
        hold_rules()
        found = work()
        RulesVersion.objects.update(version=F("version") + 1)
    return found


def rehearse(actor: Actor, identifier: int, day: date, *, now: datetime) -> Given:
    """The same while the rules are in use, and unknown to the builder: to be rolled back."""
    return decided(actor, lambda deciding: _begin(deciding, identifier, day), why="", now=now)


def _begin(deciding: Deciding, identifier: str | int, day: date) -> Given:
    if day > deciding.now.astimezone(UTC).date():
        raise Undecidable("The day lies ahead: say it when it has come.")
    former = holder_on(identifier, day)
    _wait_for_others(former.namespace_id, plain(former.value))
    label = value_since(former.value, day)
    holder, _ = Identifier.objects.get_or_create(
        namespace=former.namespace, value=label, defaults={"first_seen": deciding.now, "present": False}
    )
    row = Handover(
        namespace=former.namespace, value=plain(former.value), label=label, day=day, former_id=former.pk,
        holder_id=holder.pk, state=HandoverState.FOLLOWING, made_by=deciding.actor.name, made_at=deciding.now,
        why=deciding.why[:MOST_WHY],
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise AlreadyDecided(
            "It was given to another person on that day already: nothing was changed."
        ) from None
    # Who has it after a later day has it from this holder now.
    _given(row.namespace_id, row.value).filter(day__gt=day, former_id=former.pk).update(former_id=holder.pk)
    return _followed(deciding, row, "identity.hand_over")


def take_back(actor: Actor, handover_id: int, *, now: datetime) -> Given:
    """Have the identifier be the former holder's again, as if it had never been given to anybody.

    Raises UnknownHandover, AlreadyDecided, Undecidable, RulesBusy, Busy, AccessDenied.
    """
    require(actor, Operation.IDENTITY_DECIDE)

    def work(deciding: Deciding) -> Given:
        row = Handover.objects.select_for_update().filter(pk=handover_id).first()
        if row is None:
            raise UnknownHandover
        if row.state not in OPEN:
            raise AlreadyDecided("This was taken back already: nothing was changed.")
        if row.state == HandoverState.DONE:
            _wait_for_others(row.namespace_id, row.value)
        row.state, row.cursor = HandoverState.RETURNING, None
        row.taken_back_by, row.taken_back_at = actor.name, now
        row.save()
        _given(row.namespace_id, row.value).filter(former_id=row.holder_id).update(former_id=row.former_id)
        return _followed(deciding, row, "identity.take_back")

    return _alone_with_rules(lambda: decided(actor, work, why="taken back", now=now))


def _followed(deciding: Deciding, row: Handover, action: str) -> Given:
    is_done = follow_within(deciding, row)
    outcome = deciding.outcome([row.former_id, row.holder_id])
    deciding.record(action, target=f"handover:{row.pk}", detail={"day": row.day.isoformat()})
    return Given(row.pk, outcome._replace(deferred=outcome.deferred or not is_done))


def _given(namespace: int, value: str) -> QuerySet[Handover]:
    """All that hold of a value."""
    return Handover.objects.filter(namespace_id=namespace, value=value, taken_back_at__isnull=True)


def _wait_for_others(namespace: int, value: str) -> None:
    """Raises Undecidable while what was stored of the value still follows another decision."""
    following = (HandoverState.FOLLOWING, HandoverState.RETURNING)
    if Handover.objects.filter(namespace_id=namespace, value=value, state__in=following).exists():
        raise Undecidable(
            "What was stored still follows an earlier decision about it: try again in some minutes."
        )


def _identifier(identifier: str | int) -> Identifier:
    rows = Identifier.objects.select_related("namespace")
    if isinstance(identifier, int):
        found = rows.filter(pk=identifier).first()
    else:
        written = read_identifier(identifier)
        found = rows.filter(namespace__key=written.namespace, value=written.value).first()
    if found is None:
        raise UnknownLink("identifier")
    if not Level(found.namespace.level).resolves:
        raise Undecidable(
            "It names a household or a group, which many belong to: withdraw their links instead."
        )
    return found


def holder_on(identifier: str | int, day: date) -> Identifier:
    """The identifier of whoever has the value on the day before. Raises UnknownLink, Undecidable."""
    found = _identifier(identifier)
    value = plain(found.value)
    before = _given(found.namespace_id, value).filter(day__lt=day).order_by("-day").first()
    rows = Identifier.objects.select_related("namespace").filter(namespace=found.namespace)
    return rows.get(pk=before.holder_id) if before else rows.get(value=value)


def _check_written(actor: Actor, identifier: str | int) -> None:
    if isinstance(identifier, str) and masked(actor, category_of_namespace(identifier.partition(":")[0])):
        raise AccessDenied("Naming an identifier by its value takes the right to see such data.")
