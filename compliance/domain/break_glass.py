"""Break-glass accounts: for the day when nobody else gets in. Whoever uses one raises an alarm.

They are administrators with a random password, sealed in an envelope, and without a second factor. Their names begin
with `break-glass`, so that every row of the audit trail says with what it was done.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q

from compliance.access import require
from compliance.actors import Actor
from compliance.audit import record_change
from compliance.domain.passwords import random_password, refuse_more_than
from compliance.domain.seeds import ADMINISTRATOR
from compliance.domain.users import UserError, create_staff
from compliance.enums import Operation
from compliance.models import LocalAccount, User, UserSession
from compliance.notices.audience import only
from compliance.notices.telling import notify, over_but

PREFIX = "break-glass"
KIND = "break_glass"


def create(*, name: str, by: Actor, now: datetime) -> str:
    """Make one, named `break-glass-NAME`; its password, to be shown once and sealed. Raises UserError."""
    require(by, Operation.USERS_MANAGE)
    password, username = random_password(), f"{PREFIX}-{name}" if name else PREFIX
    try:
        with transaction.atomic():
            user = create_staff(username=username, password=password, role=ADMINISTRATOR, by=by, now=now)
            LocalAccount.objects.update_or_create(
                user=user, defaults={"is_break_glass": True, "must_change_password": False}
            )
            record_change(by, action="break_glass.create", target=f"user:{username}")
    except IntegrityError:
        raise UserError(f"there is a user {username!r} already: choose another name") from None
    return password


def renew(*, user: User, by: Actor) -> str:
    """Another password for one that was used, to be shown once and sealed; its sessions end. Raises UserError."""
    require(by, Operation.USERS_MANAGE)
    if not is_break_glass(user):
        raise UserError(f"{user.username} is no break-glass account: give them a new password instead")
    refuse_more_than(by, user)
    password = random_password()
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password"])
        record_change(by, action="break_glass.renew", target=f"user:{user.username}")
    return password


def is_break_glass(user: User) -> bool:
    """Whether the user is one."""
    return LocalAccount.objects.filter(user=user, is_break_glass=True).exists()


def lasts() -> timedelta:
    """How long such a session may be open, used or not."""
    return timedelta(minutes=settings.BREAK_GLASS_MINUTES)


def raise_alarm(*, user: User, by: Actor, now: datetime) -> None:
    """Somebody signed in with it: the trail says so, and everybody who answers for access is told at once."""
    with transaction.atomic():
        LocalAccount.objects.filter(user=user).update(break_glass_used_at=now)
        record_change(by, action="sign_in.break_glass", target=f"user:{user.username}")
        where = f" from {by.address}" if by.address else ""
        notify(
            KIND, f"{user.username} signed in",
            f"Somebody signed in with the break-glass account {user.username}{where}. If nobody told you why, end its "
            "session and ask. Its password must be renewed afterwards.",
            link="/admin/settings/users/", audience=only(*_answerable()), now=now, key=_key(user.pk),
        )  # fmt: skip


def settle(*, now: datetime) -> None:
    """Say that the alarm is over, of accounts that nobody is signed in with any more."""
    over_but(KIND, [_key(session.user_id) for session in open_ones(now=now)], now=now)


def open_ones(*, now: datetime) -> Sequence[UserSession]:
    """Open sessions of break-glass accounts, the newest first."""
    used = UserSession.objects.filter(user__local_account__is_break_glass=True, expires_at__gt=now)
    return list(used.select_related("user").order_by("-started_at")[:20])


def to_renew() -> list[str]:
    """The names of accounts whose password was used and is still the same."""
    used = LocalAccount.objects.filter(is_break_glass=True, break_glass_used_at__gte=F("password_set_at"))
    return list(used.order_by("user__username").values_list("user__username", flat=True))


def _answerable() -> list[str]:
    """Who may read the audit trail, or manage users."""
    may = Q(is_superuser=True)
    for operation in (Operation.AUDIT_VIEW, Operation.USERS_MANAGE):
        may |= Q(groups__role__operations__contains=[operation.value])
    found = User.objects.filter(may, is_active=True, is_staff=True)
    return list(found.distinct().values_list("username", flat=True))


def _key(user_id: int) -> str:
    return f"user:{user_id}"
