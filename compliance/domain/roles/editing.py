"""Making, changing and deleting roles. Nobody gives more than they have; the administrator stays as it is."""

from collections.abc import Collection
from typing import NoReturn

from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction

from compliance.access import require
from compliance.actors import Actor
from compliance.audit import record_change
from compliance.domain import user_managers
from compliance.domain.approvals.kinds import ApprovalKind
from compliance.domain.approvals.needing import ApprovalNeeded, Wish, takes_approval
from compliance.domain.roles.differences import in_words
from compliance.domain.roles.limits import beyond, taken_beyond
from compliance.domain.roles.values import NOTHING, RoleValues, values_of
from compliance.domain.seeds import ADMINISTRATOR
from compliance.enums import Operation
from compliance.history import CHANGED, MADE, TAKEN_OUT, note
from compliance.known_sources import known_sources
from compliance.models import DirectoryMapping, Purpose, Role, User
from compliance.objects import ObjectKind, give_to_group

MOST_NAME, MOST_DESCRIPTION = 80, 200


class RoleError(ValueError):
    """The role cannot be so; the message says why and what to do."""


class UnknownRole(LookupError):
    """There is no such role."""


def role_of(role_id: int) -> Role:
    """The role. Raises UnknownRole."""
    found = Role.objects.select_related("group").filter(pk=role_id).first()
    if found is None:
        raise UnknownRole("There is no such role: somebody may have deleted it.")
    return found


def check_role(wanted: RoleValues, *, by: Actor, role: Role | None = None) -> None:
    """Raise RoleError unless `by` may have the role be so; without `role` it is a new one."""
    _check_words(wanted, role)
    before = NOTHING if role is None else values_of([role])[role.pk].reach
    if missing := beyond(wanted.reach, by, before=before):
        raise RoleError(
            f"the role would allow more than {by.name} may: {'; '.join(missing)}. Leave it out, or ask an administrator"
        )
    if role is not None and Operation.USERS_MANAGE not in wanted.reach.operations:
        _keep_who_manages_users(role)


def make_role(wanted: RoleValues, *, by: Actor, approved_by: str = "") -> Role:
    """Make a role that nobody has yet. Raises RoleError, ApprovalNeeded, AccessDenied."""
    require(by, Operation.ROLES_MANAGE)
    check_role(wanted, by=by)
    if not approved_by:
        _may_take_two(None, f"New role {wanted.name}", wanted, "", by)
    try:
        with transaction.atomic():
            role = Role.objects.create(group=Group.objects.create(name=wanted.name), **_fields(wanted))
            give_to_group(ObjectKind.SOURCE, role.group_id, wanted.reach.sources or ())
            _note(role, None, wanted, by, approved_by)
    except IntegrityError:
        _taken(wanted.name)
    return role


def change_role(role_id: int, wanted: RoleValues, *, seen: str, by: Actor, approved_by: str = "") -> bool:
    """Have the role be so, from the next request of its members on; False when it is already.

    `seen` is the version it was changed from: a change that somebody else made meanwhile is not undone by it.
    Raises RoleError, UnknownRole, ApprovalNeeded, AccessDenied.
    """
    require(by, Operation.ROLES_MANAGE)
    try:
        with transaction.atomic():
            role = _locked(role_id)
            before = values_of([role])[role.pk]
            _check_seen(before, seen)
            if before == wanted:
                return False
            check_role(wanted, by=by, role=role)
            if not approved_by:
                _may_take_two(role, f"Change of the role {before.name}", wanted, seen, by)
            _store(role, wanted)
            _note(role, before, wanted, by, approved_by)
    except IntegrityError:
        _taken(wanted.name)
    return True


def delete_role(role_id: int, *, seen: str, by: Actor, approved_by: str = "") -> str:
    """Delete a role that nobody has; its name. Raises RoleError, UnknownRole, ApprovalNeeded, AccessDenied."""
    require(by, Operation.ROLES_MANAGE)
    with transaction.atomic():
        role = _locked(role_id)
        before = values_of([role])[role.pk]
        _check_seen(before, seen)
        check_deletion(role)
        if not approved_by:
            _may_take_two(role, f"Deleting the role {before.name}", None, seen, by)
        _note(role, before, None, by, approved_by)
        give_to_group(ObjectKind.SOURCE, role.group_id, ())
        role.group.delete()
    return before.name


def check_deletion(role: Role) -> None:
    """Raise RoleError while somebody has it, or would get it from the directory."""
    _check_changeable(role)
    members = User.objects.filter(groups=role.group_id).count()
    if members:
        raise RoleError(f"{members:,} have this role: give them another one first")
    if DirectoryMapping.objects.filter(role=role).exists():
        raise RoleError("a group of the directory gives this role: take out its mapping first")


def _check_words(wanted: RoleValues, role: Role | None) -> None:
    if role is not None:
        _check_changeable(role)
    if not 0 < len(wanted.name) <= MOST_NAME or not wanted.name.isprintable():
        raise RoleError(f"a role needs a name of at most {MOST_NAME} characters")
    if len(wanted.description) > MOST_DESCRIPTION:
        raise RoleError(f"a description has at most {MOST_DESCRIPTION} characters")
    others = Group.objects.filter(name__iexact=wanted.name)
    if (others if role is None else others.exclude(pk=role.group_id)).exists():
        _taken(wanted.name)
    _check_known("purpose", wanted.reach.purposes, set(Purpose.objects.values_list("key", flat=True)))
    _check_known("source", wanted.reach.sources or (), known_sources().keys())


def _check_known(what: str, chosen: Collection[object], known: Collection[object]) -> None:
    if unknown := set(chosen).difference(known):
        raise RoleError(f"there is no {what} {min(map(str, unknown))!r} any more: choose others")


def _check_changeable(role: Role) -> None:
    if role.group.name == ADMINISTRATOR:
        raise RoleError("the administrator may everything, always: copy the role and change the copy")


def _check_seen(before: RoleValues, seen: str) -> None:
    if before.version != seen:
        raise RoleError("somebody changed this role meanwhile: look at it again, and change it then")


def _taken(name: str) -> NoReturn:
    raise RoleError(f"there is a role or group {name!r} already: choose another name")


def _locked(role_id: int) -> Role:
    found = Role.objects.select_for_update(of=("self",)).select_related("group").filter(pk=role_id).first()
    if found is None:
        raise UnknownRole("There is no such role: somebody may have deleted it.")
    return found


def _keep_who_manages_users(role: Role) -> None:
    if Operation.USERS_MANAGE in role.allowed_operations and not user_managers.is_left(without=role):
        raise RoleError("nobody would be left who manages users: give somebody the role administrator first")


def _fields(wanted: RoleValues) -> dict[str, object]:
    forms = wanted.reach.forms
    return {
        "description": wanted.description,
        "operations": sorted(wanted.reach.operations),
        "categories": sorted(forms.clear),
        "hashed": sorted(forms.hashed),
        "hidden": sorted(forms.hidden),
        "purposes": sorted(wanted.reach.purposes),
        "all_sources": wanted.reach.sources is None,
    }


def _store(role: Role, wanted: RoleValues) -> None:
    Group.objects.filter(pk=role.group_id).update(name=wanted.name)
    Role.objects.filter(pk=role.pk).update(**_fields(wanted))
    give_to_group(ObjectKind.SOURCE, role.group_id, wanted.reach.sources or ())


def _may_take_two(role: Role | None, target: str, wanted: RoleValues | None, seen: str, by: Actor) -> None:
    """Raise ApprovalNeeded where a change of a role takes a second person."""
    if takes_approval(ApprovalKind.CHANGE_ROLE, by):
        before = None if role is None else values_of([role])[role.pk]
        payload = {
            "role": role and role.pk, "seen": seen, "wanted": wanted and wanted.document(),
            "told": in_words(before, wanted),
        }  # fmt: skip
        raise ApprovalNeeded(Wish(ApprovalKind.CHANGE_ROLE, target, payload))


def _note(
    role: Role, before: RoleValues | None, after: RoleValues | None, by: Actor, approved_by: str
) -> None:
    """In the history of the role, and in the audit trail: what it was and what it is, in words."""
    changes, two = in_words(before, after), {"approved_by": approved_by} if approved_by else {}
    action = MADE if before is None else TAKEN_OUT if after is None else CHANGED
    note(role, action, changes, by=by.name, **two)
    name = (after or before or RoleValues("", "", NOTHING)).name
    taken = taken_beyond(before.reach, after.reach, by) if before and after else {}
    detail = {"changes": changes, **two, **taken}
    record_change(by, action="role.change", target=f"role:{name}"[:200], detail=detail)
