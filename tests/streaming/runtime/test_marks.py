"""A record's place in its lane, and what is no such place."""

from datetime import UTC, datetime

import pytest

from streaming.contracts.records import Record, TopicPartition
from streaming.runtime.outbox.marks import LANE_HEADER, LaneFilter, LaneNumber, lane_number

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def record(header: bytes) -> Record:
    return Record("t", 0, 0, b"k", b"v", ((LANE_HEADER, header),), NOW)


def test_what_a_lane_writes_is_read():
    place = LaneNumber(3, 2**40, 2**50, 0)
    assert lane_number(record(place.header)) == place


@pytest.mark.parametrize(
    "header",
    [b"", b"1 2 3", b"1 2 3 4 5", b"1 2 3 x", b"1 2 3 -4", "١ 2 3 4".encode(), b"1 2 3 " + b"9" * 5000],
)
def test_a_header_that_no_lane_wrote_does_not_keep_its_record_from_being_read(header: bytes):
    stranger = record(header)
    assert lane_number(stranger) is None
    assert LaneFilter({}, {TopicPartition("t", 0): 0}, []).admit([stranger, stranger]) == (
        [stranger, stranger],
        None,
    )
