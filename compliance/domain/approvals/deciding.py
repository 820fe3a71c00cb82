"""Approving and refusing. Of two who decide at once, or one who decides what was just withdrawn, one wins."""

from datetime import datetime

from django.db import transaction

from compliance.access import actor_of_staff, require
from compliance.actors import Actor
from compliance.domain.approvals.applying import RefusedByState, apply
from compliance.domain.approvals.asking import ApprovalError, note
from compliance.domain.approvals.kinds import MOST_WHY, USABLE, ApprovalKind, State
from compliance.domain.approvals.needing import Wish, digest_of
from compliance.domain.approvals.telling import no_longer_waits, tell_asker
from compliance.domain.directory.configuration import directory
from compliance.enums import ActorKind, Operation
from compliance.models import Approval, DirectoryAccount, Role, User

_DECIDED = "this does not wait any more: somebody has decided, it was withdrawn, or it has expired"


def approve(approval_id: int, *, seen: str, why: str, by: Actor, now: datetime) -> Approval:
    """Approve exactly what was seen (`seen` is its digest); what approving does is done in the same transaction.

    What was asked against something that has changed since is refused instead. Raises ApprovalError, AccessDenied.
    """
    row = _decidable(approval_id, by)
    kind = ApprovalKind(row.kind)
    if not row.digest == seen == digest_of(Wish(kind, row.target, row.payload), row.asker):
        raise ApprovalError("this is not what was asked for: have it asked for again")
    if _is_about(row, by):
        raise ApprovalError("this changes what you may do yourself: somebody else has to decide")
    with transaction.atomic():
        state = State.APPROVED if kind.is_used_by_asker else State.DONE
        until = now + USABLE if kind.is_used_by_asker else None
        _decide(row, state, _reason(why, is_needed=False), by, now, use_until=until)
        note(row, "approval.approve", by, why=row.decided_why)
        if not kind.is_used_by_asker:
            _done_or_refused(row, by)
        tell_asker(row, now=now)
    return row


def refuse(approval_id: int, *, why: str, by: Actor, now: datetime) -> Approval:
    """Refuse it, with a reason. Raises ApprovalError, AccessDenied."""
    row = _decidable(approval_id, by)
    with transaction.atomic():
        _decide(row, State.REFUSED, _reason(why, is_needed=True), by, now)
        note(row, "approval.refuse", by, why=row.decided_why)
        tell_asker(row, now=now)
    return row


def may_decide(row: Approval, by: Actor) -> bool:
    """Whether they are a second person to whoever asked for it."""
    return (
        by.kind is ActorKind.STAFF and Operation.APPROVALS_DECIDE in by.operations and row.behind != by.name
    )


def _decidable(approval_id: int, by: Actor) -> Approval:
    require(by, Operation.APPROVALS_DECIDE)
    row = Approval.objects.filter(pk=approval_id).first()
    if row is None:
        raise ApprovalError("there is no such request")
    if not may_decide(row, by):
        raise ApprovalError("you asked for this yourself: somebody else has to decide")
    return row


def _decide(
    row: Approval, state: State, why: str, by: Actor, now: datetime, *, use_until: datetime | None = None
) -> None:
    """Only what waits, has not expired and is as it was read is decided."""
    values = {
        "state": state, "decided_by": by.name, "decided_why": why, "decided_at": now, "use_until": use_until,
    }  # fmt: skip
    waiting = Approval.objects.filter(pk=row.pk, state=State.WAITING, digest=row.digest, expires_at__gt=now)
    if not waiting.exclude(behind=by.name).update(**values):
        raise ApprovalError(_DECIDED)
    for name, value in values.items():
        setattr(row, name, value)
    no_longer_waits(row.pk, now=now)


def _done_or_refused(row: Approval, by: Actor) -> None:
    """Do it as the asker, with what they may by now; else it is refused, and the reason kept."""
    try:
        with transaction.atomic():
            apply(ApprovalKind(row.kind), row.payload, asker=_asker(row), approved_by=by.name)
    except RefusedByState as error:
        row.state, row.decided_why = State.REFUSED, f"It could not be done: {error}"[:MOST_WHY]
        Approval.objects.filter(pk=row.pk).update(state=row.state, decided_why=row.decided_why)
        note(row, "approval.stale", by, why=row.decided_why)


def _asker(row: Approval) -> Actor:
    user = User.objects.filter(username=row.behind, is_active=True, is_staff=True).first()
    if user is None or row.asker != f"{ActorKind.STAFF}:{row.behind}":
        raise RefusedByState(f"{row.asked_by} may not do this any more")
    return actor_of_staff(user)


def _is_about(row: Approval, by: Actor) -> bool:
    """Whether it would change what who decides may do themselves. Raises ApprovalError while that cannot be told."""
    if row.kind == ApprovalKind.CHANGE_ROLE:
        return Role.objects.filter(pk=row.payload["role"], group__user__username=by.name).exists()
    if row.kind != ApprovalKind.GIVE_ROLES:
        return False
    if "group" in row.payload:
        return _is_in_group(row.payload["group"], by)
    return User.objects.filter(pk=row.payload["user"], username=by.name).exists()


def _is_in_group(group: str, by: Actor) -> bool:
    """Whether the directory has who decides in this group; local accounts are in none."""
    found, account = directory(), DirectoryAccount.objects.filter(user__username=by.name).first()
    if found is None or account is None:
        return False
    from compliance.domain.directory.membership import CannotTell, is_in_group  # noqa: PLC0415 -- imports ldap

    try:
        return is_in_group(found, account, group)
    except CannotTell as error:
        raise ApprovalError(f"whether you are in {group} yourself cannot be told: {error}") from error


def _reason(why: str, *, is_needed: bool) -> str:
    reason = " ".join(why.split())
    if len(reason) > MOST_WHY or (is_needed and not reason):
        raise ApprovalError(f"say why, in at most {MOST_WHY} characters")
    return reason
