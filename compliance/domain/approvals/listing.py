"""Requests that wait for whoever looks, their own, and for who approves or reads the trail all of them."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q, QuerySet

from compliance.access import allows
from compliance.actors import Actor
from compliance.domain.approvals.kinds import State
from compliance.enums import Operation
from compliance.models import Approval

MOST = 100


def listing(actor: Actor, *, before: int | None = None, limit: int = 50) -> Sequence[Approval]:
    """What the actor may see, the newest first."""
    found = _visible(actor).order_by("-pk")
    return list((found if before is None else found.filter(pk__lt=before))[: min(limit, MOST + 1)])


def one(actor: Actor, approval_id: int) -> Approval | None:
    """The request, if the actor may see it."""
    return _visible(actor).filter(pk=approval_id).first()


def waiting_for(actor: Actor, *, now: datetime) -> int:
    """How many wait for the actor to decide, counted up to MOST."""
    if not allows(actor, Operation.APPROVALS_DECIDE):
        return 0
    waiting = Approval.objects.filter(state=State.WAITING, expires_at__gt=now).exclude(behind=actor.name)
    return waiting.order_by()[:MOST].count()


def _visible(actor: Actor) -> QuerySet[Approval]:
    sees_all = allows(actor, Operation.APPROVALS_DECIDE) or allows(actor, Operation.AUDIT_VIEW)
    return Approval.objects.all() if sees_all else Approval.objects.filter(Q(behind=actor.name))
