"""From a request that brings events to its answer. Hot: see benchmarks/collector.py."""

from datetime import UTC, datetime
from typing import Any

import orjson

from ingestion.collector import answers
from ingestion.collector.answers import Answer, Refused
from ingestion.collector.body import Receive, read_body, unpacked
from ingestion.collector.groups import Outcome, Overloaded
from ingestion.collector.head import Head, Scope
from ingestion.collector.intake import Taken, take
from ingestion.collector.keys import presented_keys, source_of
from ingestion.collector.limits import MAX_DRAINED_BYTES, MAX_ITEMS
from ingestion.collector.routes import Route
from ingestion.collector.service import CollectorService
from ingestion.domain.events import Envelope, NotJson, parse_json
from streaming.runtime.failpoints import reach


async def collect(service: CollectorService, scope: Scope, receive: Receive, route: Route) -> Answer:
    """Take the events of a request, and answer once they are durable. Raises Refused, Disconnected."""
    received_at = datetime.now(UTC)
    head = Head(scope)
    if head.length > MAX_DRAINED_BYTES:
        return answers.TOO_LARGE
    body = unpacked(await read_body(receive, route.limit), route.limit)
    document = _parsed(body)
    source_id = await _source(service, head, document)
    if route.type is not None:
        items, envelope = [document], _envelope(service, head, source_id, received_at, type=route.type)
    else:
        items = _items(document)
        envelope = _envelope(
            service, head, source_id, received_at, sent_at=document.get("sentAt"),
            context=_shared(document, "context"), integrations=_shared(document, "integrations"),
        )  # fmt: skip
    return await keep(service, items, envelope, size=len(body))


async def keep(service: CollectorService, items: list[Any], envelope: Envelope, *, size: int = 0) -> Answer:
    """Make the good items durable as events and the others as rejections; the answer says which were not taken.

    `size` is how many bytes of JSON they were. Raises Refused while the brake is on and nothing more should come in,
    and when the source sends more than its limit.
    """
    if wait := service.limit.take(envelope.source_id, len(items) or 1):
        raise Refused(answers.too_often(wait))
    if service.brake.is_on:
        await service.brake.hold_back(size)
    configuration = service.watch.current
    assert configuration is not None, "the source was found in it"
    envelope.rules = configuration.rules.get(envelope.source_id)
    taken = take(items, envelope, configuration, service.tally)
    if (failure := await made_durable(service, taken)) is not None:
        return failure
    return _verdict(taken, len(items)) if taken.rejected else answers.SUCCESS


async def made_durable(service: CollectorService, taken: Taken) -> Answer | None:
    """Wait until the records are in the log or the spool, and count them; the answer when they are in neither."""
    outcome = Outcome.LOGGED
    if taken.records:
        try:
            outcome = await service.groups.commit(taken.records, taken.size)
        except Overloaded:
            return answers.BUSY
        reach("collector.before_answer")
    if outcome is Outcome.LOST:
        return answers.NOT_DURABLE
    service.tally.add(taken.counts, taken.samples, taken.others, spooled=outcome is Outcome.SPOOLED)
    return None


def _parsed(body: bytes) -> Any:
    try:
        return parse_json(body)
    except NotJson:
        raise Refused(answers.NOT_JSON) from None


async def _source(service: CollectorService, head: Head, document: Any) -> int:
    configuration = service.watch.current
    if configuration is not None and head.authorization is not None:
        source_id = configuration.by_authorization.get(head.authorization)
        if source_id is not None:
            return source_id
    keys = presented_keys(head.authorization, head.query, document)
    return await source_of(keys, service.watch, service.loop)


def _items(document: Any) -> list[Any]:
    items = document.get("batch") if type(document) is dict else None
    if type(items) is not list:
        raise Refused(answers.NO_BATCH)
    if len(items) > MAX_ITEMS:
        raise Refused(answers.TOO_MANY)
    return items


def _envelope(
    service: CollectorService, head: Head, source_id: int, received_at: datetime, **shared: Any
) -> Envelope:
    return Envelope(
        source_id=source_id, received_at=received_at, ip=head.address(service.settings.trusted_proxies),
        anonymous_id=head.anonymous_id, **shared,
    )  # fmt: skip


def _shared(document: dict[str, Any], field: str) -> dict[str, Any] | None:
    value = document.get(field)
    return value if type(value) is dict and value else None


def _verdict(taken: Taken, items: int) -> Answer:
    """A request of which nothing was accepted is the client's fault; otherwise the good ones are what counts."""
    _, first = taken.rejected[0]
    if taken.refused == items:
        return answers.error(400, first.code, first.reason)
    rejected = [{"index": index, "code": item.code, "message": item.reason} for index, item in taken.rejected]
    return answers.answer(200, orjson.dumps({"success": True, "rejected": rejected}))
