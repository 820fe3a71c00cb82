"""Payloads: what was appended is what is read, byte for byte."""

import pytest

from streaming.contracts.records import NewRecord
from tests.streaming.contract.subject import Subject, content

ODD = {
    "empty value": (b"key", b"", ()),
    "tombstone": (b"key", None, ()),
    "no key": (None, b"value", ()),
    "empty key": (b"", b"value", ()),
    "NUL bytes": (b"\x00", b"\x00\x00\x00", ()),
    "not UTF-8": (b"\xff\xfe", bytes(range(256)), ()),
    "looks like COPY's end": (b"\xff\xff", b"\\.\n\xff\xff\xff\xff", ()),
    "headers": (b"key", b"value", (("a", b""), ("b", b"\x00\xff"), ("a", b"again"), ("größe", b"1"))),
    "headers of a tombstone": (None, None, (("reason", b"erased"),)),
    "one megabyte": (b"key", b"\x00\xf0" * 524_288, ()),
    "long key": (b"k" * 10_000, b"value", ()),
}


@pytest.mark.parametrize(("key", "value", "headers"), ODD.values(), ids=ODD.keys())
def test_an_odd_payload_survives(subject: Subject, key, value, headers):
    topic = subject.topic()
    subject.log.append([NewRecord(topic, key, value, headers)])
    (record,) = subject.read_topic(topic)
    assert (record.key, record.value, record.headers) == (key, value, headers)


def test_odd_payloads_survive_together(subject: Subject):
    topic = subject.topic()
    sent = [NewRecord(topic, *payload) for payload in ODD.values()]
    subject.log.append(sent)
    received = subject.read_topic(topic)
    assert [(r.key, r.value, r.headers) for r in received] == [(r.key, r.value, r.headers) for r in sent]


def test_large_records_in_number(subject: Subject):
    topic = subject.topic()
    for number in range(20):
        subject.log.append([NewRecord(topic, b"key", bytes([number]) * 1_000_000)])
    values = [content(record) for record in subject.read_topic(topic)]
    assert [(value[0], len(set(value)), len(value)) for value in values] == [
        (n, 1, 1_000_000) for n in range(20)
    ]
