"""Pieces: halves and joins keep records, refusals and positions together."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from streaming.contracts.records import Record, TopicPartition
from streaming.runtime.piece import Piece, ends_of, place_of

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@st.composite
def pieces(draw) -> Piece:
    partitions = draw(st.lists(st.integers(0, 3), min_size=2, max_size=30))
    offsets = dict.fromkeys(range(4), 0)
    records = []
    for partition in partitions:
        offsets[partition] += 1
        records.append(Record("t", partition, offsets[partition], b"", b"", (), NOW))
    piece = Piece(records, {**ends_of(records), TopicPartition("quiet", 0): 5}, "prepared")
    refused = draw(st.sets(st.integers(0, len(records) - 1), max_size=len(records) - 2))
    for number in refused:
        piece.refuse(records[number], "bad")
    return piece


@settings(deadline=None)
@given(pieces())
def test_halves_are_the_whole(piece: Piece):
    first, second = piece.halves()
    assert [*first.records, *second.records] == list(piece.records)
    assert first.active
    assert second.active
    assert first.refused | second.refused == piece.refused
    assert {place_of(record) for record in first.records} >= first.refused.keys()
    assert first.ends == ends_of(first.records)
    joined = second.after(first)
    assert (list(joined.records), joined.ends, joined.refused) == (
        list(piece.records),
        piece.ends,
        piece.refused,
    )


@settings(deadline=None)
@given(pieces())
def test_what_is_refused_is_not_active(piece: Piece):
    assert [record for record in piece.records if place_of(record) not in piece.refused] == list(piece.active)
