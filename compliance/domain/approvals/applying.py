"""Doing what was approved: exactly as asked, and only against what it was asked against."""

from collections.abc import Mapping
from typing import Any

from compliance.access import AccessDenied
from compliance.actors import Actor
from compliance.domain.approvals.kinds import ApprovalKind
from compliance.domain.approvals.policy import apply_policy
from compliance.domain.directory.configuration import directory
from compliance.domain.roles.editing import RoleError, UnknownRole, change_role, delete_role, make_role
from compliance.domain.roles.values import RoleValues
from compliance.domain.second_factors import require_of_role
from compliance.domain.users import UserError, set_roles
from compliance.models import Role, User


class RefusedByState(ValueError):
    """It cannot be done any more; the message says why."""


def apply(kind: ApprovalKind, payload: Mapping[str, Any], *, asker: Actor, approved_by: str) -> None:
    """Do it as the asker. Raises RefusedByState."""
    doers = {
        ApprovalKind.CHANGE_ROLE: _change_role,
        ApprovalKind.GIVE_ROLES: _give_roles,
        ApprovalKind.POLICY: _policy,
    }
    try:
        doers[kind](payload, asker, approved_by)
    except (RoleError, UnknownRole, UserError, AccessDenied) as error:
        raise RefusedByState(str(error)) from error


def _change_role(payload: Mapping[str, Any], asker: Actor, approved_by: str) -> None:
    if "second_factor" in payload:
        _ask_second_factor(payload, asker, approved_by)
        return
    role, seen = payload["role"], payload["seen"]
    if payload["wanted"] is None:
        delete_role(role, seen=seen, by=asker, approved_by=approved_by)
        return
    wanted = RoleValues.of_document(payload["wanted"])
    if role is None:
        make_role(wanted, by=asker, approved_by=approved_by)
    else:
        change_role(role, wanted, seen=seen, by=asker, approved_by=approved_by)


def _ask_second_factor(payload: Mapping[str, Any], asker: Actor, approved_by: str) -> None:
    role, required = Role.objects.filter(pk=payload["role"]).first(), payload["second_factor"]
    if role is None:
        raise RefusedByState("there is no such role any more")
    if not require_of_role(role=role, required=required, by=asker, approved_by=approved_by):
        raise RefusedByState("it is so already: somebody has changed it since")


def _give_roles(payload: Mapping[str, Any], asker: Actor, approved_by: str) -> None:
    if "group" in payload:
        _map_group(payload, asker, approved_by)
        return
    user = User.objects.filter(pk=payload["user"]).first()
    if user is None:
        raise RefusedByState("there is no such user any more")
    if sorted(role.group.name for role in user.roles) != payload["before"]:
        raise RefusedByState(f"the roles of {user.username} have changed since")
    set_roles(user=user, roles=payload["roles"], by=asker, approved_by=approved_by)


def _map_group(payload: Mapping[str, Any], asker: Actor, approved_by: str) -> None:
    if directory() is None:
        raise RefusedByState("there is no directory any more")
    from compliance.domain.directory.mappings import MappingError, map_group, unmap_group  # noqa: PLC0415 -- imports ldap

    try:
        if "mapping" in payload:
            unmap_group(mapping_id=payload["mapping"], by=asker, approved_by=approved_by)
        else:
            map_group(group=payload["group"], role=payload["role"], by=asker, approved_by=approved_by)
    except MappingError as error:
        raise RefusedByState(str(error)) from error


def _policy(payload: Mapping[str, Any], asker: Actor, approved_by: str) -> None:
    if not apply_policy(payload["kinds"], before=payload["before"], by=asker, approved_by=approved_by):
        raise RefusedByState("somebody has changed since what takes a second person")
