"""Applying a change: the rules change at once, and people follow in bounded steps. docs/adr/0085-rules-change-at-once.md."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from django.db import OperationalError, connection, transaction

from compliance.access import Actor, require
from compliance.audit import record_change
from compliance.enums import Operation
from profiles.builder.closure import closure
from profiles.builder.reconsider import Cause, reconsidered
from profiles.builder.rules import RULES_LOCK, RuleReader
from profiles.domain.database import session
from profiles.domain.rules.editing import NotOpen, locked, namespace_behind
from profiles.domain.rules.history import note
from profiles.domain.rules.leasing import TO_APPLY, keep_lease, release_lease, take_lease
from profiles.domain.rules.rehoming import astray, rehome
from profiles.domain.rules.touched import Part, Seeds, parts_of, total, touched
from profiles.domain.rules.values import differing, rule_with
from profiles.enums import CauseKind, ChangeState
from profiles.identity.rules import Rules
from profiles.models import RuleChange, RulesVersion
from streaming.runtime.failpoints import reach

Clock = Callable[[], datetime]
STEP = 100  # seeds that one transaction looks at
WRITER = "rules"
_WAIT = "10s"  # for the batches that are being applied; each takes far less


class StaleChange(ValueError):
    """The rules changed since the dry run: what it counted need not hold."""


class RulesBusy(Exception):
    """The rules are in use without a break: try again."""


def apply_change(actor: Actor, change_id: int, *, now: datetime) -> None:
    """Write the rules of a measured change; from the next batch on they hold. Somebody has to run `continue_change`.

    Raises UnknownChange, NotOpen, StaleChange, RulesBusy, AccessDenied.
    """
    require(actor, Operation.IDENTITY_RULES)
    with transaction.atomic():
        hold_rules()
        change = locked(change_id)
        if change.state != ChangeState.READY:
            raise NotOpen(f"the change is {change.state}: only one that was measured can be applied")
        if change.rules_version != RulesVersion.objects.get().version:
            raise StaleChange("the rules changed since this was measured: measure it again")
        write(actor, change, now)


def hold_rules() -> None:
    """Be the only one with the rules until the transaction ends; batches wait. Raises RulesBusy."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [_WAIT])
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [RULES_LOCK])
    except OperationalError as error:
        if isinstance(error.__cause__, psycopg.errors.LockNotAvailable):
            raise RulesBusy("the rules are in use: try again in a moment") from error
        raise


def write(actor: Actor, change: RuleChange, now: datetime) -> None:
    """Give the namespace the values of the change. The rules are held."""
    row = namespace_behind(change)
    fields = differing(change.before, change.after)
    for field in fields:
        setattr(row, field, change.after[field])
    row.save(update_fields=fields)
    note(row, change.before, change.after, by=actor.name, change=change.pk)
    change.state = ChangeState.APPLYING
    change.applied_by, change.applied_at = actor.name, now
    change.cursor, change.done, change.total = None, 0, 0
    change.save()
    record_change(
        actor, action="identity.rules.apply", target=f"namespace {row.key}",
        detail={"change": change.pk, "fields": fields},
    )  # fmt: skip


def continue_change(change_id: int, *, clock: Clock, seconds: float) -> bool:
    """Have people follow the rules for about so long, from where the change stands, unless somebody else does.

    Whether there is nothing left to do here. Each step is a transaction of its own, so a kill at any moment costs
    nothing. Raises database errors, and Busy when somebody keeps changing the same people: running again is right.
    """
    owner = take_lease(change_id, TO_APPLY, ChangeState.APPLYING)
    if owner is None:
        return True
    deadline = clock() + timedelta(seconds=seconds)
    reader = RuleReader()
    try:
        while True:
            with transaction.atomic():
                is_done = _step(change_id, owner, reader, clock())
                reach("rules.before_commit")
            reach("rules.after_commit")
            if is_done or clock() >= deadline:
                return is_done
    finally:
        release_lease(change_id, owner)


def _step(change_id: int, owner: UUID, reader: RuleReader, now: datetime) -> bool:
    change = locked(change_id)
    if change.state != ChangeState.APPLYING or change.lease_owner != owner:
        return True
    with session() as opened:
        book = reader.read(opened)
        parts = _parts(change, book.namespaces)
        if change.cursor is None:
            change.total = total(opened, parts)
        seeds = _few(opened, parts, change.cursor, book.namespaces)
        are_home = rehome(opened, seeds.ids, book.namespaces)
        if are_home:
            change.cursor, change.done = seeds.cursor, change.done + seeds.examined
            if seeds.cursor is None:
                change.state = ChangeState.DONE
        fields = {"cursor": change.cursor, "done": change.done, "total": change.total, "state": change.state}
        keep_lease(change_id, owner, ChangeState.APPLYING, **fields)
        if are_home and seeds.ids:
            around = [*seeds.ids, *astray(opened, seeds.ids)]
            cause = Cause(CauseKind.RULE, by=change.applied_by, change=change.pk)
            reconsidered(opened, book, around, now, cause, writer=WRITER)
    return change.state == ChangeState.DONE


def _parts(change: RuleChange, rules: Rules) -> list[Part]:
    """What the change touches, by all rules as they are now."""
    namespace = namespace_behind(change)
    before, after = (rule_with(namespace, values) for values in (change.before, change.after))
    return parts_of(before, after, rules)


def _few(
    opened: psycopg.Connection[Any], parts: Sequence[Part], cursor: list[Any] | None, rules: Rules
) -> Seeds:
    """The next seeds, so few of them that they can be decided at once; one by one where even two lead to too much."""
    most = STEP
    while True:
        seeds = touched(opened, parts, cursor, most=most)
        if len(seeds.ids) <= 1 or not closure(opened, seeds.ids, rules).is_cut:
            return seeds
        most = max(1, len(seeds.ids) // 4)
