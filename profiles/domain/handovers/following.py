"""What was stored before an identifier was known to have changed hands follows: at once, or in bounded steps."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from compliance.access import Actor
from profiles.builder.refolding import refold
from profiles.domain.database import session
from profiles.domain.decisions import evidence, people
from profiles.domain.decisions.deciding import Deciding, decided
from profiles.domain.handovers import anchors, links, parting
from profiles.domain.handovers.parting import START, Ends, Place, days_behind, part, sweep
from profiles.enums import EvidenceRule, HandoverState
from profiles.identity.evidence import Identifier as Named
from profiles.models import Anchor, Evidence, Handover, Identifier
from streaming.contracts.records import NewRecord
from streaming.domain.publishing import publish
from streaming.runtime.failpoints import reach

WRITER = "handovers"
LEASE = timedelta(seconds=60)
SWEPT_FOR = timedelta(days=7)  # nobody who reads `profiles.events` is behind for longer
_END = ["end"]  # the cursor when all days are parted
# Who has not been seen yet is nobody until they are.
_APPEAR = """
UPDATE profiles_identifier i SET present = true, first_seen = least(i.first_seen, s.first)
FROM (
    SELECT min(k.at) AS first FROM (
        SELECT event_time AS at FROM profiles_evidence
        WHERE a_id = %(one)s AND rule NOT IN ('merge', 'keep_apart')
        UNION ALL SELECT event_time FROM profiles_evidence
        WHERE b_id = %(one)s AND rule NOT IN ('merge', 'keep_apart')
        UNION ALL SELECT first_seen FROM profiles_anchor WHERE user_id = %(one)s
        UNION ALL SELECT first_seen FROM profiles_anchor WHERE anonymous_id = %(one)s
        UNION ALL SELECT first_seen FROM profiles_anchor WHERE other_id = %(one)s AND home_id = %(one)s
    ) k
) s WHERE i.id = %(one)s AND s.first IS NOT NULL
"""
_WAITING = (HandoverState.FOLLOWING, HandoverState.RETURNING)


def follow_within(deciding: Deciding, row: Handover) -> bool:
    """Have all of it follow within the open transaction, if it is little. Whether it did."""
    ends = ends_of(row)
    with session() as opened:
        days = days_behind(opened, ends, START)
    if not days.last or days.events > parting.STEP:
        return False
    deciding.lock(_people_of(days.places))
    deciding.check(_people_of(days.places))
    with session() as opened:
        records = part(opened, ends, days.places, deciding.now)
    _settle(deciding, row, records)
    return True


def continue_handovers(*, now: datetime, seconds: float = 20.0) -> int:
    """Have what waits follow for about so long, each step a transaction; how many handovers are done with it.

    A kill at any moment costs nothing. Raises database errors and Busy: running again is right.
    """
    ended, deadline = 0, datetime.now(UTC) + timedelta(seconds=seconds)
    for row in _free():
        owner = uuid4()
        if not _free().filter(pk=row.pk).update(lease_owner=owner, lease_until=Now() + LEASE):
            continue
        try:
            while datetime.now(UTC) < deadline:
                if _step(row.pk, owner, now):
                    ended += 1
                    break
        finally:
            Handover.objects.filter(pk=row.pk, lease_owner=owner).update(lease_owner=None, lease_until=None)
    sweep_handovers(now=now)
    return ended


def sweep_handovers(*, now: datetime) -> int:
    """Withdraw what is still made of events that were on their way when they changed hands; how many records."""
    told = 0
    recent = Q(made_at__gt=now - SWEPT_FOR) | Q(taken_back_at__gt=now - SWEPT_FOR)
    for row in Handover.objects.filter(recent).exclude(state__in=_WAITING).order_by("pk"):
        with transaction.atomic():
            with session() as opened:
                records = sweep(opened, ends_of(row), now)
            publish(records, writer=WRITER)
        told += len(records)
    return told


def _free() -> Any:
    free = Q(lease_until=None) | Q(lease_until__lt=Now())
    return Handover.objects.filter(free, state__in=_WAITING).order_by("pk")


def _step(handover_id: int, owner: UUID, now: datetime) -> bool:
    """One step. Whether there is nothing left to do here."""
    row = Handover.objects.filter(pk=handover_id, lease_owner=owner, state__in=_WAITING).first()
    if row is None:
        return True
    actor = Actor.system(row.taken_back_by or row.made_by)
    if row.cursor != _END:
        _part_some(row, owner, now)
        return False
    reach("handover.before_end")
    decided(actor, lambda deciding: _settle_held(deciding, handover_id, owner), why=row.why, now=now)
    return True


def _part_some(row: Handover, owner: UUID, now: datetime) -> None:
    with transaction.atomic():
        held = _hold(row.pk, owner)
        if held is None:
            return
        ends, after = ends_of(row), _place(held.cursor)
        with session() as opened:
            days = days_behind(opened, ends, after)
        if not _locked(days.places):
            transaction.set_rollback(True)  # others were faster: the same again
            return
        with session() as opened:
            records = part(opened, ends, days.places, now)
        last = days.places[-1] if days.places else after
        held.cursor = _END if days.last else [last.anchor, last.day.isoformat()]
        held.save(update_fields=["cursor"])
        publish(records, writer=WRITER)
        reach("handover.before_step_commits")
    reach("handover.after_step")


def _hold(handover_id: int, owner: UUID) -> Handover | None:
    open_rows = Handover.objects.select_for_update().filter(state__in=_WAITING)
    found = open_rows.filter(pk=handover_id, lease_owner=owner).first()
    if found is None:
        return None
    Handover.objects.filter(pk=handover_id).update(lease_until=Now() + LEASE)
    return found


def _place(cursor: list[Any] | None) -> Place:
    return Place(cursor[0], date.fromisoformat(cursor[1])) if cursor else START


def _locked(places: Sequence[Place]) -> bool:
    """Lock the people of these anchors, so that nobody decides meanwhile who has them; whether it is still they."""
    rows = _people_of(places)
    return people.lock(rows) and _people_of(places) == rows


def _people_of(places: Sequence[Place]) -> set[int]:
    held = Anchor.objects.filter(id__in={place.anchor for place in places}, profile__isnull=False)
    return {row for row in held.values_list("profile_id", flat=True) if row is not None}


def _settle_held(deciding: Deciding, handover_id: int, owner: UUID) -> None:
    row = Handover.objects.select_for_update().filter(pk=handover_id, lease_owner=owner).first()
    if row is not None and row.state in _WAITING:
        _settle(deciding, row, [])


def _settle(deciding: Deciding, row: Handover, records: Sequence[NewRecord]) -> None:
    """Have links and homes follow, decide anew who is who, and publish."""
    ends = {row.former_id, row.holder_id}
    deciding.lock(set(people.holders(ends).values()))
    deciding.check(people.holders(ends).values())
    touched = _hand_out(deciding, row) if row.state == HandoverState.FOLLOWING else _hand_back(deciding, row)
    row.state = HandoverState.DONE if row.state == HandoverState.FOLLOWING else HandoverState.RETURNED
    row.save(update_fields=["state", "cursor"])
    deciding.reconsider(ends | touched)
    holders = set(people.holders(ends).values())
    with session() as opened:
        told = refold(opened, deciding.book, holders, deciding.now, deciding.cause)
    publish([*told, *records], writer=WRITER)


def _hand_out(deciding: Deciding, row: Handover) -> set[int]:
    since = ends_of(row).since
    with session() as opened:
        moved = links.give(opened, row.former_id, row.holder_id, since)
        anchors.move_home(opened, row.former_id, row.holder_id)
        opened.execute(_APPEAR, {"one": row.holder_id})
    later = Handover.objects.filter(former_id=row.holder_id, taken_back_at__isnull=True)
    others = [row.former_id, *later.values_list("holder_id", flat=True)]
    deciding.add(EvidenceRule.KEEP_APART, [evidence.pair_of(each, row.holder_id) for each in others])
    return _ends_of(moved)


def _hand_back(deciding: Deciding, row: Handover) -> set[int]:
    between = evidence.links_between({evidence.pair_of(row.former_id, row.holder_id)})
    deciding.void([link for link in between if link.rule is EvidenceRule.KEEP_APART])
    with session() as opened:
        moved = links.give_back(opened, row.holder_id, row.former_id)
        anchors.move_home(opened, row.holder_id, row.former_id)
        anchors.rename(opened, row.holder_id, row.former_id)
    Identifier.objects.filter(pk=row.holder_id).update(present=False)
    return _ends_of(moved)


def _ends_of(ids: Sequence[int]) -> set[int]:
    rows = Evidence.objects.filter(id__in=ids).values_list("a_id", "b_id")
    return {end for pair in rows for end in pair}


def ends_of(row: Handover) -> Ends:
    """From which identifier to which what was stored goes now."""
    named = {
        found.pk: Named(found.namespace_id, found.value)
        for found in Identifier.objects.filter(pk__in=(row.former_id, row.holder_id))
    }
    is_return = row.state == HandoverState.RETURNING
    one, other = (row.holder_id, row.former_id) if is_return else (row.former_id, row.holder_id)
    return Ends(one, named[one], other, named[other], row.day, is_return)
