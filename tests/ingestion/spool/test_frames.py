"""Frames: what was written is read; of what was torn or damaged exactly the intact records."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.spool.frames import Damage, Frame, decode_frames, encode_frames, salvage
from streaming.contracts.records import NewRecord
from tests.ingestion.spool.conftest import NOW, numbers, records

RECORDS = st.lists(
    st.tuples(st.text(max_size=40), st.none() | st.binary(max_size=40), st.binary(max_size=400)).map(
        lambda fields: NewRecord(*fields)
    ),
    max_size=8,
)


def decoded(data: bytes) -> list[NewRecord]:
    return [frame.spooled.record for frame in decode_frames(data)]


@given(RECORDS, st.floats(0, 4e9))
def test_what_was_written_is_read(written, received_at):
    data = encode_frames(written, received_at)
    frames = list(decode_frames(data))
    assert [frame.spooled.record for frame in frames] == written
    assert all(abs(frame.spooled.received_at - received_at) < 1e-5 for frame in frames)
    assert [frame.end for frame in frames][-1:] == ([len(data)] if written else [])


@given(RECORDS, st.integers(0, 4000))
def test_a_torn_tail_costs_only_what_was_torn(written, length):
    data = encode_frames(written, NOW)[:length]
    found = decoded(data)
    assert found == written[: len(found)]
    assert len(encode_frames(written[: len(found) + 1], NOW)) > len(data) or found == written


@given(RECORDS)
def test_cut_at_any_byte_all_whole_records_are_kept_and_the_rest_is_shown(written):
    data = encode_frames(written, NOW)
    ends = [frame.end for frame in decode_frames(data)]
    for length in range(len(data) + 1):
        whole = sum(end <= length for end in ends)
        *kept, last = [*salvage(data[:length]), None]
        if length not in {0, *ends}:
            last = kept.pop()
        assert [frame.spooled.record for frame in kept if isinstance(frame, Frame)] == written[:whole]
        assert last == (None if length in {0, *ends} else Damage(ends[whole - 1] if whole else 0, length))


@given(st.integers(0, 2000), st.integers(1, 255))
def test_a_damaged_byte_costs_its_own_record_alone(position, change):
    written = records(20, size=20)
    data = bytearray(encode_frames(written, NOW))
    position %= len(data)
    data[position] ^= change
    found = list(salvage(bytes(data)))
    [damage] = [each for each in found if isinstance(each, Damage)]
    assert damage.begin <= position < damage.end
    kept = [each.spooled.record for each in found if isinstance(each, Frame)]
    lost = [record for record in written if record not in kept]
    assert len(lost) == 1
    assert kept == [record for record in written if record != lost[0]]


@given(
    st.lists(
        st.one_of(st.binary(max_size=60), RECORDS.map(lambda made: encode_frames(made, NOW))), max_size=6
    )
)
def test_no_byte_is_passed_over(parts):
    position = 0
    for each in salvage(b"".join(parts)):
        assert not isinstance(each, Damage) or each.begin == position
        position = each.end
    assert position == sum(map(len, parts))


@pytest.mark.parametrize(
    "tail", [b"\0" * 100, b"\xff" * 100, b"\x10\0\0\0" + b"\0" * 50], ids=["zeros", "ones", "length"]
)
def test_what_a_crash_leaves_behind_the_end_is_no_record(tail):
    assert numbers(decoded(encode_frames(records(3), NOW) + tail)) == [0, 1, 2]


@given(st.binary(max_size=300))
def test_any_bytes_can_be_looked_at(data):
    decoded(data)
