"""Using what was approved: once, by who asked, for exactly what was asked, as long as it may be used."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from compliance.actors import Actor
from compliance.domain.approvals.asking import note
from compliance.domain.approvals.kinds import State
from compliance.domain.approvals.needing import ApprovalNeeded, Wish, asker_of, digest_of, takes_approval
from compliance.domain.approvals.telling import no_longer_waits, tell_asker
from compliance.models import Approval

_EXPIRY = Actor.system("approvals")


def use_or_ask(wish: Wish, *, by: Actor, now: datetime) -> None:
    """Go on when this takes no second person, or one has approved it: that is used up now. Raises ApprovalNeeded."""
    if not takes_approval(wish.kind, by):
        return
    asker = asker_of(by)
    with transaction.atomic():
        usable = Approval.objects.filter(
            asker=asker, digest=digest_of(wish, asker), state=State.APPROVED, use_until__gt=now
        )
        row = usable.order_by("use_until", "pk").select_for_update(skip_locked=True).first()
        if row is None:
            raise ApprovalNeeded(wish)
        Approval.objects.filter(pk=row.pk).update(state=State.DONE, used_at=now)
        note(row, "approval.use", by, approved_by=row.decided_by)


def usable(wish: Wish, *, by: Actor, now: datetime) -> Approval | None:
    """What was approved and not used yet, for who asks."""
    asker = asker_of(by)
    found = Approval.objects.filter(asker=asker, digest=digest_of(wish, asker), state=State.APPROVED)
    return found.filter(use_until__gt=now).first()


def expire(*, now: datetime) -> int:
    """Have what nobody decided, or used, in time expire, and tell who asked; how many that were."""
    due: Collection[int]
    with transaction.atomic():
        late = Approval.objects.filter(state=State.WAITING, expires_at__lte=now) | Approval.objects.filter(
            state=State.APPROVED, use_until__lte=now
        )
        rows = list(late.order_by("pk").select_for_update(skip_locked=True)[:500])
        due = [row.pk for row in rows]
        Approval.objects.filter(pk__in=due).update(state=State.EXPIRED)
        for row in rows:
            row.state = State.EXPIRED
            note(row, "approval.expire", _EXPIRY)
            no_longer_waits(row.pk, now=now)
            tell_asker(row, now=now)
    return len(due)
