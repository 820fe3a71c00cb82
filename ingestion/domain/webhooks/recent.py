"""The last payloads of webhooks: kept encrypted for a day, a few of each, and shown in the preview of the mapping."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import orjson
from django.db import connection, transaction

from compliance.access import Actor, require
from compliance.audit import record_read
from compliance.enums import Category, Operation
from compliance.secrets import SecretsUnreadable, seal, unseal
from compliance.subjects import named_in
from compliance.suppression import Suppressions
from ingestion.domain.events import Envelope, ItemRejected, accept_item, encode_accepted, text_of_bytes
from ingestion.domain.mappings import Mapping as EventMapping
from ingestion.domain.queries.watching import may_see_content
from ingestion.domain.webhooks.endpoint import HEADERS_KEY
from ingestion.domain.webhooks.reading import Unreadable, records_of
from ingestion.domain.webhooks.withholding import may_name_suppressed
from ingestion.models import Webhook, WebhookPayload

KEPT = 10
KEPT_FOR = timedelta(days=1)
MAX_BODY = 64 * 1024
SHOWN_EVENTS = 20

_TRIM = """
    DELETE FROM ingestion_webhookpayload
    WHERE webhook_id = ANY(%(webhooks)s) AND id NOT IN (
        SELECT latest.id FROM unnest(%(webhooks)s) AS webhook(id), LATERAL (
            SELECT id FROM ingestion_webhookpayload WHERE webhook_id = webhook.id ORDER BY id DESC LIMIT %(kept)s
        ) AS latest
    )
"""


class Arrived(NamedTuple):
    """A payload that came, and what became of it."""

    webhook_id: int
    received_at: datetime
    body: bytes
    content_type: str
    headers: dict[str, str]
    status: int
    code: str
    events: int


@dataclass(frozen=True, slots=True)
class Previewed:
    """What a mapping makes of one kept payload: how many events, and why not more.

    `raw` and `events` are for those who may see payloads whole; others get None and none. A mapping can call anything
    by any name, so names of properties say nothing of what may be shown.
    """

    payload: WebhookPayload
    raw: str | None = None
    events: list[dict[str, Any]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    made: int = 0

    @property
    def more(self) -> int:
        """How many events are not shown."""
        return self.made - len(self.events)


def names_suppressed(arrived: Arrived, suppressions: Suppressions) -> bool:
    """Whether the payload may name somebody of whom nothing may be kept."""
    try:
        records = records_of(arrived.body, arrived.content_type)
    except Unreadable:
        records = [text_of_bytes(arrived.body)]
    return may_name_suppressed(records, suppressions)


def store_payloads(arrived: Sequence[Arrived]) -> None:
    """Keep these, and of each webhook no more than the last few. Raises django.db.Error."""
    known = set(
        Webhook.objects.filter(pk__in={each.webhook_id for each in arrived}).values_list("pk", flat=True)
    )
    rows = [_row(each) for each in arrived if each.webhook_id in known]
    with transaction.atomic(), connection.cursor() as cursor:
        WebhookPayload.objects.bulk_create(rows)
        cursor.execute(_TRIM, {"webhooks": sorted(known), "kept": KEPT})


def forget_payloads(*, now: datetime) -> int:
    """Delete those that are older than a day; how many."""
    return WebhookPayload.objects.filter(received_at__lt=now - KEPT_FOR).delete()[0]


def preview(
    actor: Actor, *, webhook: Webhook, mapping: EventMapping | None, now: datetime, limit: int = KEPT
) -> list[Previewed]:
    """What the mapping makes of the last payloads, newest first. The look is in the audit trail. Raises AccessDenied."""
    require(actor, Operation.SOURCES_VIEW)
    rows = list(webhook.payloads.filter(received_at__gte=now - KEPT_FOR)[:limit])
    if not rows:
        return []
    shows_all = may_see_content(actor)
    previewed = [_previewed(row, webhook, mapping, shows_all=shows_all, now=now) for row in rows]
    named = {each for row in previewed for event in row.events for each in named_in(event)}
    record_read(
        actor, action="webhook.preview", subjects=named, target=f"webhook:{webhook.pk}", categories=Category if shows_all else (),
        detail={"payloads": len(rows), "raw": shows_all},
    )  # fmt: skip
    return previewed


def _row(arrived: Arrived) -> WebhookPayload:
    kept = {"body": text_of_bytes(arrived.body), "headers": orjson.dumps(arrived.headers).decode()}
    return WebhookPayload(
        webhook_id=arrived.webhook_id, received_at=arrived.received_at, status=arrived.status, code=arrived.code,
        events=arrived.events, content_type=arrived.content_type[:100].replace("\0", ""), body=seal(kept),
    )  # fmt: skip


def _previewed(
    row: WebhookPayload, webhook: Webhook, mapping: EventMapping | None, *, shows_all: bool, now: datetime
) -> Previewed:
    try:
        kept = unseal(row.body)
        records = records_of(kept["body"].encode(), row.content_type.partition(";")[0])
    except (SecretsUnreadable, Unreadable) as error:
        return Previewed(row, problems=[str(error)])
    raw = _pretty(records) if shows_all else None
    if mapping is None:
        return Previewed(row, raw)
    events, problems = _made(mapping, records, orjson.loads(kept["headers"]), webhook.source_id, now)
    shown = events[:SHOWN_EVENTS] if shows_all else []
    return Previewed(row, raw, shown, list(dict.fromkeys(problems))[:SHOWN_EVENTS], len(events))


def _made(
    mapping: EventMapping, records: list[Any], headers: dict[str, str], source_id: int, now: datetime
) -> tuple[list[dict[str, Any]], list[str]]:
    """The events that the collector would take, and why it would not take others."""
    envelope = Envelope(source_id=source_id, received_at=now)
    events: list[dict[str, Any]] = []
    problems: list[str] = []
    for record in records:
        mapped = mapping.map(
            {**record, HEADERS_KEY: headers} if headers and isinstance(record, dict) else record
        )
        problems += [str(problem) for problem in mapped.problems]
        for item in mapped.items:
            try:
                event = accept_item(item, envelope)
                encode_accepted(event, item)
            except ItemRejected as rejected:
                problems.append(rejected.reason)
            else:
                events.append(dict(event))
    return events, problems


def _pretty(records: list[Any]) -> str:
    shown = records[0] if len(records) == 1 else records
    return orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode()
