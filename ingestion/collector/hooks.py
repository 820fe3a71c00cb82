"""Webhooks: from what another system sends, in its own form, to events that are durable, and the answer."""

from datetime import UTC, datetime

from ingestion.collector import answers
from ingestion.collector.answers import Answer, Refused
from ingestion.collector.body import Receive, read_body, unpacked
from ingestion.collector.collect import made_durable
from ingestion.collector.head import Scope
from ingestion.collector.hook_intake import Outcome, Request, take_payload
from ingestion.collector.limits import MAX_DRAINED_BYTES, MAX_HOOK_BYTES
from ingestion.collector.service import CollectorService
from ingestion.collector.watch import TooManyWaiting
from ingestion.domain.events import Envelope
from ingestion.domain.webhooks.endpoint import Endpoint
from ingestion.domain.webhooks.handshakes import handshake, posted_challenge
from ingestion.domain.webhooks.recent import Arrived
from ingestion.domain.webhooks.signatures import NotProven

PREFIX = "/v1/hooks/"
_LONGEST_ID = 43
_METHOD = answers.unread(
    405, "method_not_allowed", "payloads are sent with POST", [(b"allow", b"POST, GET, HEAD")]
)
_UNKNOWN = answers.unread(404, "unknown_webhook", "there is no such webhook, or it was disabled")


async def answer_hook(service: CollectorService, scope: Scope, receive: Receive) -> Answer:
    """Take the payload of a request, and answer once its events are durable. Raises Refused, Disconnected."""
    received_at = datetime.now(UTC)
    method = scope["method"]
    if method not in {"POST", "GET", "HEAD"}:
        return _METHOD
    public_id = scope["path"][len(PREFIX) :].removesuffix("/")
    endpoint = _known(service, public_id) or await _endpoint(service, public_id)
    if endpoint.trouble:
        return answers.unavailable("this webhook cannot take payloads until its administrator mends it", 60)
    if method != "POST":
        return _tested(endpoint, scope["query_string"], received_at)
    headers = dict(scope["headers"])
    if int(headers.get(b"content-length", b"0")) > MAX_DRAINED_BYTES:
        return answers.TOO_LARGE
    raw = await read_body(receive, MAX_HOOK_BYTES)
    try:
        identity = endpoint.prove(headers, raw, now=received_at)
    except NotProven as wrong:
        return answers.error(401, wrong.code, str(wrong))
    return await _taken(service, Request(endpoint, received_at, headers, raw, identity))


def _tested(endpoint: Endpoint, query: bytes, now: datetime) -> Answer:
    """What a sender is answered that tests the address before it uses it."""
    try:
        return answers.answer(200, *handshake(endpoint, query, now=now))
    except NotProven as wrong:
        return answers.error(401, wrong.code, str(wrong))
    except ValueError:  # too many fields
        return answers.error(400, "bad_request", "the query of the request cannot be read")


async def _endpoint(service: CollectorService, public_id: str) -> Endpoint:
    """The webhook of an address that the snapshot lacks: it may have been made a moment ago. Raises Refused."""
    if not 0 < len(public_id) <= _LONGEST_ID:
        raise Refused(_UNKNOWN)
    try:
        if not await service.watch.refreshed(service.loop):
            raise Refused(answers.NOT_READY)
    except TooManyWaiting:
        raise Refused(answers.BUSY) from None
    found = _known(service, public_id)
    if found is None:
        raise Refused(_UNKNOWN)
    return found


def _known(service: CollectorService, public_id: str) -> Endpoint | None:
    configuration = service.watch.current
    return configuration.webhooks.get(public_id) if configuration is not None else None


async def _taken(service: CollectorService, request: Request) -> Answer:
    endpoint, body = request.endpoint, request.body
    if (challenge := posted_challenge(endpoint, body)) is not None:
        return answers.answer(200, challenge, b"text/plain; charset=utf-8")
    if wait := service.limit.take(endpoint.source_id):
        raise Refused(answers.too_often(wait))
    if service.brake.is_on:
        await service.brake.hold_back(len(body))
    configuration = service.watch.current
    assert configuration is not None, "the webhook was found in it"
    envelope = Envelope(source_id=endpoint.source_id, received_at=request.received_at)
    envelope.rules = configuration.rules.get(endpoint.source_id)
    body = unpacked(body, MAX_HOOK_BYTES)
    outcome = take_payload(request, body, envelope, configuration, service.tally)
    answer = await made_durable(service, outcome.taken) or outcome.answer
    if service.payloads.wants(endpoint.id) and not outcome.is_withheld:
        service.payloads.keep(_arrived(request, body, answer, outcome), configuration.suppressions)
    return answer


def _arrived(request: Request, body: bytes, answer: Answer, outcome: Outcome) -> Arrived:
    endpoint = request.endpoint
    return Arrived(
        endpoint.id, request.received_at, body, request.content_type, endpoint.shown(request.headers),
        answer.status, outcome.code, outcome.events,
    )  # fmt: skip
