"""Asking for a second person, and taking that back."""

from datetime import datetime

from django.db import transaction

from compliance.actors import Actor
from compliance.audit import record_change
from compliance.domain.approvals.kinds import MOST_WHY, WAITS, WORDS, State
from compliance.domain.approvals.needing import Wish, asker_of, digest_of
from compliance.domain.approvals.telling import no_longer_waits, tell_deciders
from compliance.models import ApiToken, Approval

MOST_WAITING = 50  # of one account


class ApprovalError(ValueError):
    """This cannot be asked for, decided or used; the message says why and what to do."""


def ask(wish: Wish, *, why: str, by: Actor, now: datetime) -> Approval:
    """Ask a second person for it, with a reason; what waits already is answered again. Raises ApprovalError."""
    reason, asker = " ".join(why.split()), asker_of(by)
    if not 0 < len(reason) <= MOST_WHY:
        raise ApprovalError(f"say why it is needed, in at most {MOST_WHY} characters")
    digest = digest_of(wish, asker)
    waiting = Approval.objects.filter(asker=asker, state=State.WAITING, expires_at__gt=now)
    if same := waiting.filter(digest=digest).first():
        return same
    if waiting.count() >= MOST_WAITING:
        raise ApprovalError(f"{MOST_WAITING} requests of yours wait already: withdraw some of them")
    with transaction.atomic():
        row = Approval.objects.create(
            kind=wish.kind, payload=dict(wish.payload), digest=digest, target=wish.target[:200], why=reason, link=wish.link,
            asker=asker, asked_by=by.name, behind=_behind(by), asked_at=now, expires_at=now + WAITS,
        )  # fmt: skip
        note(row, "approval.ask", by, why=reason)
        tell_deciders(row, now=now)
    return row


def withdraw(approval_id: int, *, by: Actor, now: datetime) -> None:
    """Take back what one asked for, as long as nobody has decided. Raises ApprovalError."""
    with transaction.atomic():
        own = Approval.objects.filter(pk=approval_id, behind=by.name, state=State.WAITING)
        if not own.update(state=State.WITHDRAWN, decided_at=now):
            raise ApprovalError("this does not wait any more, or is not yours: look at it again")
        note(Approval.objects.get(pk=approval_id), "approval.withdraw", by)
        no_longer_waits(approval_id, now=now)


def note(row: Approval, action: str, by: Actor, **detail: object) -> None:
    """Keep it in the trail, in the caller's transaction."""
    told = {"approval": row.pk, "kind": row.kind, "name": row.target, **detail}
    record_change(by, action=action, target=f"approval:{row.pk}", detail=told)


def kind_words(row: Approval) -> str:
    """What is asked for, in words."""
    return {kind.value: words for kind, words in WORDS.items()}.get(row.kind, row.kind)


def _behind(by: Actor) -> str:
    """The member of staff who answers for it: of a token who made it."""
    if by.token_id is None:
        return by.name
    return ApiToken.objects.filter(pk=by.token_id).values_list("created_by", flat=True).get()
