"""Telling those who may approve that something waits, and the asker what became of it."""

from datetime import datetime

from django.db.models import Q

from compliance.domain.approvals.kinds import WORDS, ApprovalKind
from compliance.enums import Operation
from compliance.models import Approval, User
from compliance.notices.audience import only
from compliance.notices.telling import notify, over

_PAGE = "/admin/privacy/approvals/"


def others_who_decide(behind: str) -> frozenset[str]:
    """The names of those who may approve what this member of staff asks for."""
    may = Q(is_superuser=True) | Q(groups__role__operations__contains=[Operation.APPROVALS_DECIDE.value])
    found = User.objects.filter(may, is_active=True, is_staff=True).exclude(username=behind)
    return frozenset(found.values_list("username", flat=True))


def tell_deciders(row: Approval, *, now: datetime) -> None:
    """Tell those who may approve it."""
    words = WORDS[ApprovalKind(row.kind)]
    notify(
        "approval_waiting", f"{row.asked_by} asks for approval: {words.lower()}", f"{row.target}\n{row.why}",
        link=f"{_PAGE}{row.pk}/", audience=only(*others_who_decide(row.behind)), now=now, key=f"approval:{row.pk}",
    )  # fmt: skip


def no_longer_waits(approval_id: int, *, now: datetime) -> None:
    """It is decided, or nobody asks any more."""
    over("approval_waiting", f"approval:{approval_id}", now=now)


def tell_asker(row: Approval, *, now: datetime) -> None:
    """Tell who asked what became of it."""
    words = WORDS[ApprovalKind(row.kind)]
    notify(
        "approval_decided", f"{words}: {row.state}", f"{row.target}\n{row.decided_why}", link=f"{_PAGE}{row.pk}/",
        audience=only(row.behind), now=now, key=f"approval:{row.pk}:{row.state}",
    )  # fmt: skip
