"""The items of a request become records, counts and samples, in one pass. Hot: see benchmarks/collector.py."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ingestion.collector.tally import Counted, Tally
from ingestion.domain.configuration import Configuration
from ingestion.domain.events import (
    Envelope,
    ItemRejected,
    accept_item,
    encode_accepted,
    rejection_record,
    withheld_record,
)
from ingestion.domain.events.limits import MAX_EVENT_NAME, MAX_MESSAGE_ID
from ingestion.domain.events.rejection import text_within
from ingestion.domain.reports import Sample
from ingestion.domain.suppressions import is_suppressed, may_name_suppressed
from ingestion.enums import Result
from streaming.contracts.events import (
    EVENT_TYPES,
    OTHER_EVENTS_TOPIC,
    QUARANTINE_TOPIC,
    WireEvent,
    record_key,
)
from streaming.contracts.records import NewRecord

MAX_REPORTED = 20
_ACCEPTED, _REJECTED, _SUPPRESSED = Result.ACCEPTED.value, Result.REJECTED.value, Result.SUPPRESSED.value
_QUARANTINED = Result.QUARANTINED.value


class Taken:
    """What a request comes to: records to make durable, and what to count and show once they are."""

    __slots__ = ("counts", "others", "records", "refused", "rejected", "samples", "size")

    def __init__(self) -> None:
        self.records: list[NewRecord] = []
        self.size = 0
        self.refused = 0
        self.counts: Counted = {}
        self.samples: list[Sample] = []
        self.others: list[Sample] = []
        self.rejected: list[tuple[int, ItemRejected]] = []


def take(items: list[Any], envelope: Envelope, configuration: Configuration, tally: Tally) -> Taken:
    """Accept or reject every item on its own."""
    taken = Taken()
    records, counts, samples = taken.records, taken.counts, taken.samples
    source_id, topics, suppressions = envelope.source_id, configuration.topics, configuration.suppressions
    verdicts = configuration.verdicts
    tracks, others = topics.tracks.get, topics.others.get
    room = tally.room
    for index, item in enumerate(items):
        try:
            event = accept_item(item, envelope)
            value = encode_accepted(event, item)
        except ItemRejected as rejected:
            withheld = bool(suppressions) and may_name_suppressed(item, envelope, suppressions)
            _reject(taken, index, item, rejected, envelope, withheld=withheld)
            continue
        if suppressions and is_suppressed(event, suppressions, verdicts):
            _suppress(taken, event, envelope)
            continue
        event_type = event["type"]
        if event_type == "track":
            name = event["event"] or ""
            topic = tracks(name, "events.other")
        else:
            name = event_type
            topic = others(name, "events.other")
        if "withheld" in event:
            _withhold(taken, event, value, envelope)
            continue
        if "quarantined" in event:
            _quarantine(taken, event, name, value, envelope)
            continue
        records.append(NewRecord(topic, (event["anonymous_id"] or event["user_id"] or "").encode(), value))
        taken.size += len(value)
        counted = (source_id, event_type, name, _ACCEPTED)
        counts[counted] = counts.get(counted, 0) + 1
        if len(samples) < room:
            samples.append(
                Sample(
                    envelope.received_at,
                    source_id,
                    event_type,
                    name,
                    _ACCEPTED,
                    "",
                    event["message_id"],
                    value,
                )
            )
    return taken


def _reject(
    taken: Taken, index: int, item: object, rejected: ItemRejected, envelope: Envelope, *, withheld: bool
) -> None:
    fields: dict[str, Any] = item if isinstance(item, dict) else {}
    event_type = envelope.type or text_within(fields.get("type"), MAX_EVENT_NAME)
    event_type = event_type if event_type in EVENT_TYPES else ""
    if len(taken.rejected) < MAX_REPORTED:
        taken.rejected.append((index, rejected))
    if withheld:
        fields, rejected = {}, rejected.withheld
        record = withheld_record(event_type, rejected, envelope)
    else:
        record = rejection_record(item, rejected, envelope)
    count_rejected(taken, record, rejected, envelope, event_type, fields)


def count_rejected(  # noqa: PLR0917 -- what is counted and shown of it
    taken: Taken,
    record: NewRecord,
    rejected: ItemRejected,
    envelope: Envelope,
    event_type: str = "",
    fields: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Add the record of something that was rejected, and have it counted and shown."""
    taken.records.append(record)
    taken.size += len(record.value or b"")
    taken.refused += 1
    _count_other(taken, envelope, event_type, event_type or "(unknown)", _REJECTED)
    if len(taken.others) < MAX_REPORTED:
        message_id = text_within(fields.get("messageId"), MAX_MESSAGE_ID)
        name = text_within(fields.get("event"), MAX_EVENT_NAME) or event_type
        taken.others.append(
            Sample(
                envelope.received_at,
                envelope.source_id,
                event_type,
                name,
                _REJECTED,
                rejected.reason,
                message_id,
                record.value or b"",
            )
        )


def _quarantine(taken: Taken, event: WireEvent, name: str, value: bytes, envelope: Envelope) -> None:
    """Keep the event apart: it is durable like any other, and its client is told 200."""
    key = record_key(event["anonymous_id"], event["user_id"])
    taken.records.append(NewRecord(QUARANTINE_TOPIC, key, value))
    taken.size += len(value)
    _count_other(taken, envelope, event["type"], name, _QUARANTINED)
    if len(taken.others) < MAX_REPORTED:
        taken.others.append(
            Sample(
                envelope.received_at,
                envelope.source_id,
                event["type"],
                name,
                _QUARANTINED,
                event["quarantined"],
                event["message_id"],
                value,
            )
        )


def _withhold(taken: Taken, event: WireEvent, value: bytes, envelope: Envelope) -> None:
    """Keep nothing but that the purpose of the source is refused: the profile builder hears it."""
    key = record_key(event["anonymous_id"], event["user_id"])
    taken.records.append(NewRecord(OTHER_EVENTS_TOPIC, key, value))
    taken.size += len(value)
    _drop(
        taken,
        event,
        envelope,
        "the person refuses the purpose that this source collects for: nothing else was kept",
    )


def _suppress(taken: Taken, event: WireEvent, envelope: Envelope) -> None:
    _drop(taken, event, envelope, "an identifier is suppressed: nothing was stored")


def _drop(taken: Taken, event: WireEvent, envelope: Envelope, reason: str) -> None:
    # Counted and shown without anything that could tell who it was.
    _count_other(taken, envelope, event["type"], event["type"], _SUPPRESSED)
    if len(taken.others) < MAX_REPORTED:
        taken.others.append(
            Sample(
                envelope.received_at,
                envelope.source_id,
                event["type"],
                event["type"],
                _SUPPRESSED,
                reason,
                "",
                b"{}",
            )
        )


def _count_other(taken: Taken, envelope: Envelope, event_type: str, name: str, result: str) -> None:
    counted = (envelope.source_id, event_type, name, result)
    taken.counts[counted] = taken.counts.get(counted, 0) + 1
