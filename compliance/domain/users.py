"""Members of staff and their roles."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from compliance.access import require
from compliance.actors import Actor
from compliance.audit import record_change
from compliance.domain import user_managers
from compliance.domain.approvals.kinds import ApprovalKind
from compliance.domain.approvals.needing import ApprovalNeeded, Wish, takes_approval
from compliance.domain.roles.limits import beyond, taken_beyond
from compliance.domain.roles.values import NOTHING, Reach, together, values_of
from compliance.enums import Operation
from compliance.models import Role, User

_DIRECTORY = Actor.system("directory")


class UserError(ValueError):
    """The change cannot be made; the message says why and what to do."""


def create_staff(*, username: str, password: str, role: str, by: Actor, now: datetime) -> User:
    """Make a member of staff who signs in with this password and has this role, or none yet (""). Raises UserError."""
    require(by, Operation.USERS_MANAGE)
    if role and takes_approval(ApprovalKind.GIVE_ROLES, by):
        raise UserError(
            "who has which role takes a second person: make the user without a role, and ask for it then"
        )
    user = User(username=User.normalize_username(username), is_staff=True, date_joined=now)
    found = _roles([role] if role else [], by)
    if User.objects.filter(username__iexact=user.username).exists():
        raise _taken(user)
    try:
        validate_password(password, user)
        user.set_password(password)
        user.clean_fields()
    except ValidationError as error:
        raise UserError(" ".join(error.messages)) from error
    try:
        with transaction.atomic():
            user.save()
            user.groups.set([each.group for each in found])
            record_change(
                by,
                action="user.create",
                target=f"user:{user.username}",
                detail={"roles": [role] if role else []},
            )
    except IntegrityError:
        raise _taken(user) from None
    return user


def _taken(user: User) -> UserError:
    return UserError(f"there is a user {user.username!r} already: choose another name")


def set_roles(*, user: User, roles: Sequence[str], by: Actor, approved_by: str = "") -> None:
    """Give the user exactly these roles; groups that are no roles stay. Raises UserError, ApprovalNeeded."""
    require(by, Operation.USERS_MANAGE)
    found, before = _roles(roles, by), _reach(user)
    if not approved_by and takes_approval(ApprovalKind.GIVE_ROLES, by):
        raise ApprovalNeeded(_wish(user, roles))
    with transaction.atomic():
        _keep_an_administrator(user, by, stays=any(_manages_users(role) for role in found))
        kept = Group.objects.filter(user=user, role=None)
        user.groups.set([*kept, *(role.group for role in found)])
        _keep_somebody(by)
        after = together(each.reach for each in values_of(found).values())
        two = {"approved_by": approved_by} if approved_by else {}
        detail = {"roles": sorted(roles), **two, **taken_beyond(before, after, by)}
        record_change(by, action="user.set_roles", target=f"user:{user.username}", detail=detail)
    user.__dict__.pop("roles", None)


def _wish(user: User, roles: Sequence[str]) -> Wish:
    wanted, before = sorted(roles), sorted(role.group.name for role in user.roles)
    target = f"{user.username}: {', '.join(wanted) or 'no role'}, before {', '.join(before) or 'no role'}"
    return Wish(ApprovalKind.GIVE_ROLES, target, {"user": user.pk, "roles": wanted, "before": before})


def deactivate(*, user: User, by: Actor) -> None:
    """Let the user no longer sign in, and end what they have open at its next request. Raises UserError."""
    require(by, Operation.USERS_MANAGE)
    with transaction.atomic():
        _keep_an_administrator(user, by, stays=False)
        _set_active(user, by, active=False)
        _keep_somebody(by)


def activate(*, user: User, by: Actor) -> None:
    """Let the user sign in again, with the roles they have."""
    require(by, Operation.USERS_MANAGE)
    with transaction.atomic():
        _roles([role.group.name for role in user.roles], by)
        _set_active(user, by, active=True)


def follow_directory(*, user: User, roles: Collection[str]) -> bool:
    """Give a user of the directory those of these roles that exist; False when that is none and they may not in."""
    found = Role.objects.select_related("group").filter(group__name__in=roles)
    wanted, had = {role.group for role in found}, set(Group.objects.filter(user=user).exclude(role=None))
    if wanted != had or user.is_staff != bool(wanted):
        names = sorted(group.name for group in wanted)
        with transaction.atomic():
            user.groups.remove(*had)
            user.groups.add(*wanted)
            User.objects.filter(pk=user.pk).update(is_staff=bool(wanted))
            record_change(
                _DIRECTORY, action="user.set_roles", target=f"user:{user.username}", detail={"roles": names}
            )
        user.is_staff = bool(wanted)
        user.__dict__.pop("roles", None)
    return bool(wanted)


def _set_active(user: User, by: Actor, *, active: bool) -> None:
    if User.objects.filter(pk=user.pk, is_active=not active).update(is_active=active):
        action = "user.activate" if active else "user.deactivate"
        detail = {} if active else taken_beyond(_reach(user), NOTHING, by)
        record_change(by, action=action, target=f"user:{user.username}", detail=detail)
    user.is_active = active


def _reach(user: User) -> Reach:
    """What the user's roles give them, as it is in the database now."""
    roles = list(Role.objects.select_related("group").filter(group__user=user))
    return together(each.reach for each in values_of(roles).values())


def _roles(names: Sequence[str], by: Actor) -> list[Role]:
    """The roles of these names; nobody gives what they may not do themselves."""
    found = {
        role.group.name: role for role in Role.objects.select_related("group").filter(group__name__in=names)
    }
    reaches = values_of(list(found.values()))
    for name in names:
        if name not in found:
            raise UserError(f"there is no role {name!r}: choose one of {', '.join(role_names())}")
        if beyond(reaches[found[name].pk].reach, by):
            raise UserError(
                f"the role {name!r} allows more than {by.name} may: ask an administrator to give it"
            )
    return list(found.values())


def role_to_give(name: str, *, by: Actor) -> Role:
    """The role of this name. Raises UserError when there is none, or it allows more than they may who would give it."""
    return _roles([name], by)[0]


def role_names() -> list[str]:
    """The names of all roles."""
    return list(Role.objects.order_by("group__name").values_list("group__name", flat=True))


def _manages_users(role: Role) -> bool:
    return Operation.USERS_MANAGE in role.allowed_operations


def _keep_an_administrator(user: User, by: Actor, *, stays: bool) -> None:
    if not stays and by.name == user.username:
        raise UserError("you cannot take your own right to manage users: ask another administrator")


def _keep_somebody(by: Actor) -> None:
    if user_managers.would_be_gone(by):
        raise UserError(
            "nobody would be left who manages users: give somebody else the role administrator first"
        )
