"""What the list of webhooks shows."""

from datetime import datetime
from typing import NamedTuple

from django.db.models import OuterRef, Subquery

from compliance.access import Actor, require
from compliance.enums import Operation
from compliance.sources import of_sources
from ingestion.domain.webhooks.schemes import SCHEMES
from ingestion.models import Webhook, WebhookPayload

SHOWN = 500


class Overview(NamedTuple):
    """A webhook, when the last payload came that is still kept, and what its sender was answered."""

    webhook: Webhook
    scheme: str
    last_at: datetime | None
    last_status: int | None

    @property
    def is_failing(self) -> bool:
        """Whether the last payload was not taken."""
        return self.last_status is not None and self.last_status >= 400  # noqa: PLR2004 -- where errors begin


def overviews(by: Actor) -> list[Overview]:
    """All webhooks of sources that they may see, by name. Raises AccessDenied."""
    require(by, Operation.SOURCES_VIEW)
    latest = WebhookPayload.objects.filter(webhook=OuterRef("pk")).order_by("-id")
    found = of_sources(by, Webhook.objects.select_related("source")).annotate(
        last_at=Subquery(latest.values("received_at")[:1]), last_status=Subquery(latest.values("status")[:1])
    )
    return [Overview(each, _title(each.scheme), each.last_at, each.last_status) for each in found[:SHOWN]]


def _title(scheme: str) -> str:
    return SCHEMES[scheme].title if scheme in SCHEMES else scheme
