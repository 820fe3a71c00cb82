"""Reading ahead: nothing that was read is lost when the log goes away in between."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from streaming.contracts.log import LogUnavailable, OffsetOutOfRange
from streaming.contracts.records import Bounds, Record, TopicPartition
from streaming.memory.log import MemoryLog
from streaming.runtime.inbox import READ_AHEAD_PIECES, Inbox
from streaming.runtime.intake import MAX_BATCH_BYTES, Intake
from streaming.runtime.piece import Piece
from streaming.runtime.progress import Progress
from tests.streaming.runtime.counting import Counting
from tests.waiting import eventually

PLACE = TopicPartition("numbers.a", 0)


def record(offset: int, value: bytes | None = b"v") -> Record:
    return Record(*PLACE, offset, b"k", value, (), datetime.now(UTC))


class Script:
    """A reader that returns and raises what it is told, then nothing."""

    def __init__(self, *steps: list[Record] | Exception) -> None:
        self.steps = list(steps)
        self.position = 0
        self.assigned: list[dict[TopicPartition, int]] = []

    def assign(self, positions):
        self.position = positions[PLACE]
        self.assigned.append(dict(positions))

    def poll(self, max_records: int, timeout: float) -> list[Record]:
        if not self.steps:
            time.sleep(min(timeout, 0.01))
            return []
        step = self.steps.pop(0)
        if isinstance(step, Exception):
            raise step
        self.position = step[-1].offset + 1
        return step

    def positions(self):
        return {PLACE: self.position}

    def close(self):
        pass


class Told(Progress):
    """Keeps what it was told of the log."""

    def __init__(self) -> None:
        super().__init__()
        self.troubles: list[str] = []

    def wait_for_log(self, why: str) -> None:
        super().wait_for_log(why)
        self.troubles.append(why)


class Setting:
    def __init__(self) -> None:
        self.inbox, self.progress = Inbox(), Told()
        self.log, self.consumer = MemoryLog(), Counting(max_wait=0.2)
        self.intake = Intake(self.consumer, self.log, self.inbox, self.progress)

    def read(self, *steps: list[Record] | Exception) -> Script:
        script = Script(*steps)
        self.log.reader = lambda: script  # type: ignore[method-assign,assignment,return-value]
        self.intake.start()
        self.intake.assign({PLACE: 0})
        return script

    def offsets(self) -> list[int]:
        piece = self.inbox.take_work(10)
        assert isinstance(piece, Piece)
        return [each.offset for each in piece.records]


@pytest.fixture
def setting() -> Iterator[Setting]:
    setting = Setting()
    yield setting
    setting.intake.close()
    setting.log.close()


def test_records_before_a_trouble_of_the_log_are_not_lost(setting: Setting):
    setting.read([record(0), record(1)], LogUnavailable("away"), [record(2)])
    assert setting.offsets() == [0, 1]
    assert setting.offsets() == [2]


def test_records_before_an_offset_out_of_range_come_first(setting: Setting):
    error = OffsetOutOfRange(PLACE, 2, Bounds(5, 9))
    setting.read([record(0)], error, error)
    assert setting.offsets() == [0]
    with pytest.raises(OffsetOutOfRange):
        setting.inbox.take_work(10)


def test_a_log_that_is_away_is_told_of_and_waited_for(setting: Setting):
    setting.read(LogUnavailable("away"), [record(0)])
    assert setting.offsets() == [0]
    assert setting.progress.troubles[0] == "away"
    assert setting.progress.troubles[-1] == ""


def test_no_more_is_read_ahead_than_there_is_room_for(setting: Setting):
    script = setting.read(*([record(number)] * 50 for number in range(10)))
    eventually(lambda: len(script.steps) <= 10 - READ_AHEAD_PIECES, "the first pieces")
    time.sleep(0.1)  # what is read now is too much
    assert len(script.steps) >= 10 - READ_AHEAD_PIECES - 1


def test_a_batch_closes_at_a_number_of_bytes(setting: Setting):
    setting.consumer.max_wait = 30
    quarter = bytes(MAX_BATCH_BYTES // 4)
    setting.read(*([record(number, quarter)] for number in range(8)), [record(8, None)])
    assert setting.offsets() == [0, 1, 2, 3]
    assert setting.offsets() == [4, 5, 6, 7]


def test_a_new_assignment_drops_what_was_read_for_the_former_one(setting: Setting):
    script = setting.read([record(0)], [record(1)])
    eventually(lambda: not script.steps, "reading")
    setting.intake.assign({PLACE: 7})
    eventually(lambda: script.assigned[-1] == {PLACE: 7}, "the assignment")
    script.steps = [[record(7)]]
    assert setting.offsets() == [7]
