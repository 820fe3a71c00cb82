"""Who changed what people say in the catalogue, and when: kept by django-auditlog, in the transaction of the change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType

from ingestion.models import CatalogueEvent, CatalogueKey

SHOWN = 50
Entry = CatalogueEvent | CatalogueKey
Changes = Mapping[str, tuple[str, str]]
"""Before and after, by the name of the field."""


@dataclass(frozen=True, slots=True)
class Past:
    """One change as it was made."""

    at: datetime
    by: str
    changes: list[tuple[str, str, str]]


def note(
    changed: Sequence[tuple[CatalogueEvent, Changes]] | Sequence[tuple[CatalogueKey, Changes]],
    *,
    by: str,
    now: datetime,
) -> None:
    """Keep that these were changed: one statement, however many."""
    LogEntry.objects.bulk_create(
        LogEntry(
            content_type=ContentType.objects.get_for_model(entry), object_pk=str(entry.pk), object_id=entry.pk,
            object_repr=str(entry), action=LogEntry.Action.UPDATE, timestamp=now, additional_data={"by": by},
            changes={field: list(pair) for field, pair in changes.items()},
        )
        for entry, changes in changed
    )  # fmt: skip


def history(entry: Entry) -> list[Past]:
    """The changes of this entry, the latest first; at most SHOWN."""
    entries = LogEntry.objects.get_for_object(entry).order_by("-timestamp", "-id")[:SHOWN]
    return [
        Past(
            each.timestamp,
            (each.additional_data or {}).get("by", "—"),
            [(field, *pair) for field, pair in (each.changes or {}).items()],
        )
        for each in entries
    ]
