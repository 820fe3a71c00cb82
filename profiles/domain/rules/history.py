"""Who changed the rules of a namespace when, and what: kept by django-auditlog, in the transaction of the change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from auditlog.models import LogEntry

from profiles.domain.rules.values import differing
from profiles.models import Namespace

SHOWN = 50
NOTHING = "—"
_MOST_NAMED = 20  # of what was added to a list, or taken from it
_NAMES = {
    "name": "Name", "level": "Certainty", "priority": "Priority", "limit": "At most, for one person", "limit_days": "Within days",
    "unique": "Unique", "shareable": "Shareable", "normaliser": "Normal form", "paths": "Paths",
    "verified_paths": "Verified by", "blocked_values": "Blocked values", "blocked_patterns": "Blocked patterns",
    "shared_patterns": "Always shared", "content": "Found in texts", "content_patterns": "Patterns in texts",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that changed, in words. Of a list, what was taken out and what was put in."""

    field: str
    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Past:
    """One change as it was made; `change` is the number of the rule change."""

    at: datetime
    by: str
    change: int | None
    differences: list[Difference]


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """In which fields the values of a namespace differ, in words."""
    return [
        Difference(field, _NAMES[field], *_in_words(before[field], after[field]))
        for field in differing(before, after)
    ]


def note(
    row: Namespace, before: Mapping[str, Any], after: Mapping[str, Any], *, by: str, change: int
) -> None:
    """Keep that the namespace was changed."""
    changes = {each.field: [each.before, each.after] for each in differences(before, after)}
    LogEntry.objects.log_create(
        row, action=LogEntry.Action.UPDATE, changes=changes, additional_data={"by": by, "change": change}
    )


def history(row: Namespace) -> list[Past]:
    """The changes of this namespace, the latest first; at most SHOWN."""
    entries = LogEntry.objects.get_for_object(row).order_by("-timestamp", "-id")[:SHOWN]
    return [_past(each) for each in entries]


def _past(entry: LogEntry) -> Past:
    said = entry.additional_data or {}
    changes: Mapping[str, Sequence[str]] = entry.changes or {}
    found = [Difference(field, _NAMES.get(field, field), *pair) for field, pair in changes.items()]
    return Past(entry.timestamp, said.get("by", NOTHING), said.get("change"), found)


def _in_words(before: Any, after: Any) -> tuple[str, str]:
    if isinstance(before, list) and isinstance(after, list):
        gone, new = set(before).difference(after), set(after).difference(before)
        return _listed([each for each in before if each in gone]), _listed(
            [each for each in after if each in new]
        )
    return _word(before), _word(after)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return NOTHING if value in (None, "") else str(value)


def _listed(values: Sequence[str]) -> str:
    more = f" and {len(values) - _MOST_NAMED} more" if len(values) > _MOST_NAMED else ""
    return ", ".join(values[:_MOST_NAMED]) + more if values else NOTHING
