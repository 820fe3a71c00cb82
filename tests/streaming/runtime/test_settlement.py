"""Settling a batch, step by step, without a database."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from streaming.contracts.log import OffsetOutOfRange
from streaming.contracts.records import Bounds, Record, TopicPartition
from streaming.runtime.attempt import Attempts, Holding
from streaming.runtime.consumer import InvalidMessage, MessageRejected
from streaming.runtime.inbox import Inbox, Plan
from streaming.runtime.outcomes import SUSPECTS_IN_A_ROW, Settlement
from streaming.runtime.piece import Piece, ends_of
from streaming.runtime.positions import Position
from streaming.runtime.progress import Progress
from streaming.runtime.stopping import ConsumerStopped, Interrupted, OutboxGap
from streaming.runtime.timing import Timing
from tests.streaming.runtime.counting import Counting

PLACE = TopicPartition("t", 0)
OTHER = TopicPartition("t", 1)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
TIMING = Timing(first_pause=0.001, longest_pause=0.002, patience=0.2)


class Session:
    closed = broken = False


class Ledger:
    """Stands for the attempts: fails those with a record that `fail` raises for, and keeps what was committed."""

    def __init__(self, fail: Callable[[Piece], None]) -> None:
        self.fail = fail
        self.committed: list[list[int]] = []
        self.refused: list[int] = []
        self.end = 0
        self.inbox = Inbox()

    def commit(self, _holding: Holding, piece: Piece) -> None:
        self.fail(piece)
        assert piece.ends.get(PLACE, self.end) >= self.end
        self.committed.append([record.offset for record in piece.active])
        self.refused += [offset for _, _, offset in piece.refused]
        self.end = piece.ends.get(PLACE, self.end)

    def settle(self, piece: Piece) -> None:
        attempts = cast("Attempts", self)
        held = {place: Position(0, 1, 0, "log") for place in (PLACE, OTHER)}
        holding = Holding(cast("Any", Session()), held)
        Settlement(Counting(), attempts, self.inbox, Progress(), TIMING).settle(holding, piece)


def piece_of(*offsets: int) -> Piece:
    records = [Record(*PLACE, offset, None, None, (), NOW) for offset in offsets]
    return Piece(records, ends_of(records) if records else {PLACE: 99})


def piece_of_both() -> Piece:
    records = [Record(*place, 0, None, None, (), NOW) for place in (PLACE, OTHER)]
    return Piece(records, ends_of(records))


def failing(*bad: int) -> Callable[[Piece], None]:
    def fail(piece: Piece) -> None:
        if any(record.offset in bad for record in piece.active):
            raise RuntimeError

    return fail


@pytest.mark.parametrize("bad", [(0,), (7,), (3,), (0, 7), (2, 3, 4), (0, 1, 2, 4, 5, 6, 7)])
def test_the_bad_are_refused_the_good_are_committed_in_order(bad: tuple[int, ...]):
    ledger = Ledger(failing(*bad))
    ledger.settle(piece_of(*range(8)))
    assert [offset for part in ledger.committed for offset in part] == [n for n in range(8) if n not in bad]
    assert sorted(ledger.refused) == list(bad)
    assert ledger.end == 8


def test_nothing_is_committed_when_all_fail():
    ledger = Ledger(failing(*range(SUSPECTS_IN_A_ROW + 20)))
    with pytest.raises(ConsumerStopped, match="failed 3 times"):
        ledger.settle(piece_of(*range(SUSPECTS_IN_A_ROW + 20)))
    assert ledger.committed == []


def test_a_piece_without_records_is_no_proof_that_others_succeed():
    ledger = Ledger(failing(0))
    generation = ledger.inbox.clear_work()
    ledger.inbox.put_work(generation, piece_of())
    with pytest.raises(ConsumerStopped, match="no other message succeeded"):
        ledger.settle(piece_of(0))
    assert ledger.committed == []


def test_the_next_batch_is_proof_and_is_settled_too():
    ledger = Ledger(failing(0, 2))
    generation = ledger.inbox.clear_work()
    ledger.inbox.put_work(generation, piece_of(1, 2, 3))
    ledger.settle(piece_of(0))
    assert (ledger.committed, ledger.refused, ledger.end) == ([[1], [3]], [0, 2], 4)


@pytest.mark.parametrize(
    ("fault", "way_out"),
    [(OffsetOutOfRange(PLACE, 1, Bounds(5, 9)), "--from-start"), (OutboxGap("a gap", "t"), "--accept-gaps")],
)
def test_records_missing_behind_a_suspect_stop_the_consumer_by_rule(fault: Exception, way_out: str):
    ledger = Ledger(failing(0))
    ledger.inbox.put_work(ledger.inbox.clear_work(), fault)
    with pytest.raises(ConsumerStopped, match=f"consumer_reset counting --topic t .*{way_out}"):
        ledger.settle(piece_of(0))
    assert ledger.committed == []


def test_a_suspect_waits_no_longer_than_the_worker_may():
    ledger = Ledger(failing(0))
    ledger.inbox.post_plan(Plan(0, frozenset(), frozenset()))
    with pytest.raises(Interrupted):
        ledger.settle(piece_of(0))
    assert ledger.committed == []


def test_a_failure_without_a_message_is_not_blamed_on_one():
    def fail(_piece: Piece) -> None:
        raise RuntimeError

    ledger = Ledger(fail)
    with pytest.raises(RuntimeError):
        ledger.settle(piece_of())


def test_an_invalid_message_beside_a_partition_that_waits_is_refused_and_awaits_nobody():
    def fail(piece: Piece) -> None:
        for record in piece.active:
            if record.topic_partition == PLACE:
                raise InvalidMessage("it is invalid", record)
            raise MessageRejected

    ledger = Ledger(fail)
    ledger.settle(piece_of_both())
    assert (ledger.refused, ledger.end) == ([0], 1)


def test_a_second_suspect_does_not_take_the_place_of_the_first():
    """Of a neighbour that is rejected once, between failures that nobody knows."""
    moods = iter([RuntimeError, RuntimeError, MessageRejected, RuntimeError])

    def fail(piece: Piece) -> None:
        for record in piece.active:
            if record.topic_partition == PLACE and record.offset == 0:
                raise RuntimeError
            if record.topic_partition == OTHER:
                raise next(moods)

    ledger = Ledger(fail)
    ledger.inbox.put_work(ledger.inbox.clear_work(), piece_of(1))
    ledger.settle(piece_of_both())
    assert (ledger.refused, ledger.committed) == ([0, 0], [[1]])


def test_a_consumer_that_stops_names_the_message_that_failed_and_repeats_no_other_ones_reason():
    def fail(piece: Piece) -> None:
        for record in piece.active:
            if record.offset == 0:
                raise InvalidMessage("jane@example.com is no number", record)
            raise RuntimeError

    with pytest.raises(ConsumerStopped, match="the message t/0/1 failed 3 times") as stopped:
        Ledger(fail).settle(piece_of(0, 1))
    assert "jane" not in str(stopped.value)
