"""Telling staff that events wait in quarantine, and that they do no longer."""

from datetime import datetime

from django.db.models import Count

from compliance.notices import notify, over_but
from ingestion.enums import QuarantineState
from ingestion.models import Quarantined, Source

_KIND = "quarantine"


def tell(*, now: datetime) -> None:
    """Tell of each source of which events wait; to be called now and then."""
    waiting = dict(
        Quarantined.objects.filter(state=QuarantineState.OPEN)
        .order_by()
        .values_list("source")
        .annotate(n=Count("pk"))
    )
    for source in Source.objects.filter(pk__in=waiting):
        count = waiting[source.pk]
        notify(
            _KIND,
            f"{count:,} event{'s' if count > 1 else ''} of {source.name} wait{'' if count > 1 else 's'} in quarantine",
            "They break the tracking plan. Mend them and send them on, or discard them; after 90 days they are discarded.",
            link=f"/admin/quarantine/?source={source.pk}", now=now, key=_key(source.pk),
        )  # fmt: skip
    over_but(_KIND, [_key(source_id) for source_id in waiting], now=now)


def _key(source_id: int) -> str:
    return f"source:{source_id}"
