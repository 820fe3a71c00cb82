"""The mapping of groups to roles that the page shows: added, taken out, and who did so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from auditlog.models import LogEntry
from django.db import IntegrityError, transaction

from compliance.access import require
from compliance.actors import Actor
from compliance.audit import record_change
from compliance.domain.approvals.kinds import ApprovalKind
from compliance.domain.approvals.needing import takes_approval
from compliance.domain.directory.entries import mapping_key
from compliance.domain.users import UserError, role_to_give
from compliance.enums import Operation
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


def map_group(*, group: str, role: str, by: Actor) -> DirectoryMapping:
    """Give the members of a group this role, from their next sign-in or sync. Nobody gives more than they may.

    Raises AccessDenied, MappingError.
    """
    require(by, Operation.DIRECTORY_MANAGE)
    name = " ".join(group.split())
    if not name or len(name) > LONGEST_GROUP or not name.isprintable():
        raise MappingError(f"type the group's name or distinguished name, at most {LONGEST_GROUP} characters")
    if DirectoryMapping.objects.count() >= MOST:
        raise MappingError(f"there are {MOST:,} mapped groups: take out those that are not needed")
    if takes_approval(ApprovalKind.GIVE_ROLES, by):
        raise MappingError(
            "who has which role takes a second person, and a group gives roles to many: set LDAP_ROLES at the server, or "
            "have this no longer take a second person while you map the group"
        )
    try:
        given = role_to_give(role, by=by)
    except UserError as error:
        raise MappingError(str(error)) from error
    try:
        with transaction.atomic():
            row = DirectoryMapping.objects.create(group=name, key=mapping_key(name), role=given)
            _note(row, role, is_added=True, by=by)
    except IntegrityError:
        raise MappingError(f"{name} has a role already: take that out first") from None
    return row


def unmap_group(*, mapping_id: int, by: Actor) -> str:
    """No longer give a group's members its role; the name of the group. Raises AccessDenied, MappingError."""
    require(by, Operation.DIRECTORY_MANAGE)
    with transaction.atomic():
        found = DirectoryMapping.objects.select_for_update(of=("self",)).filter(pk=mapping_id)
        row = found.select_related("role__group").first()
        if row is None:
            raise MappingError("somebody has taken this group out already")
        _note(row, row.role.group.name, is_added=False, by=by)
        row.delete()
    return row.group


def history(actor: Actor) -> Sequence[Past]:
    """The newest changes, the latest first. Raises AccessDenied."""
    require(actor, Operation.DIRECTORY_MANAGE)
    entries = LogEntry.objects.get_for_model(DirectoryMapping).order_by("-timestamp", "-id")[:SHOWN]
    return [_past(each) for each in entries]


def _past(entry: LogEntry) -> Past:
    said = entry.additional_data or {}
    is_added = entry.action == LogEntry.Action.CREATE
    return Past(entry.timestamp, said.get("by", ""), said.get("group", ""), said.get("role", ""), is_added)


def _note(row: DirectoryMapping, role: str, *, is_added: bool, by: Actor) -> None:
    """In the history of objects, and in the audit trail."""
    pair = {"group": row.group, "role": role}
    LogEntry.objects.log_create(
        row, action=LogEntry.Action.CREATE if is_added else LogEntry.Action.DELETE,
        changes={name: ["", value] if is_added else [value, ""] for name, value in pair.items()},
        additional_data={"by": by.name, **pair},
    )  # fmt: skip
    action = "directory.map" if is_added else "directory.unmap"
    record_change(by, action=action, target=f"role:{role}", detail={"name": row.group})
