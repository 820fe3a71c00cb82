"""The mapping of groups to roles that the page shows: added, taken out, and who did so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from auditlog.models import LogEntry
from django.db import IntegrityError, transaction

from compliance.access import require
from compliance.actors import Actor
from compliance.audit import record_change
from compliance.domain.approvals.kinds import ApprovalKind
from compliance.domain.approvals.needing import ApprovalNeeded, Wish, takes_approval
from compliance.domain.directory.entries import mapping_key
from compliance.domain.users import UserError, role_to_give
from compliance.enums import Operation
from compliance.history import MADE, TAKEN_OUT, note
from compliance.models import DirectoryMapping

LONGEST_GROUP = 400
MOST = 1_000
SHOWN = 20


class MappingError(ValueError):
    """The group cannot be mapped so; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Past:
    """A change of the mapping."""

    at: datetime
    by: str
    group: str
    role: str
    is_added: bool


def mappings(actor: Actor) -> list[DirectoryMapping]:
    """All of them, by group; there are at most MOST. Raises AccessDenied."""
    require(actor, Operation.DIRECTORY_MANAGE)
    return list(DirectoryMapping.objects.select_related("role__group").order_by("key")[:MOST])


def map_group(*, group: str, role: str, by: Actor, approved_by: str = "") -> DirectoryMapping:
    """Give the members of a group this role, from their next sign-in or sync. Nobody gives more than they may.

    Raises AccessDenied, MappingError, ApprovalNeeded.
    """
    require(by, Operation.DIRECTORY_MANAGE)
    name = " ".join(group.split())
    if not name or len(name) > LONGEST_GROUP or not name.isprintable():
        raise MappingError(f"type the group's name or distinguished name, at most {LONGEST_GROUP} characters")
    if DirectoryMapping.objects.count() >= MOST:
        raise MappingError(f"there are {MOST:,} mapped groups: take out those that are not needed")
    try:
        given = role_to_give(role, by=by)
    except UserError as error:
        raise MappingError(str(error)) from error
    has_role = MappingError(f"{name} has a role already: take that out first")
    if DirectoryMapping.objects.filter(key=mapping_key(name)).exists():
        raise has_role
    if not approved_by and takes_approval(ApprovalKind.GIVE_ROLES, by):
        raise ApprovalNeeded(_wish(f"{role} to members of {name}", {"group": name, "role": role}))
    try:
        with transaction.atomic():
            row = DirectoryMapping.objects.create(group=name, key=mapping_key(name), role=given)
            _note(row, role, is_added=True, by=by, approved_by=approved_by)
    except IntegrityError:
        raise has_role from None
    return row


def unmap_group(*, mapping_id: int, by: Actor, approved_by: str = "") -> str:
    """No longer give a group's members its role; the name of the group. Raises AccessDenied, MappingError, ApprovalNeeded."""
    require(by, Operation.DIRECTORY_MANAGE)
    with transaction.atomic():
        found = DirectoryMapping.objects.select_for_update(of=("self",)).filter(pk=mapping_id)
        row = found.select_related("role__group").first()
        if row is None:
            raise MappingError("somebody has taken this group out already")
        role = row.role.group.name
        if not approved_by and takes_approval(ApprovalKind.GIVE_ROLES, by):
            told = {"mapping": row.pk, "group": row.group, "role": role}
            raise ApprovalNeeded(_wish(f"{role} no longer to members of {row.group}", told))
        _note(row, role, is_added=False, by=by, approved_by=approved_by)
        row.delete()
    return row.group


def _wish(target: str, payload: Mapping[str, Any]) -> Wish:
    return Wish(ApprovalKind.GIVE_ROLES, target, payload)


def history(actor: Actor) -> Sequence[Past]:
    """The newest changes, the latest first. Raises AccessDenied."""
    require(actor, Operation.DIRECTORY_MANAGE)
    entries = LogEntry.objects.get_for_model(DirectoryMapping).order_by("-timestamp", "-id")[:SHOWN]
    return [_past(each) for each in entries]


def _past(entry: LogEntry) -> Past:
    said = entry.additional_data or {}
    is_added = entry.action == MADE
    return Past(entry.timestamp, said.get("by", ""), said.get("group", ""), said.get("role", ""), is_added)


def _note(row: DirectoryMapping, role: str, *, is_added: bool, by: Actor, approved_by: str) -> None:
    """In the history of objects, and in the audit trail."""
    pair = {"group": row.group, "role": role}
    changes = {name: ("", value) if is_added else (value, "") for name, value in pair.items()}
    note(row, MADE if is_added else TAKEN_OUT, changes, by=by.name, **pair)
    action = "directory.map" if is_added else "directory.unmap"
    detail = {"name": row.group, **({"approved_by": approved_by} if approved_by else {})}
    record_change(by, action=action, target=f"role:{role}", detail=detail)
