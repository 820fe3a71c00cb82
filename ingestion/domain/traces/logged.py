"""Where a message stands in the log, while the log still has it, and whether a consumer put it aside."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from ingestion.domain.event_names import load_event_topics
from ingestion.domain.traces.arriving import finding_of, message_of, time_in
from ingestion.domain.traces.steps import Finding, Lead, Message, Outcome, Stage, Step
from streaming.contracts.events import OTHER_EVENTS_TOPIC
from streaming.contracts.log import EventLog
from streaming.contracts.profiles import EVENTS_TOPIC
from streaming.contracts.records import Record
from streaming.domain.queries.searching import Search, letters_naming, search_log
from streaming.enums import DeadLetterState

CLOCKS = timedelta(seconds=2)  # by which the log's clock may be behind that of the collector
IN_TIME = timedelta(seconds=5)
RECENT = timedelta(hours=1)
MOST_SEARCHED = 5  # messages that share an id


@dataclass(slots=True)
class Logged:
    """What the log has of messages, and what has to be said of the search."""

    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def in_the_log(message_id: str, *, log: EventLog, known: Sequence[Finding]) -> Logged:
    """Where the known messages stand in the log; without any, what arrived in the last hour under this id."""
    logged = Logged()
    sought: dict[Message, Finding] = {}
    for finding in known:
        if finding.received_at and not finding.message.is_refused and finding.names:
            sought.setdefault(finding.message, finding)
    if not known:
        since = datetime.now(UTC) - RECENT
        topics = [topic for topic in log.topics() if topic.startswith("events.")]
        _search(logged, message_id, log, topics, since=since, message=None)
    for message, finding in list(sought.items())[:MOST_SEARCHED]:
        assert finding.received_at is not None
        assert finding.names is not None
        kind, name = finding.names
        own = load_event_topics().topic_of(kind, name if kind == "track" else None)
        since = finding.received_at - CLOCKS
        topics = [own, OTHER_EVENTS_TOPIC, EVENTS_TOPIC]
        _search(logged, message_id, log, topics, since=since, message=message)
    return logged


def put_aside(message_id: str) -> list[Finding]:
    """The dead letters that are this message."""
    found = []
    for letter in letters_naming('"message_id":' + orjson.dumps(message_id).decode()):
        document = _document(bytes(letter.value or b""))
        if document is None or document.get("message_id") != message_id:
            continue
        state = DeadLetterState(letter.state).label.lower()
        details = {
            "consumer": letter.consumer,
            "topic": letter.topic,
            "partition": letter.partition,
            "offset": letter.offset,
        }
        step = Step(
            Stage.PUT_ASIDE, letter.created_at, f"The consumer {letter.consumer} put it aside ({state}).", details,
            Lead("dead_letter", str(letter.pk)),
        )  # fmt: skip
        found.append(finding_of(document, Outcome.DEAD_LETTER, [step]))
    return found


def _search(
    logged: Logged,
    message_id: str,
    log: EventLog,
    topics: Sequence[str],
    *,
    since: datetime,
    message: Message | None,
) -> None:
    needle = orjson.dumps(message_id)

    def is_sought(record: Record) -> bool:
        if record.value is None or needle not in record.value:
            return False
        document = _document(record.value)
        if document is None or document.get("message_id") != message_id:
            return False
        return message is None or message_of(document) == message

    search = search_log(log, list(dict.fromkeys(topics)), is_sought, since=since)
    for record in search.found:
        document = _document(record.value or b"")
        assert document is not None
        logged.findings.append(finding_of(document, Outcome.WAITING, [_step(record, document)]))
    _note(logged, search, was_sought=message is not None)


def _note(logged: Logged, search: Search, *, was_sought: bool) -> None:
    own = [each for each in search.found if each.topic != EVENTS_TOPIC]
    if search.trouble:
        note = f"The log could not be looked through: {search.trouble}"
    elif own or not was_sought:
        return
    elif search.was_whole:
        note = "The log no longer has it; the timeline is the record."
    else:
        note = "The log was not looked through to its end, because too much came since: it may still have it."
    if note not in logged.notes:
        logged.notes.append(note)


def _step(record: Record, document: dict[str, Any]) -> Step:
    details = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
    if record.topic == EVENTS_TOPIC:
        words = "The profile builder applied it and published it with the person it is of."
        return Step(Stage.PUBLISHED, record.appended_at, words, details)
    received_at = time_in(document, "received_at")
    late = record.appended_at - received_at if received_at else timedelta()
    words = "It was appended to the log"
    words += " late: it had waited in the spool." if late > IN_TIME else "."
    return Step(Stage.LOGGED, record.appended_at, words, details)


def _document(value: bytes) -> dict[str, Any] | None:
    """An event in the log's form, out of a record of either kind."""
    try:
        found = orjson.loads(value)
    except orjson.JSONDecodeError:
        return None
    if isinstance(found, dict) and isinstance(found.get("event"), dict) and "anchor" in found:
        found = found["event"]
    return found if isinstance(found, dict) and isinstance(found.get("source_id"), int) else None
