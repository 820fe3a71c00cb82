"""Make accounts be as the directory says, in a few statements however many there are."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import Group

from compliance.actors import Actor
from compliance.audit import record_changes
from compliance.domain.directory.reading import Found
from compliance.domain.sessions import end_sessions
from compliance.models import ApiToken, DirectoryAccount, User

if TYPE_CHECKING:
    from compliance.domain.directory.syncing import Account

SYNC = Actor.system("directory")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a sync changed: how many were looked at, shut out, let in again, got other roles; sessions, tokens ended."""

    known: int = 0
    shut_out: int = 0
    let_in: int = 0
    changed: int = 0
    sessions: int = 0
    tokens: int = 0


def apply(known: Mapping[str, "Account"], found: Mapping[str, Found], *, now: datetime) -> Outcome:
    """Within the caller's transaction."""
    leaving = {
        each: why for identity, each in known.items() if (why := found[identity].closed) and each.is_active
    }
    coming = [
        each for identity, each in known.items()
        if not found[identity].closed and each.has_left and not each.is_active
    ]  # fmt: skip
    wanted = {each: found[identity].roles for identity, each in known.items() if not found[identity].closed}
    sessions, tokens = _shut_out(leaving, now)
    _let_in(coming)
    changed = _set_roles({each: roles for each, roles in wanted.items() if roles != each.roles})
    back = [each.user_id for each in wanted if each.has_left]
    DirectoryAccount.objects.filter(user__in=back).update(left_at=None, left_because="", seen_at=now)
    return Outcome(len(known), len(leaving), len(coming), changed, sessions, tokens)


def _shut_out(leaving: Mapping["Account", str], now: datetime) -> tuple[int, int]:
    """Sessions and tokens go with the account: a token is its maker's, who may no longer do what it may."""
    ids = [each.user_id for each in leaving]
    User.objects.filter(pk__in=ids).update(is_active=False)
    for why in set(leaving.values()):  # a handful of reasons, not one for each
        of_this = [each.user_id for each, reason in leaving.items() if reason == why]
        DirectoryAccount.objects.filter(user__in=of_this).update(left_at=now, left_because=why)
    details = {_target(each): {"why": f"directory: {why}"} for each, why in leaving.items()}
    record_changes(SYNC, action="user.deactivate", targets=details)
    return end_sessions(users=ids, by=SYNC, why="the directory closed the account"), _revoke(leaving, now)


def _revoke(leaving: Collection["Account"], now: datetime) -> int:
    tokens = ApiToken.objects.filter(created_by__in=[each.username for each in leaving], revoked_at=None)
    revoked = dict(tokens.select_for_update().values_list("pk", "name"))
    ApiToken.objects.filter(pk__in=revoked).update(revoked_at=now)
    details: dict[str, Mapping[str, Any]] = {
        f"token:{pk}": {"name": name, "why": "directory: its maker left"} for pk, name in revoked.items()
    }
    record_changes(SYNC, action="token.revoke", targets=details)
    return len(revoked)


def _let_in(coming: Collection["Account"]) -> None:
    ids = [each.user_id for each in coming]
    User.objects.filter(pk__in=ids).update(is_active=True, is_staff=True)
    record_changes(SYNC, action="user.activate", targets={_target(each): {} for each in coming})


def _set_roles(changed: Mapping["Account", frozenset[str]]) -> int:
    """Groups that are no roles stay."""
    names = {name for roles in changed.values() for name in roles}
    groups = dict(Group.objects.filter(role__isnull=False, name__in=names).values_list("name", "pk"))
    memberships = User.groups.through.objects
    memberships.filter(user__in=[each.user_id for each in changed], group__role__isnull=False).delete()
    memberships.bulk_create(
        [
            User.groups.through(user_id=each.user_id, group_id=groups[name])
            for each, roles in changed.items()
            for name in roles
        ]
    )
    User.objects.filter(pk__in=[each.user_id for each in changed]).update(is_staff=True)
    details = {_target(each): {"roles": sorted(roles)} for each, roles in changed.items()}
    record_changes(SYNC, action="user.set_roles", targets=details)
    return len(changed)


def _target(account: "Account") -> str:
    return f"user:{account.username}"
