"""Undoing an import, step by step: a kill at any moment costs the step that was under way, and nothing else."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import psycopg
from django.db import OperationalError, connection, transaction

from compliance.access import Actor, require
from compliance.audit import record_change
from compliance.enums import Operation
from compliance.notices import notify, only
from profiles.builder.attempt import Restart
from profiles.builder.rules import RULES_LOCK, RuleReader
from profiles.domain.database import session
from profiles.domain.decisions.imports import withdraw_import
from profiles.enums import UndoPhase, UndoState
from profiles.models import Undo, UndoItem
from profiles.undoing import facts, planning, since, vanishing
from profiles.undoing.marks import UNDO_LOCK
from profiles.undoing.remaking import remade
from streaming.domain.publishing import publish
from streaming.runtime.failpoints import reach

STEP = 200  # anchors, each with all of its events
MOST_IDENTIFIERS = 500  # a step costs as much as a hundred of them beside what it costs for each
MOST_TRIES = 10
_WRITER = "undoing"
_LOCK = "SELECT pg_advisory_xact_lock(%s)"
_AFTER = tuple(UndoPhase)


class CannotUndo(ValueError):
    """The undoing cannot do this now; the message says why."""


def begin_undo(actor: Actor, import_id: int, *, since: datetime, until: datetime, now: datetime) -> None:
    """Let nobody take an event of this import from now on, and have a job take away what is stored of it.

    Its events were received from `since` on and before `until`. Waits for the batches under way. Raises CannotUndo when it
    was begun before, AccessDenied.
    """
    require(actor, Operation.IMPORTS_RUN)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_LOCK, [RULES_LOCK])
            cursor.execute(_LOCK, [UNDO_LOCK])
        _, made = Undo.objects.get_or_create(
            import_id=import_id, defaults={"since": since, "until": until, "by": actor.name, "begun_at": now}
        )
        if not made:
            raise CannotUndo(f"import {import_id} is undone already, or about to be")
        record_change(actor, action="import.undo", target=f"import:{import_id}", detail={})


def stop_undo(actor: Actor, import_id: int) -> None:
    """Stop after the step under way; what is taken away stays so. Raises CannotUndo, AccessDenied."""
    _move(actor, import_id, UndoState.RUNNING, UndoState.STOPPED, "import.undo_stop")


def continue_undo(actor: Actor, import_id: int) -> None:
    """Let it go on from where it was stopped. Raises CannotUndo, AccessDenied."""
    _move(actor, import_id, UndoState.STOPPED, UndoState.RUNNING, "import.undo_continue")


def _move(actor: Actor, import_id: int, before: UndoState, after: UndoState, action: str) -> None:
    require(actor, Operation.IMPORTS_RUN)
    with transaction.atomic():
        if not Undo.objects.filter(pk=import_id, state=before).update(state=after):
            raise CannotUndo(f"the undoing of import {import_id} is not {before.value} (any more)")
        record_change(actor, action=action, target=f"import:{import_id}", detail={})


def undo_step(*, now: datetime) -> bool:
    """Take one step of the oldest undoing that runs and that nobody works on; False when there is none.

    Raises database errors; taking the step again is always right.
    """
    for _ in range(MOST_TRIES):
        try:
            found = _step(now)
        except Restart:
            continue
        except OperationalError as error:
            if not isinstance(error.__cause__, psycopg.errors.DeadlockDetected):
                raise
        else:
            reach("undo.after_step")
            return found
    return False


def _step(now: datetime) -> bool:
    with transaction.atomic():
        running = Undo.objects.select_for_update(skip_locked=True).filter(state=UndoState.RUNNING)
        undo = running.order_by("begun_at", "import_id").first()
        if undo is None:
            return False
        if _PHASES[UndoPhase(undo.phase)](undo, now):
            _next_phase(undo, now)
        undo.save()
        reach("undo.before_commit")
    return True


def _next_phase(undo: Undo, now: datetime) -> None:
    undo.cursor = 0
    following = _AFTER[_AFTER.index(UndoPhase(undo.phase)) + 1 :]
    if following:
        undo.phase = following[0].value
        return
    undo.state, undo.ended_at, undo.done = UndoState.DONE.value, now, undo.total
    UndoItem.objects.filter(import_id=undo.import_id).delete()
    notify(
        "job_finished", f"Import {undo.import_id} is undone",
        f"{undo.events:,} events were taken away, and {undo.people:,} people who came with it alone.",
        link=f"/admin/imports/{undo.import_id}/", audience=only(undo.by), now=now,
    )  # fmt: skip


def _plan(undo: Undo, now: datetime) -> bool:
    del now
    with session() as opened:
        return planning.plan_step(opened, undo)


def _facts(undo: Undo, now: datetime) -> bool:
    anchors = _items(undo, is_anchor=True)
    if not anchors:
        return True
    with session() as opened:
        book = RuleReader().read(opened)
        touched = facts.read_touched(opened, anchors, undo.import_id)
        facts.forget_messages(opened, touched)
        people = facts.lock_holders(opened, anchors)
        facts.take_facts(opened, anchors, undo.import_id, touched)
        records = facts.renewed(opened, people, book, facts.cause_of(undo.import_id, undo.by), now)
        records += remade(opened, touched, now)
    undo.events += len(touched.messages)
    publish(records, writer=_WRITER)
    return False


def _alone(undo: Undo, now: datetime) -> bool:
    items = _items(undo, is_anchor=False)
    if not items:
        return True
    with session() as opened:
        book = RuleReader().read(opened)
        cause = facts.cause_of(undo.import_id, undo.by)
        gone, records = vanishing.vanish(opened, items, undo.import_id, book=book, cause=cause, now=now)
        undo.done += vanishing.leave_out_vanished(opened, items, undo.import_id)
    undo.people += gone
    publish(records, writer=_WRITER)
    return False


def _links(undo: Undo, now: datetime) -> bool:
    withdrawn = withdraw_import(Actor.system(undo.by), undo.import_id, now=now)
    undo.links += withdrawn
    return not withdrawn


def _rest(undo: Undo, now: datetime) -> bool:
    items = _items(undo, is_anchor=False)
    if not items:
        return True
    with session() as opened:
        book = RuleReader().read(opened)
        cause = facts.cause_of(undo.import_id, undo.by)
        gone, records = vanishing.vanish(opened, items, undo.import_id, book=book, cause=cause, now=now)
        records += since.find_since(opened, items, undo.import_id, book=book, cause=cause, now=now)
        since.take_from_groups(opened, items, undo.import_id)
        vanishing.vanish_of_nobody(opened, items, undo.import_id)
    undo.people += gone
    publish(records, writer=_WRITER)
    return False


_PHASES: Any = {
    UndoPhase.PLAN: _plan,
    UndoPhase.FACTS: _facts,
    UndoPhase.ALONE: _alone,
    UndoPhase.LINKS: _links,
    UndoPhase.REST: _rest,
}


def _items(undo: Undo, *, is_anchor: bool) -> Sequence[int]:
    """The next ones behind the cursor, which moves past them."""
    rows = UndoItem.objects.filter(import_id=undo.import_id, is_anchor=is_anchor, item__gt=undo.cursor)
    most = STEP if is_anchor else MOST_IDENTIFIERS
    found = list(rows.order_by("item").values_list("item", flat=True)[:most])
    if found:
        undo.cursor = found[-1]
        undo.done += len(found)
    return found
