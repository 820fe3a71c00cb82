"""Who changed what people say in the catalogue, and when: kept by django-auditlog, in the transaction of the change."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType

from ingestion.models import CatalogueEvent, CatalogueKey

Entry = CatalogueEvent | CatalogueKey
Changes = Mapping[str, tuple[str, str]]
"""Before and after, by the name of the field."""


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
