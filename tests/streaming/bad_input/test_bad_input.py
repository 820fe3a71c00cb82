"""What can never be processed becomes a dead letter with its bytes, its place and a reason; the rest goes on."""

import orjson
import pytest

from streaming.contracts.profiles import EVENTS_TOPIC, event_record
from streaming.contracts.records import NewRecord, TopicSpec
from tests.streaming.bad_input.corpus import ANCHOR, DERIVED, EVENTS, event
from tests.streaming.bad_input.raw_input import TOPIC, RawInput

pytestmark = pytest.mark.fault

_LETTERS = (
    'SELECT "offset", partition, key, value, reason FROM dead_letter WHERE topic = %s ORDER BY "offset"'
)


def test_every_bad_record_is_put_aside_with_its_bytes_and_the_event_after_it_is_applied(raw: RawInput):
    numbers = range(1, len(EVENTS) + 1)
    raw.append(numbers, EVENTS)
    raw.catch_up()
    letters = raw.rows(_LETTERS, TOPIC)
    assert [row[0] for row in letters] == [2 * place for place in range(len(EVENTS))]
    for poison, (_, partition, key, value, reason) in zip(EVENTS, letters, strict=True):
        assert poison.reason in reason, poison.name
        stood = [None if part is None else bytes(part) for part in (key, value)]
        assert (partition, stood) == (0, [poison.key, poison.value]), poison.name
    assert raw.applied() == {f"m{number}" for number in numbers}


READERS = ("behaviour", "sessions", "social")
_DERIVED = "SELECT consumer, value, reason FROM dead_letter WHERE topic = %s ORDER BY consumer, id"
_ENDS = "SELECT consumer, next_offset FROM consumer_position WHERE topic = %s"


def test_what_the_builder_did_not_write_is_put_aside_by_each_of_its_readers(raw: RawInput):
    raw.log.create_topics([TopicSpec(EVENTS_TOPIC, 1)])
    for poison in DERIVED:
        good = event_record(None, ANCHOR, 1, orjson.dumps(event()))
        raw.log.append([NewRecord(EVENTS_TOPIC, poison.key, poison.value, (), 0), good])
    raw.catch_up(*READERS)
    found = raw.rows(_DERIVED, EVENTS_TOPIC)
    stood = [(consumer, None if value is None else bytes(value)) for consumer, value, _ in found]
    assert stood == [(reader, poison.value) for reader in READERS for poison in DERIVED]
    for poison, (_, _, reason) in zip(DERIVED * len(READERS), found, strict=True):
        assert poison.reason in reason, poison.name
    assert dict(raw.rows(_ENDS, EVENTS_TOPIC)) == dict.fromkeys(READERS, 2 * len(DERIVED))
