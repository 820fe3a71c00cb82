"""What messages hold, and why some cannot be read."""

import pytest

from ingestion.sources.contract import RefusedRow, Row
from ingestion.sources.mqtt.broker import wanted_of
from ingestion.sources.mqtt.messages import ABOUT, MAX_PAYLOAD, row_of
from tests.ingestion.sources.mqtt.test_place import message

NAMES = frozenset({column.name for column in ABOUT} | {"t", "topic"})
JSON = wanted_of({"topics": "s/+"})
TEXT = wanted_of({"topics": "s/+", "payload": "text"})


def made(payload: bytes, wanted=JSON, **changes):
    return row_of(
        message(1, payload=payload.decode("latin-1"), **changes)._replace(payload=payload, size=len(payload)),
        "i",
        wanted,
        NAMES,
    )


def test_fields_stand_beside_what_is_known_of_the_message():
    row = made(
        b'{"t": 21.5, "topic": "its own", "left": "out"}',
        content_type="application/json",
        user_properties={"unit": "C"},
    )
    assert row == Row("i", {
        "t": 21.5, "topic": "s/1", "levels": ["s", "1"], "retained": False, "content_type": "application/json",
        "payload": {"t": 21.5, "topic": "its own", "left": "out"}, "user_properties": {"unit": "C"},
    })  # fmt: skip


@pytest.mark.parametrize(("payload", "wanted", "value"), [
    (b"21.5", JSON, 21.5), (b"[1, 2]", JSON, [1, 2]), (b" 21.5\n", TEXT, 21.5), (b"on", TEXT, "on"), (b"", TEXT, ""),
    (b"true", TEXT, "true"), (b"12345678901234567890123", TEXT, 1.2345678901234568e22),
])  # fmt: skip
def test_a_payload_may_be_a_plain_value(payload, wanted, value):
    row = made(payload, wanted)
    assert isinstance(row, Row)
    assert row.values["payload"] == value


@pytest.mark.parametrize(("payload", "wanted", "why"), [
    (b"{", JSON, "the message is not JSON"), (b"", JSON, "the message is empty"), (b"NaN", JSON, "the message is not JSON"),
    (b'{"t": "\xff"}', JSON, "the message is not JSON"), (b"\xff\xfe", TEXT, "the message is not UTF-8: byte 1"),
    (b"[" * 5000, JSON, "the message is not JSON"),
    (b"x" * (MAX_PAYLOAD + 1), TEXT, "the message has 131,073 bytes; at most 131,072 are taken"),
])  # fmt: skip
def test_a_payload_that_cannot_be_read_is_told(payload, wanted, why):
    refused = made(payload, wanted)
    assert isinstance(refused, RefusedRow)
    assert refused.reason.startswith(why)
    assert len(refused.values["payload"]) <= 200


def test_a_topic_that_is_no_text_is_told():
    assert made(b"1", topic=None) == RefusedRow("the topic is not UTF-8", {"topic": None, "payload": "1"})
