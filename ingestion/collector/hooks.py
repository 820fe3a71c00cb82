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
from ingestion.domain.webhooks.handshakes import handshake
from ingestion.domain.webhooks.recent import Arrived
from ingestion.domain.webhooks.signatures import NotProven

PREFIX = "/v1/hooks/"
_LONGEST_ID = 43
_METHOD = answers.error(
    405, "method_not_allowed", "payloads are sent with POST", [(b"allow", b"POST, GET, HEAD")]
)
_UNKNOWN = answers.error(404, "unknown_webhook", "there is no such webhook, or it was disabled")


async def answer_hook(service: CollectorService, scope: Scope, receive: Receive) -> Answer:
    """Take the payload of a request, and answer once its events are durable. Raises Refused, Disconnected."""
    received_at = datetime.now(UTC)
    method = scope["method"]
    if method not in {"POST", "GET", "HEAD"}:
        return _METHOD
    endpoint = await _endpoint(service, scope["path"][len(PREFIX) :].removesuffix("/"))
    if endpoint.trouble:
        return answers.unavailable("this webhook cannot take payloads until its administrator mends it", 60)
    try:
        if method == "POST":
            return await _taken(service, await _proven(endpoint, scope, receive, received_at))
        content, content_type = handshake(endpoint, scope["query_string"], now=received_at)
        return answers.answer(200, content, content_type)
    except NotProven as wrong:
        return answers.error(401, wrong.code, str(wrong))
    except ValueError:  # too many fields
        return answers.error(400, "bad_request", "the query of the request cannot be read")


async def _proven(endpoint: Endpoint, scope: Scope, receive: Receive, received_at: datetime) -> Request:
    """The request, once it proves who sends it. Raises NotProven, Refused, Disconnected."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    if int(headers.get("content-length", "0")) > MAX_DRAINED_BYTES:
        raise Refused(answers.TOO_LARGE)
    raw = await read_body(receive, MAX_HOOK_BYTES)
    identity = endpoint.prove(headers, raw, now=received_at)
    return Request(endpoint, received_at, headers, raw, identity)


async def _endpoint(service: CollectorService, public_id: str) -> Endpoint:
    """The webhook of this address; one that is not in the snapshot may have been made a moment ago. Raises Refused."""
    if not 0 < len(public_id) <= _LONGEST_ID:
        raise Refused(_UNKNOWN)
    found = _known(service, public_id)
    if found is None:
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
    if service.brake.is_on:
        await service.brake.hold_back(len(body))
    configuration = service.watch.current
    assert configuration is not None, "the webhook was found in it"
    envelope = Envelope(source_id=endpoint.source_id, received_at=request.received_at)
    envelope.rules = configuration.rules.get(endpoint.source_id)
    body = unpacked(body, MAX_HOOK_BYTES)
    outcome = take_payload(request, body, envelope, configuration, service.tally)
    answer = await made_durable(service, outcome.taken) or outcome.answer
    if not outcome.is_withheld and service.payloads.wants(endpoint.id):
        service.payloads.keep(_arrived(request, body, answer, outcome), configuration.suppressions)
    return answer


def _arrived(request: Request, body: bytes, answer: Answer, outcome: Outcome) -> Arrived:
    headers, endpoint = request.headers, request.endpoint
    return Arrived(
        endpoint.id, request.received_at, body, headers.get("content-type", ""),
        {name: headers[name] for name in endpoint.headers if name in headers},
        answer.status, outcome.code, outcome.events,
    )  # fmt: skip
