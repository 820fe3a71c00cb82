"""A payload becomes records of the log: its events, and what could not be made of it with the reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from ingestion.collector import answers
from ingestion.collector.answers import Answer
from ingestion.collector.intake import Taken, count_rejected, take
from ingestion.collector.tally import Tally
from ingestion.domain.configuration import Configuration
from ingestion.domain.events import Envelope, ItemRejected, rejection_record, text_of_bytes, withheld_record
from ingestion.domain.events.limits import MAX_EVENT_BYTES
from ingestion.domain.mappings import Mapped
from ingestion.domain.webhooks.endpoint import Endpoint
from ingestion.domain.webhooks.reading import Unreadable, records_of
from ingestion.domain.webhooks.withholding import may_name_suppressed
from ingestion.enums import Result
from streaming.contracts.events import REJECTIONS_TOPIC
from streaming.contracts.records import NewRecord

_UNREADABLE, _UNMAPPABLE = 400, 422
_SUPPRESSED = Result.SUPPRESSED.value


class Request(NamedTuple):
    """A request whose sender is known. `identity` is the id that the sender gave the message and signed."""

    endpoint: Endpoint
    received_at: datetime
    headers: dict[bytes, bytes]
    body: bytes
    identity: str | None

    @property
    def content_type(self) -> str:
        """What the sender says that the body is."""
        return self.headers.get(b"content-type", b"").decode("latin-1")


@dataclass(slots=True)
class Outcome:
    """What a payload comes to, and the answer for when it is durable."""

    taken: Taken
    answer: Answer = answers.SUCCESS
    code: str = ""
    events: int = 0
    is_withheld: bool = False


def take_payload(
    request: Request, body: bytes, envelope: Envelope, configuration: Configuration, tally: Tally
) -> Outcome:
    """Map the unpacked body, and accept or reject each event and each record on its own."""
    try:
        records = records_of(body, request.content_type)
    except Unreadable as unreadable:
        return _unreadable(ItemRejected(unreadable.code, str(unreadable)), body, envelope, configuration)
    items, owners, failed = _mapped(request, records)
    taken = take(items, envelope, configuration, tally) if items else Taken()
    outcome = Outcome(taken, events=len(items) - taken.refused)
    if taken.rejected:
        _keep_payload(taken, records, owners, configuration)
    for at, rejected in failed:
        _refuse(outcome, records[at], rejected, envelope, configuration)
    outcome.is_withheld = outcome.is_withheld or _is_suppressed(taken)
    if failed or taken.rejected:
        _judge(outcome, failed)
    return outcome


def _unreadable(
    rejected: ItemRejected, body: bytes, envelope: Envelope, configuration: Configuration
) -> Outcome:
    answer = answers.error(_UNREADABLE, rejected.code, rejected.reason)
    outcome = Outcome(Taken(), answer, rejected.code)
    _refuse(outcome, text_of_bytes(body)[:MAX_EVENT_BYTES], rejected, envelope, configuration)
    return outcome


def _mapped(
    request: Request, records: list[Any]
) -> tuple[list[dict[str, Any]], Sequence[int], list[tuple[int, ItemRejected]]]:
    """The items of all records, whose each is, and the records that could not be mapped whole."""
    endpoint, identity = request.endpoint, request.identity
    assert endpoint.mapping is not None, "an endpoint in trouble takes nothing"
    if len(records) == 1:  # most
        mapped = endpoint.mapping.map(endpoint.with_headers(records[0], request.headers), identity=identity)
        return mapped.items, [0] * len(mapped.items), _first_problem(0, mapped)
    items: list[dict[str, Any]] = []
    owners: list[int] = []
    failed: list[tuple[int, ItemRejected]] = []
    for at, record in enumerate(records):
        own = None if identity is None else f"{identity}-{at}"
        mapped = endpoint.mapping.map(endpoint.with_headers(record, request.headers), identity=own)
        items += mapped.items
        owners += [at] * len(mapped.items)
        failed += _first_problem(at, mapped)
    return items, owners, failed


def _first_problem(at: int, mapped: Mapped) -> list[tuple[int, ItemRejected]]:
    if not mapped.problems:
        return []
    return [(at, ItemRejected(mapped.problems[0].code, str(mapped.problems[0])))]


def _keep_payload(
    taken: Taken, records: list[Any], owners: Sequence[int], configuration: Configuration
) -> None:
    """Beside the first item that was rejected keep the payload that it was made of, which may say more."""
    payload = records[owners[taken.rejected[0][0]]]
    if may_name_suppressed(payload, configuration.suppressions):
        return
    for at, record in enumerate(taken.records):
        if record.topic == REJECTIONS_TOPIC and record.value is not None:
            document = orjson.loads(record.value)
            if document["raw"]:
                raw = orjson.dumps(payload)
                document |= {"raw": raw[:MAX_EVENT_BYTES].decode(errors="replace"), "raw_bytes": len(raw)}
                taken.records[at] = NewRecord(record.topic, record.key, orjson.dumps(document))
            return


def _refuse(
    outcome: Outcome, payload: Any, rejected: ItemRejected, envelope: Envelope, configuration: Configuration
) -> None:
    if may_name_suppressed(payload, configuration.suppressions):
        outcome.is_withheld = True
        rejected = rejected.withheld
        record = withheld_record("", rejected, envelope)
    else:
        record = rejection_record(payload, rejected, envelope)
    count_rejected(outcome.taken, record, rejected, envelope)


def _is_suppressed(taken: Taken) -> bool:
    return any(counted[3] == _SUPPRESSED for counted in taken.counts) if taken.others else False


def _judge(outcome: Outcome, failed: list[tuple[int, ItemRejected]]) -> None:
    """Nothing of it was taken: the sender's fault, or the mapping's. Otherwise the good ones are what counts."""
    taken = outcome.taken
    first = [*failed, *taken.rejected[:1]][0][1]
    outcome.code = first.code
    if outcome.events == 0:
        outcome.answer = answers.error(_UNMAPPABLE, first.code, first.reason)
    else:
        rejected = [
            {"index": index, "code": each.code, "message": each.reason} for index, each in taken.rejected
        ]
        rejected += [{"record": at, "code": each.code, "message": each.reason} for at, each in failed[:20]]
        outcome.answer = answers.answer(200, orjson.dumps({"success": True, "rejected": rejected}))
