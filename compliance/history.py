"""Who changed a row when, and what: kept by django-auditlog, in the transaction of the change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from auditlog.models import LogEntry
from django.db.models import Model

SHOWN = 50
NOBODY = "—"
MADE, CHANGED, TAKEN_OUT = LogEntry.Action.CREATE, LogEntry.Action.UPDATE, LogEntry.Action.DELETE


@dataclass(frozen=True, slots=True)
class Past:
    """One change as it was made: (what changed, before, after)."""

    at: datetime
    by: str
    changes: Sequence[tuple[str, str, str]]


def note(row: Model, action: int, changes: Mapping[str, Sequence[str]], *, by: str, **said: object) -> None:
    """Keep that the row was MADE, CHANGED or TAKEN_OUT: before and after by the name of what changed, and what else was said."""
    LogEntry.objects.log_create(
        row,
        force_log=True,
        action=action,
        changes={name: list(pair) for name, pair in changes.items()},
        additional_data={"by": by, **said},
    )


def history(row: Model, *, most: int = SHOWN, names: Mapping[str, str] | None = None) -> list[Past]:
    """The changes of the row, the latest first; what changed is told by its name in `names`, if it has one."""
    known = names or {}
    return [
        Past(
            each.timestamp,
            (each.additional_data or {}).get("by", NOBODY),
            [(known.get(name, name), *pair) for name, pair in (each.changes or {}).items()],
        )
        for each in LogEntry.objects.get_for_object(row).order_by("-timestamp", "-id")[:most]
    ]
