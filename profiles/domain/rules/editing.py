"""Proposing a change of a namespace's rules, and calling it off. Nothing changes before it is applied."""

from datetime import datetime

from django.db import transaction

from compliance.access import Actor, require
from compliance.audit import record_change
from compliance.enums import Operation
from profiles.domain.rules.sight import meant_values, require_sight
from profiles.domain.rules.values import NamespaceValues, WrongValues, check, differing, values_of
from profiles.enums import ChangeState
from profiles.models import Identifier, Namespace, RuleChange

OPEN = (ChangeState.DRAFT, ChangeState.MEASURING, ChangeState.READY)


class UnknownNamespace(LookupError):
    """There is no namespace of this key."""


class UnknownChange(LookupError):
    """There is no change of this number."""


class NothingChanged(ValueError):
    """The values are those that the namespace has."""


class NotOpen(ValueError):
    """The change is applied or cancelled, or not measured yet; says which."""


def namespace_of(key: str) -> Namespace:
    """The namespace of this key. Raises UnknownNamespace."""
    row = Namespace.objects.filter(key=key).first()
    if row is None:
        raise UnknownNamespace(f"there is no namespace {key!r}")
    return row


def propose_change(actor: Actor, key: str, after: NamespaceValues, *, now: datetime) -> int:
    """Note a change that is to be measured; returns its number. Somebody has to run `dry_run.measure`.

    `after` is meant as the actor sees the rules: see `sight`. Raises UnknownNamespace, WrongValues, NothingChanged,
    AccessDenied.
    """
    require(actor, Operation.IDENTITY_RULES)
    row = namespace_of(key)
    return note_change(actor, row, meant_values(actor, key, values_of(row), after), now=now)


def note_change(actor: Actor, row: Namespace, after: NamespaceValues, *, now: datetime) -> int:
    """Note a change to exactly these rules, for callers that asked. Raises WrongValues, NothingChanged."""
    check(row.key, after)
    before = values_of(row)
    fields = differing(before, after)
    if not fields:
        raise NothingChanged(f"{row.name} has these rules already")
    if "normaliser" in fields and Identifier.objects.filter(namespace=row).exists():
        raise WrongValues(
            {
                "normaliser": "There are values in the present form, and facts hang on them, so it stays as it is. "
                "Have the source, or its mapping, send values in the form that you want, and block those of "
                "another form by a pattern."
            }
        )
    with transaction.atomic():
        change = RuleChange.objects.create(
            namespace=row,
            before=before,
            after=after,
            state=ChangeState.DRAFT,
            made_by=actor.name,
            made_at=now,
        )
        record_change(
            actor,
            action="identity.rules.propose",
            target=f"namespace {row.key}",
            detail={"change": change.pk, "fields": fields},
        )
    return int(change.pk)


def cancel_change(actor: Actor, change_id: int) -> None:
    """Call a change off that is not applied. Raises UnknownChange, NotOpen, AccessDenied."""
    require(actor, Operation.IDENTITY_RULES)
    with transaction.atomic():
        change = locked(change_id)
        if change.state not in OPEN:
            raise NotOpen(f"the change is {change.state}: it cannot be cancelled any more")
        change.state = ChangeState.CANCELLED
        change.save(update_fields=["state"])
        record_change(actor, action="identity.rules.cancel", target=f"rule change {change_id}")


def renew_change(actor: Actor, change_id: int, *, now: datetime) -> int:
    """Propose the same change again, of the rules as they are now, and call this one off; returns the new number.

    Raises UnknownChange, NotOpen, and what `propose_change` raises.
    """
    require(actor, Operation.IDENTITY_RULES)
    with transaction.atomic():
        change = locked(change_id)
        cancel_change(actor, change_id)
        row = namespace_behind(change)
        wanted = {field: change.after[field] for field in differing(change.before, change.after)}
        require_sight(actor, row.key, wanted)
        after: NamespaceValues = {**values_of(row), **wanted}  # type: ignore[typeddict-item]  # of the same keys
        return note_change(actor, row, after, now=now)


def namespace_behind(change: RuleChange) -> Namespace:
    """The namespace that the change is of, as it is now."""
    assert change.namespace_id is not None  # changes of all namespaces at once are not made here
    return Namespace.objects.get(pk=change.namespace_id)


def locked(change_id: int) -> RuleChange:
    """The change, locked until the transaction ends. Raises UnknownChange."""
    change = RuleChange.objects.select_for_update().filter(pk=change_id).first()
    if change is None:
        raise UnknownChange(f"there is no rule change {change_id}")
    return change
